use std::sync::Arc;

use portcullis_core::Secret;

use super::{
    Kind,
    paserk::{self, Names},
    v3, v4_local, v4_public,
};
use crate::{
    base64url, ed25519,
    issue::{IssueError, IssueErrorKind},
    keyring::{KeyError, KeyErrorKind},
};

/// What a key is made of. Each variant is of one kind, which nothing else can choose (T56).
#[derive(Clone, Debug)]
pub(super) enum Material {
    V4Local(Arc<v4_local::Key>),
    V4Public(Arc<ed25519::PublicKey>),
    V4Secret(Arc<v4_public::SecretKey>),
    V3Public(Arc<v3::PublicKey>),
    V3Secret(Arc<v3::SecretKey>),
}

impl Material {
    pub(super) fn generate(kind: Kind) -> Result<Self, KeyError> {
        let secret =
            || Secret::generate().map_err(|failed| KeyError::because(KeyErrorKind::Randomness, failed));
        Ok(match kind {
            Kind::V4Local => Self::V4Local(Arc::new(v4_local::Key::new(secret()?))),
            Kind::V4Public => Self::V4Secret(Arc::new(v4_public::SecretKey::from_seed(secret()?)?)),
            Kind::V3Public => Self::V3Secret(Arc::new(v3::SecretKey::generate()?)),
        })
    }

    pub(super) fn from_paserk(text: &str) -> Result<Self, KeyError> {
        for kind in Kind::ALL {
            let names = Names::of(kind);
            if let Some(data) = text.strip_prefix(names.signing) {
                return Self::signing(kind, data.as_bytes());
            }
            if let Some(data) = text.strip_prefix(names.verifying) {
                return Self::verifying(kind, data.as_bytes());
            }
        }
        Err(if paserk::is_one(text) { KeyErrorKind::Unsupported } else { KeyErrorKind::Malformed }.into())
    }

    fn signing(kind: Kind, data: &[u8]) -> Result<Self, KeyError> {
        Ok(match kind {
            Kind::V4Local => {
                let secret = base64url::decode_array(data).ok_or(KeyErrorKind::Malformed)?;
                Self::V4Local(Arc::new(v4_local::Key::new(Secret::from_bytes(secret))))
            }
            Kind::V4Public => {
                let halves = base64url::decode_array(data).ok_or(KeyErrorKind::Malformed)?;
                Self::V4Secret(Arc::new(v4_public::SecretKey::from_halves(&halves)?))
            }
            Kind::V3Public => Self::V3Secret(Arc::new(v3::SecretKey::decode(data)?)),
        })
    }

    fn verifying(kind: Kind, data: &[u8]) -> Result<Self, KeyError> {
        Ok(match kind {
            Kind::V4Local => return Self::signing(kind, data),
            Kind::V4Public => {
                let bytes = base64url::decode_array(data).ok_or(KeyErrorKind::Malformed)?;
                Self::V4Public(Arc::new(ed25519::PublicKey::new(bytes)?))
            }
            Kind::V3Public => Self::V3Public(Arc::new(v3::PublicKey::decode(data)?)),
        })
    }

    pub(super) const fn kind(&self) -> Kind {
        match self {
            Self::V4Local(_) => Kind::V4Local,
            Self::V4Public(_) | Self::V4Secret(_) => Kind::V4Public,
            Self::V3Public(_) | Self::V3Secret(_) => Kind::V3Public,
        }
    }

    pub(super) const fn can_sign(&self) -> bool {
        match self {
            Self::V4Local(_) | Self::V4Secret(_) | Self::V3Secret(_) => true,
            Self::V4Public(_) | Self::V3Public(_) => false,
        }
    }

    /// What verifies without being able to sign.
    pub(super) fn public(&self) -> Option<Self> {
        match self {
            Self::V4Local(_) => None,
            Self::V4Public(_) | Self::V3Public(_) => Some(self.clone()),
            Self::V4Secret(key) => Some(Self::V4Public(Arc::new(key.public().clone()))),
            Self::V3Secret(key) => Some(Self::V3Public(Arc::clone(key.public()))),
        }
    }

    /// The public key's bytes; of a shared key there are none.
    fn public_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::V4Local(_) => None,
            Self::V4Public(key) => Some(key.bytes()),
            Self::V4Secret(key) => Some(key.public().bytes()),
            Self::V3Public(key) => Some(key.bytes()),
            Self::V3Secret(key) => Some(key.public().bytes()),
        }
    }

    pub(super) fn to_public_paserk(&self) -> Option<String> {
        Some(paserk::encode(Names::of(self.kind()).verifying, self.public_bytes()?))
    }

    pub(super) fn expose_secret_paserk(&self) -> Option<String> {
        let name = Names::of(self.kind()).signing;
        match self {
            Self::V4Local(key) => Some(paserk::encode(name, key.secret().expose())),
            Self::V4Secret(key) => Some(paserk::encode(name, &key.halves())),
            Self::V3Secret(key) => key.encode(name),
            Self::V4Public(_) | Self::V3Public(_) => None,
        }
    }

    /// Whether both verify the same tokens.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::V4Local(one), Self::V4Local(other)) => one.secret() == other.secret(),
            _ => self.kind() == other.kind() && self.public_bytes() == other.public_bytes(),
        }
    }

    /// Turns the body of a token into its payload, if this key made it; else the body is left as it is.
    pub(super) fn open(&self, body: &mut Vec<u8>, footer: &[u8], assertion: &[u8]) -> bool {
        match self {
            Self::V4Local(key) => key.open(body, footer, assertion),
            Self::V4Public(key) => v4_public::open(key, body, footer, assertion),
            Self::V4Secret(key) => v4_public::open(key.public(), body, footer, assertion),
            Self::V3Public(key) => key.open(body, footer, assertion),
            Self::V3Secret(key) => key.public().open(body, footer, assertion),
        }
    }

    /// The body of a token whose payload is `message`.
    pub(super) fn seal(
        &self,
        message: &[u8],
        footer: &[u8],
        assertion: &[u8],
    ) -> Result<Vec<u8>, IssueError> {
        match self {
            Self::V4Local(key) => {
                let nonce = Secret::generate()
                    .map_err(|failed| IssueError::because(IssueErrorKind::Unavailable, failed))?;
                Ok(key.seal(nonce.expose(), message, footer, assertion))
            }
            Self::V4Secret(key) => Ok(key.sign(message, footer, assertion)),
            Self::V3Secret(key) => key
                .sign(message, footer, assertion)
                .ok_or_else(|| IssueError::new(IssueErrorKind::Unavailable)),
            Self::V4Public(_) | Self::V3Public(_) => Err(IssueError::new(IssueErrorKind::NoSigningKey)),
        }
    }
}
