//! Keys as text: [PASERK].
//!
//! [PASERK]: https://github.com/paseto-standard/paserk

use aws_lc_rs::digest::{self, SHA384};
use blake2b_simd::Params;

use super::Kind;
use crate::{base64url, keyring::KeyId};

/// How PASERKs of one kind of key begin.
pub(super) struct Names {
    /// The key that verifies.
    pub(super) verifying: &'static str,
    /// The key that signs.
    pub(super) signing: &'static str,
    /// The id of the first.
    pub(super) verifying_id: &'static str,
    /// The id of the second.
    pub(super) signing_id: &'static str,
}

impl Names {
    pub(super) const fn of(kind: Kind) -> Self {
        match kind {
            Kind::V4Local => Self {
                verifying: "k4.local.",
                signing: "k4.local.",
                verifying_id: "k4.lid.",
                signing_id: "k4.lid.",
            },
            Kind::V4Public => Self {
                verifying: "k4.public.",
                signing: "k4.secret.",
                verifying_id: "k4.pid.",
                signing_id: "k4.sid.",
            },
            Kind::V3Public => Self {
                verifying: "k3.public.",
                signing: "k3.secret.",
                verifying_id: "k3.pid.",
                signing_id: "k3.sid.",
            },
        }
    }
}

/// `key` as text.
pub(super) fn encode(name: &str, key: &[u8]) -> String {
    format!("{name}{}", base64url::encode(key))
}

/// The [id] of the key that is `paserk` as text.
///
/// [id]: https://github.com/paseto-standard/paserk/blob/master/operations/ID.md
pub(super) fn id(kind: Kind, name: &str, paserk: &str) -> KeyId {
    let id = match kind {
        Kind::V4Local | Kind::V4Public => {
            let mut state = Params::new().hash_length(ID_BYTES).to_state();
            state.update(name.as_bytes()).update(paserk.as_bytes());
            encode(name, state.finalize().as_bytes())
        }
        Kind::V3Public => {
            let mut state = digest::Context::new(&SHA384);
            state.update(name.as_bytes());
            state.update(paserk.as_bytes());
            let hash = state.finish();
            encode(name, hash.as_ref().get(..ID_BYTES).unwrap_or_default())
        }
    };
    KeyId::new(id)
}

/// Whether `text` may be a PASERK, of whatever type.
pub(super) fn is_one(text: &str) -> bool {
    matches!(text.as_bytes(), [b'k', b'1'..=b'9', b'.', rest @ ..] if rest.contains(&b'.'))
}

const ID_BYTES: usize = 33;
