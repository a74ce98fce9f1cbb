use std::{fmt, sync::Arc};

use portcullis_core::Secret;
use zeroize::Zeroizing;

use super::{
    algorithm::{Algorithm, Family},
    ec::EcKey,
    jwk::{self, Jwk},
    material::Material,
    okp::OkpKey,
    pem::Pem,
    rsa::RsaKey,
    shared::SharedKey,
};
use crate::keyring::{Key, KeyError, KeyErrorKind, KeyId};

/// A key for the JWTs of one algorithm, checked and prepared.
///
/// The algorithm belongs to the key and never comes from a token ([RFC 8725 §3.1]). A cheap clone; what it holds is wiped with the last one.
///
/// # Example
///
/// ```
/// use portcullis::jwt::{Algorithm, JwtKey};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let key = JwtKey::generate(Algorithm::EdDsa)?;
/// assert!(key.can_sign());
/// let public = key.public().ok_or("every key but a shared one has a public half")?;
/// assert!(!public.can_sign());
/// assert_eq!(public.thumbprint(), key.thumbprint());
/// # Ok(()) }
/// ```
///
/// [RFC 8725 §3.1]: https://www.rfc-editor.org/rfc/rfc8725#section-3.1
#[derive(Clone)]
pub struct JwtKey {
    id: KeyId,
    naming: Naming,
    algorithm: Algorithm,
    uses: Uses,
    material: Arc<Material>,
}

/// Where an id comes from.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Naming {
    Given,
    Derived,
}

/// What `key_ops` leave of what the key could do.
#[derive(Clone, Copy)]
pub(super) enum Uses {
    Any,
    Verifying,
    Signing,
}

impl JwtKey {
    /// Takes a shared key of at least 32 bytes for HMAC with SHA-256.
    ///
    /// Take random bytes and no passphrase: whoever sees one token can try every guess against it.
    ///
    /// # Errors
    ///
    /// [`KeyError`] of the kind `TooShort` below the length of the hash ([RFC 7518 §3.2]), and `Contradiction` if the bytes are a public key or a
    /// file with one: then everybody could sign.
    ///
    /// [RFC 7518 §3.2]: https://www.rfc-editor.org/rfc/rfc7518#section-3.2
    pub fn hs256(bytes: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::shared(Algorithm::Hs256, bytes.as_ref())
    }

    /// Takes a shared key of at least 48 bytes for HMAC with SHA-384.
    ///
    /// # Errors
    ///
    /// As [`hs256`](Self::hs256).
    pub fn hs384(bytes: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::shared(Algorithm::Hs384, bytes.as_ref())
    }

    /// Takes a shared key of at least 64 bytes for HMAC with SHA-512.
    ///
    /// # Errors
    ///
    /// As [`hs256`](Self::hs256).
    pub fn hs512(bytes: impl AsRef<[u8]>) -> Result<Self, KeyError> {
        Self::shared(Algorithm::Hs512, bytes.as_ref())
    }

