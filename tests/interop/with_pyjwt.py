"""PyJWT, asked once: requests on the standard input, an answer to each on the standard output, both JSON.

Keys travel as the text of a JWK, as that of a set of them or as PEM, whichever the request has.
"""

import json
import secrets
import sys

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

CURVES = {"ES256": ec.SECP256R1, "ES384": ec.SECP384R1}


def generate(request):
    name = request["algorithm"]
    algorithm = jwt.get_algorithm_by_name(name)
    if name.startswith("HS"):
        return {"secret": {"jwk": jwk(algorithm, secrets.token_bytes(32), name)}}
    if name in CURVES:
        secret = ec.generate_private_key(CURVES[name]())
    elif name == "EdDSA":
        secret = ed25519.Ed25519PrivateKey.generate()
    else:
        secret = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = secret.public_key()
    private_pem = secret.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public_pem = public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return {
        "secret": {"jwk": jwk(algorithm, secret, name), "pem": private_pem.decode()},
        "public": {"jwk": jwk(algorithm, public, name), "pem": public_pem.decode()},
    }


def jwk(algorithm, key, name):
    """As PyJWT writes it, and with the algorithm where the type of the key does not say it."""
    members = algorithm.to_jwk(key, as_dict=True)
    if members["kty"] in ("RSA", "oct"):
        members["alg"] = name
    return json.dumps(members)


def key_of(request):
    key = request["key"]
    if "jwks" in key:
        kid = jwt.get_unverified_header(request["token"])["kid"]
        try:
            return jwt.PyJWKSet.from_json(key["jwks"])[kid].key
        except KeyError as error:
            raise jwt.InvalidTokenError("of an unknown key") from error
    return jwt.PyJWK.from_json(key["jwk"], request["algorithm"]).key if "jwk" in key else key["pem"]


def sign(request):
    headers = {"kid": request["kid"]} if request["kid"] else None
    return {"token": jwt.encode(request["claims"], key_of(request), request["algorithm"], headers)}


def verify(request):
    try:
        token = jwt.decode_complete(
            request["token"],
            key_of(request),
            [request["algorithm"]],
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
            issuer=request["issuer"],
            audience=request["audience"],
        )
    except jwt.InvalidTokenError as error:
        return {"refused": type(error).__name__}
    return {"header": token["header"], "claims": token["payload"]}


answers = {"generate": generate, "sign": sign, "verify": verify}
json.dump([answers[asked["do"]](asked) for asked in json.load(sys.stdin)], sys.stdout)
