use super::{
    algorithm::{Algorithm, Family},
    ec::EcKey,
    okp::OkpKey,
    rsa::RsaKey,
    shared::SharedKey,
};
use crate::keyring::{KeyError, KeyErrorKind};

/// What a key consists of, prepared once for its one algorithm.
#[derive(Debug)]
pub(super) enum Material {
    Shared(Box<SharedKey>),
    Rsa(RsaKey),
    Ec(EcKey),
    Okp(OkpKey),
}

impl Material {
    /// SubjectPublicKeyInfo or PrivateKeyInfo, and the older forms of either.
    pub(super) fn from_der(algorithm: Algorithm, der: &[u8]) -> Result<Self, KeyError> {
        match algorithm.family() {
            // Nobody writes a shared key so: what is meant is another algorithm.
            Family::Shared(_) => Err(KeyErrorKind::Contradiction.into()),
            Family::Rsa(verifying, signing) => RsaKey::from_der((verifying, signing), der).map(Self::Rsa),
            Family::Ec(curve) => EcKey::from_der(curve, der).map(Self::Ec),
            Family::Okp => OkpKey::from_der(der).map(Self::Okp),
        }
    }

    /// Whether it holds what signing takes.
    pub(super) const fn is_secret(&self) -> bool {
        match self {
            Self::Shared(_) => true,
            Self::Rsa(key) => key.is_private(),
            Self::Ec(key) => key.is_private(),
            Self::Okp(key) => key.is_private(),
        }
    }

    /// The public half; a shared key has none.
    pub(super) fn to_public(&self) -> Option<Self> {
        match self {
            Self::Shared(_) => None,
            Self::Rsa(key) => Some(Self::Rsa(key.to_public())),
            Self::Ec(key) => Some(Self::Ec(key.to_public())),
            Self::Okp(key) => Some(Self::Okp(key.to_public())),
        }
    }

    pub(super) fn verify(&self, signed: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Shared(key) => key.verify(signed, signature),
            Self::Rsa(key) => key.verify(signed, signature),
            Self::Ec(key) => key.verify(signed, signature),
            Self::Okp(key) => key.public().verify(signed, signature),
        }
    }

    /// Hands the signature of `message` to `take`; `None` if there is none, or no randomness for it.
    pub(super) fn sign(&self, message: &[u8], take: impl FnOnce(&[u8])) -> Option<()> {
        match self {
            Self::Shared(key) => take(key.sign(message).as_ref()),
            Self::Rsa(key) => take(&key.sign(message)?),
            Self::Ec(key) => take(key.sign(message)?.as_ref()),
            Self::Okp(key) => take(&key.sign(message)?),
        }
        Some(())
    }

    /// Whether both are one key, whichever half of it they have.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Shared(ours), Self::Shared(theirs)) => ours.is_same(theirs),
            (Self::Rsa(ours), Self::Rsa(theirs)) => ours.n() == theirs.n() && ours.e() == theirs.e(),
            (Self::Ec(ours), Self::Ec(theirs)) => {
                ours.curve() == theirs.curve() && ours.coordinates() == theirs.coordinates()
            }
            (Self::Okp(ours), Self::Okp(theirs)) => ours.public().bytes() == theirs.public().bytes(),
            _ => false,
        }
    }
}
