//! [PASETO v4.public]: Ed25519, by the rule that JWT `EdDSA` is held to as well.
//!
//! [PASETO v4.public]: https://github.com/paseto-standard/paseto-spec/blob/master/docs/01-Protocol-Versions/Version4.md

use std::fmt;

use portcullis_core::Secret;

use super::{Kind, pae};
use crate::{
    ed25519::{self, PUBLIC_BYTES, SEED_BYTES, SIGNATURE_BYTES},
    keyring::{KeyError, KeyErrorKind},
};

/// A key that signs, with what it was made of.
pub(super) struct SecretKey {
    seed: Secret,
    key: ed25519::PrivateKey,
}

impl SecretKey {
    pub(super) fn from_seed(seed: Secret) -> Result<Self, KeyError> {
        let key = ed25519::PrivateKey::from_seed(seed.expose())?;
        Ok(Self { seed, key })
    }

    /// Of a seed and the public key it gives, as `k4.secret` has them. A public half of another seed would make the signatures give the key away.
    pub(super) fn from_halves(halves: &[u8; SECRET_BYTES]) -> Result<Self, KeyError> {
        let (Some(seed), Some(public)) =
            (halves.first_chunk::<SEED_BYTES>(), halves.last_chunk::<PUBLIC_BYTES>())
        else {
            return Err(KeyErrorKind::Malformed.into());
        };
        let key = Self::from_seed(Secret::from_bytes(*seed))?;
        if key.key.public().bytes() == public { Ok(key) } else { Err(KeyErrorKind::Contradiction.into()) }
    }

    pub(super) fn halves(&self) -> [u8; SECRET_BYTES] {
        let mut halves = [0; SECRET_BYTES];
        let parts = self.seed.expose().iter().chain(self.key.public().bytes());
        halves.iter_mut().zip(parts).for_each(|(half, byte)| *half = *byte);
        halves
    }

    pub(super) const fn public(&self) -> &ed25519::PublicKey {
        self.key.public()
    }

    /// The body of a token: `message`, the signature.
    pub(super) fn sign(&self, message: &[u8], footer: &[u8], assertion: &[u8]) -> Vec<u8> {
        let signature = self.key.sign(&signed(message, footer, assertion));
        [message, &signature].concat()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("v4_public::SecretKey(redacted)")
    }
}

/// Turns `body` into the message that was signed, if it was signed so; else it is left as it is.
pub(super) fn open(key: &ed25519::PublicKey, body: &mut Vec<u8>, footer: &[u8], assertion: &[u8]) -> bool {
    let Some((message, signature)) = body.split_last_chunk::<SIGNATURE_BYTES>() else { return false };
    if !key.verify(&signed(message, footer, assertion), signature) {
        return false;
    }
    body.truncate(message.len());
    true
}

fn signed(message: &[u8], footer: &[u8], assertion: &[u8]) -> Vec<u8> {
    pae::encode([Kind::V4Public.header().as_bytes(), message, footer, assertion])
}

/// The length of `k4.secret`: a seed and a public key.
pub(super) const SECRET_BYTES: usize = SEED_BYTES + PUBLIC_BYTES;
