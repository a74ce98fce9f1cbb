//! [PASETO v3.public]: ECDSA over P-384 with SHA-384.
//!
//! [PASETO v3.public]: https://github.com/paseto-standard/paseto-spec/blob/master/docs/01-Protocol-Versions/Version3.md

#[cfg(not(feature = "paseto-v3"))]
mod disabled;
#[cfg(feature = "paseto-v3")]
mod enabled;

#[cfg(not(feature = "paseto-v3"))]
pub(super) use disabled::{PublicKey, SecretKey};
#[cfg(feature = "paseto-v3")]
pub(super) use enabled::{PublicKey, SecretKey};
