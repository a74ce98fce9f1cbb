// jose, asked once: requests on the standard input, an answer to each on the standard output, both JSON.
//
// Keys travel as the text of a JWK, as that of a set of them or as PEM, whichever the request has.

import { text } from "node:stream/consumers";
import * as jose from "jose";

const generate = async ({ algorithm }) => {
    if (algorithm.startsWith("HS")) {
        const secret = await jose.generateSecret(algorithm, { extractable: true });
        return { secret: { jwk: await jwk(secret, algorithm) } };
    }
    const { privateKey, publicKey } = await jose.generateKeyPair(algorithm, { extractable: true });
    return {
        secret: { jwk: await jwk(privateKey, algorithm), pem: await jose.exportPKCS8(privateKey) },
        public: { jwk: await jwk(publicKey, algorithm), pem: await jose.exportSPKI(publicKey) },
    };
};

// As its documentation has it: with its thumbprint as its id, and what it is for.
const jwk = async (key, alg) => {
    const members = await jose.exportJWK(key);
    return JSON.stringify({ ...members, kid: await jose.calculateJwkThumbprint(members), alg, use: "sig" });
};

const thumbprint = async ({ key }) => ({ thumbprint: await jose.calculateJwkThumbprint(JSON.parse(key.jwk)) });

const sign = async ({ algorithm, key, kid, claims }) => {
    const imported = key.jwk
        ? await jose.importJWK(JSON.parse(key.jwk), algorithm)
        : await jose.importPKCS8(key.pem, algorithm);
    const header = { alg: algorithm, typ: "JWT", ...(kid && { kid }) };
    return { token: await new jose.SignJWT(claims).setProtectedHeader(header).sign(imported) };
};

const verify = async ({ algorithm, key, token, issuer, audience }) => {
    const imported = key.jwks
        ? jose.createLocalJWKSet(JSON.parse(key.jwks))
        : key.jwk
          ? await jose.importJWK(JSON.parse(key.jwk), algorithm)
          : await jose.importSPKI(key.pem, algorithm);
    const requiredClaims = ["exp", "iat", "sub"];
    try {
        const { protectedHeader, payload } = await jose.jwtVerify(token, imported, {
            algorithms: [algorithm],
            issuer,
            audience,
            requiredClaims,
        });
        return { header: protectedHeader, claims: payload };
    } catch (error) {
        if (error instanceof jose.errors.JOSEError) {
            return { refused: error.code };
        }
        throw error;
    }
};

const answers = { generate, thumbprint, sign, verify };
const answered = [];
for (const asked of JSON.parse(await text(process.stdin))) {
    answered.push(await answers[asked.do](asked));
}
process.stdout.write(JSON.stringify(answered));
