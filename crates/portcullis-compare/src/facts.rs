use portcullis::{jwt::Algorithm, paseto};
use serde::Serialize;

/// What no stopwatch shows of a credential: a sentence each.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Facts {
    /// Whether who sees the credential learns nothing of what it stands for.
    pub confidential: bool,
    /// What who sees the credential can read. Until it ends they can also use it, whatever it is.
    pub eavesdropper: &'static str,
    /// What must be configured right to be safe.
    pub configure: &'static str,
    /// How the key is told, and changed.
    pub keys: &'static str,
    /// How and how soon a revocation is honoured everywhere.
    pub revocation: &'static str,
    /// What was measured.
    pub implementation: &'static str,
}

impl Facts {
    pub(crate) const fn of_jwt(algorithm: Algorithm) -> Self {
        let shared = matches!(algorithm, Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512);
        Self {
            confidential: false,
            eavesdropper: READABLE,
            configure: if shared { JWT_SHARED } else { JWT_PAIR },
            keys: if shared { KID_SHARED } else { KID_PAIR },
            revocation: REVOCATION_OF_TOKENS,
            implementation: match algorithm {
                Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => "aws-lc-rs: HMAC, by assembler",
                Algorithm::Rs256
                | Algorithm::Rs384
                | Algorithm::Rs512
                | Algorithm::Ps256
                | Algorithm::Ps384
                | Algorithm::Ps512 => "aws-lc-rs: RSA of 2048 bits, by assembler",
                Algorithm::Es256 => "aws-lc-rs: P-256, by assembler made for this curve",
                Algorithm::Es384 => P384,
                Algorithm::EdDsa => ED25519,
                _ => "aws-lc-rs",
            },
        }
    }

    pub(crate) const fn of_paseto(kind: paseto::Kind) -> Self {
        let local = matches!(kind, paseto::Kind::V4Local);
        Self {
            confidential: local,
            eavesdropper: if local { "its length and the key's id: it is encrypted" } else { READABLE },
            configure: if local { PASETO_LOCAL } else { PASETO_PUBLIC },
            keys: if local { PASERK_LOCAL } else { PASERK_PUBLIC },
            revocation: REVOCATION_OF_TOKENS,
            implementation: match kind {
                paseto::Kind::V4Local => "blake2b_simd and chacha20: vectorised Rust",
                paseto::Kind::V4Public => ED25519,
                paseto::Kind::V3Public => P384,
                _ => "aws-lc-rs",
            },
        }
    }

    pub(crate) const fn of_session_in_memory() -> Self {
        Self { implementation: "portcullis: the memory store of this process", ..Self::of_session_in_store() }
    }

    pub(crate) const fn of_session_in_store() -> Self {
        Self {
            confidential: true,
            eavesdropper: "nothing: it is a random number",
            configure: "the store: shared by all servers, and kept from everybody else",
            keys: "there is no key to keep or to change",
            revocation: "at once, everywhere: the record is gone from the store that each request asks",
            implementation: "portcullis, and the store behind that URL",
        }
    }
}

const JWT_SHARED: &str =
    "issuer, audience, and one algorithm for the key; whoever verifies has the key, and can forge";
const JWT_PAIR: &str =
    "issuer, audience, and one algorithm for the key; verifiers need the public key from where they trust it";
const PASETO_LOCAL: &str =
    "issuer and audience; whoever verifies has the key, and can read and forge; the key fixes the algorithm";
const PASETO_PUBLIC: &str = "issuer and audience; verifiers need the public key from where they trust it; the key fixes the algorithm";
const KID_SHARED: &str = "`kid`, any text; a new key reaches every verifier secretly before it signs";
const KID_PAIR: &str = "`kid`, any text; a new public key is published (a JWK Set) before its half signs";
const PASERK_LOCAL: &str =
    "a hash of the key, in the footer; a new key reaches every verifier secretly before it signs";
const PASERK_PUBLIC: &str =
    "a hash of the key, in the footer; a new public key is published before its half signs";
const REVOCATION_OF_TOKENS: &str = "not before its end; or by a layer with revocations, which asks a store: within 5 s, and at once where it was revoked";
const READABLE: &str = "every claim: it is signed, not encrypted";
const P384: &str = "aws-lc-rs: P-384, by code in C and general assembler";
const ED25519: &str = "aws-lc-rs: Ed25519, by assembler, and one rule for both formats";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_encrypted_or_says_nothing_is_confidential() {
        for algorithm in Algorithm::ALL {
            assert!(!Facts::of_jwt(algorithm).confidential, "{algorithm:?}");
        }
        assert!(Facts::of_paseto(paseto::Kind::V4Local).confidential);
        assert!(!Facts::of_paseto(paseto::Kind::V4Public).confidential);
        assert!(!Facts::of_paseto(paseto::Kind::V3Public).confidential);
        assert!(Facts::of_session_in_memory().confidential && Facts::of_session_in_store().confidential);
    }

    /// The two are compared so that nothing but the formats differs.
    #[test]
    fn ed25519_is_the_same_code_in_both_formats() {
        let (jwt, paseto) = (Facts::of_jwt(Algorithm::EdDsa), Facts::of_paseto(paseto::Kind::V4Public));
        assert_eq!(jwt.implementation, paseto.implementation);
    }
}
