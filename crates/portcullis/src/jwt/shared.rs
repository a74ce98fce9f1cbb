use std::fmt;

use aws_lc_rs::{constant_time, hmac};
use zeroize::Zeroizing;

use super::{der, pem};
use crate::{
    json::{self, JsonError},
    keyring::{KeyError, KeyErrorKind},
};

/// A key that signs and verifies, prepared.
pub(super) struct SharedKey {
    bytes: Zeroizing<Vec<u8>>,
    prepared: hmac::Key,
}

impl SharedKey {
    /// A key that somebody brought.
    pub(super) fn new(algorithm: hmac::Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        // RFC 7518 §3.2: as long as the hash's output, at least (T31).
        if bytes.len() < algorithm.tag_len() {
            return Err(KeyErrorKind::TooShort.into());
        }
        if is_public(bytes) {
            return Err(KeyErrorKind::Contradiction.into());
        }
        Ok(Self::drawn(algorithm, Zeroizing::new(bytes.to_vec())))
    }

    /// A key that was drawn for it.
    pub(super) fn drawn(algorithm: hmac::Algorithm, bytes: Zeroizing<Vec<u8>>) -> Self {
        Self { prepared: hmac::Key::new(algorithm, &bytes), bytes }
    }

    pub(super) fn expose(&self) -> &[u8] {
        &self.bytes
    }

    pub(super) fn verify(&self, signed: &[u8], tag: &[u8]) -> bool {
        hmac::verify(&self.prepared, signed, tag).is_ok()
    }

    pub(super) fn sign(&self, message: &[u8]) -> hmac::Tag {
        hmac::sign(&self.prepared, message)
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(&self.bytes, &other.bytes).is_ok()
    }
}

impl fmt::Debug for SharedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedKey(redacted)")
    }
}

/// Whether `bytes` are what others have too: a public key or a certificate, or a whole file with a key (T22).
///
/// A verifier that is fed the public key where the shared one belongs lets everybody sign who can read it.
fn is_public(bytes: &[u8]) -> bool {
    let text = bytes.trim_ascii();
    if der::is_key(bytes) || der::is_key(text) {
        return true;
    }
    let Ok(text) = std::str::from_utf8(text) else { return false };
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.contains(pem::BEGIN)
        || SSH.into_iter().any(|kind| text.starts_with(kind))
        || is_jwk(text)
        || pem::decode(text).is_some_and(|bytes| der::is_key(&bytes))
}

fn is_jwk(text: &str) -> bool {
    let mut found = false;
    let read: Result<(), JsonError> = json::members(text, |name, _| {
        found |= name.is("kty") || name.is("keys");
        Ok(())
    });
    found && read.is_ok()
}

/// How a line of OpenSSH's begins.
const SSH: [&str; 3] = ["ssh-rsa ", "ssh-ed25519 ", "ecdsa-sha2-"];
