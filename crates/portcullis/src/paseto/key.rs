use std::{fmt, sync::Arc};

use super::{
    Kind,
    material::Material,
    paserk::{self, Names},
};
use crate::{
    issue::IssueError,
    keyring::{Key, KeyError, KeyErrorKind, KeyId},
};

/// A key for tokens of one [`Kind`]: a shared one, a secret one or a public one.
///
/// A cheap clone. `Debug` shows its kind and its id.
///
/// # Example
///
/// ```
/// use portcullis::paseto::{Kind, PasetoKey};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let key = PasetoKey::generate(Kind::V4Public)?;
/// let public = key.to_public_paserk().ok_or("shared")?;
/// assert_eq!(PasetoKey::from_paserk(&public)?.id(), key.id());
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct PasetoKey {
    id: KeyId,
    material: Material,
}

impl PasetoKey {
    /// Makes a key of `kind` that can sign, from the operating system's randomness.
    ///
    /// # Errors
    ///
    /// [`Randomness`](KeyErrorKind::Randomness) if there is none, and [`Unsupported`](KeyErrorKind::Unsupported) for [`Kind::V3Public`] without the
    /// feature `paseto-v3`.
    pub fn generate(kind: Kind) -> Result<Self, KeyError> {
        Material::generate(kind).map(Self::new)
    }

    /// Reads a key as PASERK has it: `k4.local`, `k4.secret` or `k4.public`, and with the feature `paseto-v3` also `k3.secret` and `k3.public`.
    ///
    /// # Errors
    ///
    /// [`Malformed`](KeyErrorKind::Malformed) if it is none, [`Unsupported`](KeyErrorKind::Unsupported) for other types and versions,
    /// [`Contradiction`](KeyErrorKind::Contradiction) if the halves of a secret key do not belong together, [`Weak`](KeyErrorKind::Weak) for a point
    /// of small order, and in version 3 for one off its curve.
    pub fn from_paserk(text: &str) -> Result<Self, KeyError> {
        Material::from_paserk(text).map(Self::new)
    }

    fn new(material: Material) -> Self {
        Self { id: id_of(&material), material }
    }

    /// What tokens name it by.
    ///
    /// # Default
    ///
    /// Its PASERK id: `k4.lid.…` of a shared key, else `k4.pid.…`, of a secret key that of its public one.
    #[must_use]
    pub const fn id(&self) -> &KeyId {
        &self.id
    }

    /// The same key under another id, for issuers who name their keys freely.
    ///
    /// # Errors
    ///
    /// [`TooLong`](KeyErrorKind::TooLong) for more than [`KeyId::MOST_BYTES`].
    pub fn with_id(self, id: impl Into<Arc<str>>) -> Result<Self, KeyError> {
        let id = KeyId::new(id);
        if id.as_str().len() > KeyId::MOST_BYTES {
            return Err(KeyErrorKind::TooLong.into());
        }
        Ok(Self { id, ..self })
    }

    /// The PASERK id of the secret key itself (`k4.sid.…`), for inventories; tokens name a key by [`id`](Self::id).
    #[must_use]
    pub fn sid(&self) -> Option<KeyId> {
        let names = Names::of(self.kind());
        // Of a shared key this is its one id, and that is no `sid`.
        let has_one = self.can_sign() && names.signing_id != names.verifying_id;
        let paserk = has_one.then(|| self.expose_secret_paserk()).flatten()?;
        Some(paserk::id(self.kind(), names.signing_id, &paserk))
    }

    /// What it is for.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.material.kind()
    }

    /// Whether it can sign: a shared or a secret one.
    #[must_use]
    pub const fn can_sign(&self) -> bool {
        self.material.can_sign()
    }

    /// The key that verifies what this one signs, under the same id; of a shared key there is none.
    #[must_use]
    pub fn public(&self) -> Option<Self> {
        let material = self.material.public()?;
        Some(Self { id: self.id.clone(), material })
    }

    /// The public key as PASERK has it (`k4.public.…`); of a shared key there is none.
    #[must_use]
    pub fn to_public_paserk(&self) -> Option<String> {
        self.material.to_public_paserk()
    }

    /// The shared or secret key as PASERK has it (`k4.local.…`, `k4.secret.…`); of a public key there is none.
    ///
    /// # Security
    ///
    /// Who has this text can issue tokens. It is for the file of keys, and for no log.
    #[must_use]
    pub fn expose_secret_paserk(&self) -> Option<String> {
        self.material.expose_secret_paserk()
    }

    /// Turns the body of a token into its payload, if this key made it; else the body is left as it is.
    pub(super) fn open(&self, body: &mut Vec<u8>, footer: &[u8], assertion: &[u8]) -> bool {
        self.material.open(body, footer, assertion)
    }

    /// The body of a token whose payload is `message`.
    pub(super) fn seal(
        &self,
        message: &[u8],
        footer: &[u8],
        assertion: &[u8],
    ) -> Result<Vec<u8>, IssueError> {
        self.material.seal(message, footer, assertion)
    }
}

impl Key for PasetoKey {
    fn id(&self) -> &KeyId {
        &self.id
    }

    /// Always: PASERK ids are every implementation's, so a token that names none of ours is not for us (T61).
    fn is_named(&self) -> bool {
        true
    }

    fn can_sign(&self) -> bool {
        self.can_sign()
    }

    fn is_same(&self, other: &Self) -> bool {
        self.material.is_same(&other.material)
    }
}

impl fmt::Debug for PasetoKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PasetoKey")
            .field("kind", &self.kind().as_str())
            .field("id", &self.id.as_str())
            .finish_non_exhaustive()
    }
}

fn id_of(material: &Material) -> KeyId {
    // What verifies; a shared key is that itself.
    let paserk = material.to_public_paserk().or_else(|| material.expose_secret_paserk()).unwrap_or_default();
    paserk::id(material.kind(), Names::of(material.kind()).verifying_id, &paserk)
}
