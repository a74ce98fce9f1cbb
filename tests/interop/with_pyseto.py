"""pyseto, asked once: requests on the standard input, an answer to each on the standard output, both JSON.

Keys travel as PASERK.
"""

import json
import secrets
import sys

import pyseto
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ed25519
from pyseto import Key


def generate(request):
    if request["purpose"] == "local":
        key = Key.new(4, "local", secrets.token_bytes(32))
        return {"secret": key.to_paserk(), "id": key.to_paserk_id()}
    pair = ed25519.Ed25519PrivateKey.generate()
    secret_pem = pair.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public_pem = pair.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    secret, public = Key.new(4, "public", secret_pem), Key.new(4, "public", public_pem)
    return {"secret": secret.to_paserk(), "public": public.to_paserk(), "id": public.to_paserk_id()}


def identify(request):
    return {"id": Key.from_paserk(request["key"]).to_paserk_id()}


def sign(request):
    key = Key.from_paserk(request["key"])
    footer = json.dumps(request["footer"]) if request["footer"] else b""
    token = pyseto.encode(key, request["claims"], footer, request["implicit"])
    return {"token": token.decode()}


def verify(request):
    key = Key.from_paserk(request["key"])
    try:
        token = pyseto.Paseto.new().decode(
            key, request["token"], request["implicit"], json, request["audience"]
        )
    except (pyseto.VerifyError, pyseto.DecryptError, ValueError) as error:
        return {"refused": str(error)}
    return {"claims": token.payload, "footer": token.footer or None}


answers = {"generate": generate, "identify": identify, "sign": sign, "verify": verify}
json.dump([answers[asked["do"]](asked) for asked in json.load(sys.stdin)], sys.stdout, default=bytes.decode)
