//! Without the feature there are no such keys, and the compiler knows it.

use crate::keyring::{KeyError, KeyErrorKind};

#[derive(Debug)]
pub(in crate::paseto) enum PublicKey {}

impl PublicKey {
    pub(in crate::paseto) fn decode(_data: &[u8]) -> Result<Self, KeyError> {
        Err(KeyErrorKind::Unsupported.into())
    }

    pub(in crate::paseto) const fn bytes(&self) -> &[u8] {
        match *self {}
    }

    pub(in crate::paseto) const fn open(
        &self,
        _body: &mut Vec<u8>,
        _footer: &[u8],
        _assertion: &[u8],
    ) -> bool {
        match *self {}
    }
}

#[derive(Debug)]
pub(in crate::paseto) enum SecretKey {}

impl SecretKey {
    pub(in crate::paseto) fn generate() -> Result<Self, KeyError> {
        Err(KeyErrorKind::Unsupported.into())
    }

    pub(in crate::paseto) fn decode(_data: &[u8]) -> Result<Self, KeyError> {
        Err(KeyErrorKind::Unsupported.into())
    }

    pub(in crate::paseto) const fn public(&self) -> &std::sync::Arc<PublicKey> {
        match *self {}
    }

    pub(in crate::paseto) const fn encode(&self, _name: &str) -> Option<String> {
        match *self {}
    }

    pub(in crate::paseto) const fn sign(
        &self,
        _message: &[u8],
        _footer: &[u8],
        _assertion: &[u8],
    ) -> Option<Vec<u8>> {
        match *self {}
    }
}