    /// Makes a new key that signs with `algorithm`.
    ///
    /// # Units
    ///
    /// An RSA key has 3072 bits, which is as hard to break as P-256 ([NIST SP 800-57]); a shared key is as long as its hash's output.
    ///
    /// # Errors
    ///
    /// [`KeyError`] of the kind `Randomness` if the operating system gives none.
    ///
    /// [NIST SP 800-57]: https://doi.org/10.6028/NIST.SP.800-57pt1r5
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let material = match algorithm.family() {
            Family::Shared(hmac) => Material::Shared(SharedKey::drawn(hmac, draw(hmac.tag_len())?).into()),
            Family::Rsa(verifying, signing) => Material::Rsa(RsaKey::generate((verifying, signing))?),
            Family::Ec(curve) => Material::Ec(EcKey::generate(curve)?),
            Family::Okp => Material::Okp(OkpKey::from_seed(secret()?.expose())?),
        };
        Ok(Self::of(algorithm, material))
    }

    /// Reads a JWK ([RFC 7517]), public, private or shared.
    ///
    /// Its `alg` is the algorithm. Without one, its type decides: RS256 for RSA, HS256 for `oct`, and what is left for the others by their curve.
    ///
    /// # Errors
    ///
    /// [`KeyError`] whose kind says what is wrong; a key that is not for signatures (`use`, `key_ops`) is refused too.
    ///
    /// [RFC 7517]: https://www.rfc-editor.org/rfc/rfc7517
    pub fn from_jwk(jwk: &str) -> Result<Self, KeyError> {
        Jwk::read(jwk)?.to_key()
    }

    /// Reads the one key of a PEM file ([RFC 7468]), public or private, for tokens of `algorithm`: `PUBLIC KEY`, `PRIVATE KEY`, and the
    /// older `RSA PUBLIC KEY`, `RSA PRIVATE KEY` and `EC PRIVATE KEY`.
    ///
    /// # Errors
    ///
    /// [`KeyError`] whose kind says what is wrong. Encrypted keys and certificates are `Unsupported`.
    ///
    /// [RFC 7468]: https://www.rfc-editor.org/rfc/rfc7468
    pub fn from_pem(pem: impl AsRef<[u8]>, algorithm: Algorithm) -> Result<Self, KeyError> {
        Self::from_der(Pem::read(pem.as_ref())?.der, algorithm)
    }

    /// Reads what [`from_pem`](Self::from_pem) reads, without the PEM around it.
    ///
    /// # Errors
    ///
    /// As [`from_pem`](Self::from_pem).
    pub fn from_der(der: impl AsRef<[u8]>, algorithm: Algorithm) -> Result<Self, KeyError> {
        Material::from_der(algorithm, der.as_ref()).map(|material| Self::of(algorithm, material))
    }

    /// Gives the key the id that tokens name it by.
    ///
    /// # Default
    ///
    /// Its [thumbprint](Self::thumbprint).
    ///
    /// # Errors
    ///
    /// [`KeyError`] of the kind `TooLong` for more than [`KeyId::MOST_BYTES`].
    pub fn with_id(self, id: impl Into<Arc<str>>) -> Result<Self, KeyError> {
        let id = KeyId::new(id);
        if id.as_str().len() > KeyId::MOST_BYTES {
            return Err(KeyErrorKind::TooLong.into());
        }
        Ok(Self { id, naming: Naming::Given, ..self })
    }

    /// What tokens name it by: the id it was given or had as `kid`, or else its [thumbprint](Self::thumbprint).
    #[must_use]
    pub const fn id(&self) -> &KeyId {
        &self.id
    }

    /// The one algorithm it is for.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Whether it can sign: it is private or shared, and its `key_ops` do not forbid it.
    #[must_use]
    pub fn can_sign(&self) -> bool {
        self.material.is_secret() && matches!(self.uses, Uses::Any | Uses::Signing)
    }

    /// Its public half, under the same id; a shared key has none.
    #[must_use]
    pub fn public(&self) -> Option<Self> {
        let material = Arc::new(self.material.to_public()?);
        Some(Self { material, uses: Uses::Any, ..self.clone() })
    }

    /// The hash of its public half ([RFC 7638]), or of a shared key as a whole.
    ///
    /// That of a shared key tells no more than any token does that was signed with it: whoever has either can try guesses, and a key of at
    /// least 256 random bits is beyond guessing.
    ///
    /// [RFC 7638]: https://www.rfc-editor.org/rfc/rfc7638
    #[must_use]
    pub fn thumbprint(&self) -> String {
        jwk::thumbprint(&self.material)
    }

    /// Its public half as a JWK, with `kid`, `alg` and `use`; a shared key has none.
    #[must_use]
    pub fn to_public_jwk(&self) -> Option<String> {
        jwk::public(self)
    }

    /// The whole key as a JWK, for a file that nobody else can read; nothing for a public key.
    ///
    /// # Security
    ///
    /// This is the only way a secret leaves the key.
    #[must_use]
    pub fn expose_secret_jwk(&self) -> Option<String> {
        jwk::expose(self)
    }

    pub(super) fn of(algorithm: Algorithm, material: Material) -> Self {
        let id = KeyId::new(jwk::thumbprint(&material));
        Self { id, naming: Naming::Derived, algorithm, uses: Uses::Any, material: Arc::new(material) }
    }

    pub(super) fn with_uses(self, uses: Uses) -> Self {
        Self { uses, ..self }
    }

    pub(super) const fn uses(&self) -> Uses {
        self.uses
    }

    pub(super) fn material(&self) -> &Material {
        &self.material
    }

    /// Whether it may verify a token of `algorithm`. That a private key only signs is no reason against its public half.
    pub(super) fn fits(&self, algorithm: Algorithm) -> bool {
        let is_forbidden = matches!((self.uses, &*self.material), (Uses::Signing, Material::Shared(_)));
        self.algorithm == algorithm && !is_forbidden
    }

    fn shared(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        match algorithm.family() {
            Family::Shared(hmac) => {
                SharedKey::new(hmac, bytes).map(|key| Self::of(algorithm, Material::Shared(key.into())))
            }
            _ => Err(KeyErrorKind::Contradiction.into()),
        }
    }
}

impl Key for JwtKey {
    fn id(&self) -> &KeyId {
        &self.id
    }

    fn is_named(&self) -> bool {
        self.naming == Naming::Given
    }

    fn can_sign(&self) -> bool {
        self.can_sign()
    }

    fn is_same(&self, other: &Self) -> bool {
        self.algorithm == other.algorithm && self.material.is_same(&other.material)
    }
}

impl fmt::Debug for JwtKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtKey")
            .field("id", &self.id.as_str())
            .field("algorithm", &self.algorithm)
            .field("can_sign", &self.can_sign())
            .finish_non_exhaustive()
    }
}

fn draw(length: usize) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(length));
    while bytes.len() < length {
        let missing = length - bytes.len();
        bytes.extend(secret()?.expose().iter().take(missing));
    }
    Ok(bytes)
}

fn secret() -> Result<Secret, KeyError> {
    Secret::generate().map_err(|failed| KeyError::because(KeyErrorKind::Randomness, failed))
}
