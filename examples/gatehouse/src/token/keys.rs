use std::path::Path;

use portcullis::{
    jwt::{Algorithm, JwtKey, JwtKeys},
    keyring::KeyError,
    paseto::{Kind, PasetoKey, PasetoKeys},
};

use super::key_file::{self, KeyFileError};

/// The keys of both formats. Both sign with Ed25519, so the two tokens differ in nothing but their format.
#[derive(Clone, Debug)]
pub struct TokenKeys {
    pub(super) jwt: JwtKeys,
    pub(super) paseto: PasetoKeys,
}

impl TokenKeys {
    /// New keys, which nobody else has and which end with the program.
    ///
    /// # Errors
    ///
    /// The operating system has no randomness to give.
    pub fn generate() -> Result<Self, KeyError> {
        Ok(Self {
            jwt: JwtKey::generate(Algorithm::EdDsa)?.into(),
            paseto: PasetoKey::generate(Kind::V4Public)?.into(),
        })
    }

    /// The keys in the file at `path`, which is made with new ones if it is not there. An existing file is never changed.
    ///
    /// # Errors
    ///
    /// The file can be neither read nor made, or it lacks a key of either format.
    pub fn in_file(path: &Path) -> Result<Self, KeyFileError> {
        key_file::make_if_absent(path)?;
        key_file::read(path)
    }
}
