use std::fmt;

use aws_lc_rs::{
    encoding::{AsBigEndian, AsDer, EcPrivateKeyBin, PublicKeyX509Der},
    rand::SystemRandom,
    signature::{EcdsaKeyPair, KeyPair, ParsedPublicKey, Signature},
};
use zeroize::Zeroizing;

use super::algorithm::Curve;
use crate::keyring::{KeyError, KeyErrorKind};

/// A key on one of NIST's curves, prepared.
pub(super) struct EcKey {
    curve: Curve,
    /// Uncompressed: a four, `x`, `y`.
    point: Box<[u8]>,
    prepared: ParsedPublicKey,
    pair: Option<EcdsaKeyPair>,
}

impl EcKey {
    /// The key of a point, which must lie on the curve (T34).
    pub(super) fn public(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, KeyError> {
        if x.len() != curve.coordinate_bytes() || y.len() != curve.coordinate_bytes() {
            return Err(KeyErrorKind::Malformed.into());
        }
        Self::of_point(curve, [&[UNCOMPRESSED], x, y].concat().into())
    }

    /// The same with the private part, of which the public one must follow.
    pub(super) fn private(curve: Curve, x: &[u8], y: &[u8], d: &[u8]) -> Result<Self, KeyError> {
        let public = Self::public(curve, x, y)?;
        if d.len() != curve.coordinate_bytes() {
            return Err(KeyErrorKind::Malformed.into());
        }
        let pair = EcdsaKeyPair::from_private_key_and_public_key(curve.signing(), d, &public.point)
            .map_err(|rejected| KeyError::because(KeyErrorKind::Contradiction, rejected))?;
        Ok(Self { pair: Some(pair), ..public })
    }

    pub(super) fn generate(curve: Curve) -> Result<Self, KeyError> {
        let pair = EcdsaKeyPair::generate(curve.signing())
            .map_err(|failed| KeyError::because(KeyErrorKind::Randomness, failed))?;
        Self::of_pair(curve, pair)
    }

    /// SubjectPublicKeyInfo, PrivateKeyInfo or ECPrivateKey.
    pub(super) fn from_der(curve: Curve, der: &[u8]) -> Result<Self, KeyError> {
        if let Ok(pair) = EcdsaKeyPair::from_private_key_der(curve.signing(), der) {
            return Self::of_pair(curve, pair);
        }
        // A bare point would be taken too, and is no DER.
        if der.first() != Some(&SEQUENCE) {
            return Err(KeyErrorKind::Malformed.into());
        }
        let malformed = |rejected| KeyError::because(KeyErrorKind::Malformed, rejected);
        let parsed = ParsedPublicKey::new(curve.verifying(), der).map_err(malformed)?;
        let document: PublicKeyX509Der<'_> =
            parsed.as_der().map_err(|failed| KeyError::because(KeyErrorKind::Malformed, failed))?;
        // The point is what a SubjectPublicKeyInfo ends with.
        let start = document.as_ref().len().saturating_sub(1 + 2 * curve.coordinate_bytes());
        Self::of_point(curve, document.as_ref().get(start..).unwrap_or_default().into())
    }

    fn of_pair(curve: Curve, pair: EcdsaKeyPair) -> Result<Self, KeyError> {
        let public = Self::of_point(curve, pair.public_key().as_ref().into())?;
        Ok(Self { pair: Some(pair), ..public })
    }

    fn of_point(curve: Curve, point: Box<[u8]>) -> Result<Self, KeyError> {
        if point.len() != 1 + 2 * curve.coordinate_bytes() || point.first() != Some(&UNCOMPRESSED) {
            return Err(KeyErrorKind::Malformed.into());
        }
        let prepared = ParsedPublicKey::new(curve.verifying(), &point)
            .map_err(|rejected| KeyError::because(KeyErrorKind::Weak, rejected))?;
        Ok(Self { curve, point, prepared, pair: None })
    }

    pub(super) fn to_public(&self) -> Self {
        Self { curve: self.curve, point: self.point.clone(), prepared: self.prepared.clone(), pair: None }
    }

    pub(super) const fn is_private(&self) -> bool {
        self.pair.is_some()
    }

    pub(super) const fn curve(&self) -> Curve {
        self.curve
    }

    /// `x` and `y`.
    pub(super) fn coordinates(&self) -> (&[u8], &[u8]) {
        self.point.get(1..).unwrap_or_default().split_at(self.curve.coordinate_bytes())
    }

    pub(super) fn expose(&self) -> Option<Zeroizing<Vec<u8>>> {
        let private: EcPrivateKeyBin<'_> = self.pair.as_ref()?.private_key().as_be_bytes().ok()?;
        Some(Zeroizing::new(private.as_ref().to_vec()))
    }

    pub(super) fn verify(&self, signed: &[u8], signature: &[u8]) -> bool {
        self.prepared.verify_sig(signed, signature).is_ok()
    }

    pub(super) fn sign(&self, message: &[u8]) -> Option<Signature> {
        self.pair.as_ref()?.sign(&SystemRandom::new(), message).ok()
    }
}

impl fmt::Debug for EcKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EcKey").field("is_private", &self.is_private()).finish_non_exhaustive()
    }
}

/// How a point begins that has both coordinates (SEC 1 §2.3.3).
const UNCOMPRESSED: u8 = 4;
const SEQUENCE: u8 = 0x30;
