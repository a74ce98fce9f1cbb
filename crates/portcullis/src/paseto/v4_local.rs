//! [PASETO v4.local]: XChaCha20, and keyed BLAKE2b over everything.
//!
//! [PASETO v4.local]: https://github.com/paseto-standard/paseto-spec/blob/master/docs/01-Protocol-Versions/Version4.md

use std::{fmt, hint};

use aws_lc_rs::constant_time;
use blake2b_simd::{Params, State};
use chacha20::{KeyIvInit, XChaCha20, cipher::StreamCipher};
use portcullis_core::Secret;

use super::{Kind, pae};

/// A shared key, prepared: the hashes that split it for each token have taken in the key and their purpose already.
pub(super) struct Key {
    secret: Secret,
    encryption: State,
    authentication: State,
}

impl Key {
    pub(super) fn new(secret: Secret) -> Self {
        let state = |length, purpose: &[u8]| {
            let mut state = Params::new().hash_length(length).key(secret.expose()).to_state();
            state.update(purpose);
            state
        };
        let encryption = state(ENCRYPTION_KEY_BYTES + STREAM_NONCE_BYTES, b"paseto-encryption-key");
        let authentication = state(TAG_BYTES, b"paseto-auth-key-for-aead");
        Self { secret, encryption, authentication }
    }

    pub(super) const fn secret(&self) -> &Secret {
        &self.secret
    }

    /// The body of a token: the nonce, `message` encrypted, the tag.
    pub(super) fn seal(
        &self,
        nonce: &[u8; NONCE_BYTES],
        message: &[u8],
        footer: &[u8],
        assertion: &[u8],
    ) -> Vec<u8> {
        let mut body = Vec::with_capacity(NONCE_BYTES + message.len() + TAG_BYTES);
        body.extend_from_slice(nonce);
        body.extend_from_slice(message);
        let (_, text) = body.split_at_mut(NONCE_BYTES);
        self.crypt(nonce, text);
        let tag = self.tag(nonce, text, footer, assertion);
        body.extend_from_slice(&tag);
        body
    }

    /// Turns `body` into the message that was sealed, if it was sealed so; else it is left as it is.
    pub(super) fn open(&self, body: &mut Vec<u8>, footer: &[u8], assertion: &[u8]) -> bool {
        let Some((nonce, rest)) = body.split_first_chunk_mut::<NONCE_BYTES>() else { return false };
        let Some((text, tag)) = rest.split_last_chunk_mut::<TAG_BYTES>() else { return false };
        let expected = self.tag(nonce, text, footer, assertion);
        if constant_time::verify_slices_are_equal(&expected, tag).is_err() {
            return false;
        }
        self.crypt(nonce, text);
        body.truncate(body.len() - TAG_BYTES);
        body.drain(..NONCE_BYTES);
        true
    }

    fn crypt(&self, nonce: &[u8; NONCE_BYTES], text: &mut [u8]) {
        let mut state = self.encryption.clone();
        let split = state.update(nonce).finalize();
        let (mut key, mut stream_nonce) = ([0; ENCRYPTION_KEY_BYTES], [0; STREAM_NONCE_BYTES]);
        let (left, right) = split.as_bytes().split_at(ENCRYPTION_KEY_BYTES);
        key.copy_from_slice(left);
        stream_nonce.copy_from_slice(right);
        XChaCha20::new(&key.into(), &stream_nonce.into()).apply_keystream(text);
    }

    fn tag(&self, nonce: &[u8], text: &[u8], footer: &[u8], assertion: &[u8]) -> [u8; TAG_BYTES] {
        let mut state = self.authentication.clone();
        let key = state.update(nonce).finalize();
        let mut state = Params::new().hash_length(TAG_BYTES).key(key.as_bytes()).to_state();
        let header = Kind::V4Local.header().as_bytes();
        pae::feed([header, nonce, text, footer, assertion], |bytes| {
            state.update(bytes);
        });
        let mut tag = [0; TAG_BYTES];
        tag.copy_from_slice(state.finalize().as_bytes());
        tag
    }
}

impl Drop for Key {
    /// The states are as good as the key.
    fn drop(&mut self) {
        for state in [&mut self.encryption, &mut self.authentication] {
            *state = State::new();
            // Else nothing would ever read what was just written, and the compiler could leave it out.
            hint::black_box(state);
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("v4_local::Key(redacted)")
    }
}

pub(super) const NONCE_BYTES: usize = 32;
const ENCRYPTION_KEY_BYTES: usize = 32;
const STREAM_NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 32;
