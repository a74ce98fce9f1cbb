use aws_lc_rs::{encoding::AsBigEndian, signature::Ed25519KeyPair};

use crate::{
    ed25519::{PUBLIC_BYTES, PrivateKey, PublicKey, SEED_BYTES, SIGNATURE_BYTES},
    keyring::{KeyError, KeyErrorKind},
};

/// An octet key pair ([RFC 8037 §2]): here always one of Ed25519.
///
/// [RFC 8037 §2]: https://www.rfc-editor.org/rfc/rfc8037#section-2
#[derive(Debug)]
pub(super) enum OkpKey {
    Public(PublicKey),
    Private(PrivateKey),
}

impl OkpKey {
    pub(super) fn public_of(x: [u8; PUBLIC_BYTES]) -> Result<Self, KeyError> {
        PublicKey::new(x).map(Self::Public)
    }

    /// The key of a seed, from which the public part must follow.
    pub(super) fn private(x: [u8; PUBLIC_BYTES], seed: &[u8; SEED_BYTES]) -> Result<Self, KeyError> {
        let key = PrivateKey::from_seed(seed)?;
        if *key.public().bytes() != x {
            return Err(KeyErrorKind::Contradiction.into());
        }
        Ok(Self::Private(key))
    }

    pub(super) fn from_seed(seed: &[u8; SEED_BYTES]) -> Result<Self, KeyError> {
        PrivateKey::from_seed(seed).map(Self::Private)
    }

    /// SubjectPublicKeyInfo or PrivateKeyInfo ([RFC 8410]).
    ///
    /// [RFC 8410]: https://www.rfc-editor.org/rfc/rfc8410
    pub(super) fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        if let Some(x) = der.strip_prefix(&PUBLIC_KEY_INFO) {
            return Self::public_of(x.try_into().map_err(malformed)?);
        }
        let pair = Ed25519KeyPair::from_pkcs8(der)
            .map_err(|rejected| KeyError::because(KeyErrorKind::Malformed, rejected))?;
        let seed = pair.seed().and_then(|seed| seed.as_be_bytes());
        let seed = seed.map_err(|failed| KeyError::because(KeyErrorKind::Malformed, failed))?;
        Self::from_seed(seed.as_ref().try_into().map_err(malformed)?)
    }

    pub(super) const fn public(&self) -> &PublicKey {
        match self {
            Self::Public(key) => key,
            Self::Private(key) => key.public(),
        }
    }

    pub(super) fn to_public(&self) -> Self {
        Self::Public(self.public().clone())
    }

    pub(super) const fn is_private(&self) -> bool {
        matches!(self, Self::Private(_))
    }

    pub(super) fn expose(&self) -> Option<&[u8; SEED_BYTES]> {
        match self {
            Self::Public(_) => None,
            Self::Private(key) => Some(key.expose_seed()),
        }
    }

    pub(super) fn sign(&self, message: &[u8]) -> Option<[u8; SIGNATURE_BYTES]> {
        match self {
            Self::Public(_) => None,
            Self::Private(key) => Some(key.sign(message)),
        }
    }
}

fn malformed(wrong: std::array::TryFromSliceError) -> KeyError {
    KeyError::because(KeyErrorKind::Malformed, wrong)
}

/// How a SubjectPublicKeyInfo begins; the rest is the point. There is one spelling.
const PUBLIC_KEY_INFO: [u8; 12] = [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
