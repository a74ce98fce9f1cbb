//! Ed25519 ([RFC 8032]) with one rule of acceptance, for JWT `EdDSA` and for PASETO v4.public alike (T35).
//!
//! Implementations disagree about points that no honest signer makes. Here a public key is refused when it is loaded if its encoding is not the
//! canonical one or if the point is of small order; a signature is refused if `S` is not below the group's order, if `R` is of small order or
//! not encoded canonically, or if the equation without the cofactor does not hold. That is the strictest of the common rules: what is
//! accepted here is accepted everywhere.
//!
//! [RFC 8032]: https://www.rfc-editor.org/rfc/rfc8032

use std::fmt;

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, ParsedPublicKey};
use zeroize::Zeroizing;

use crate::keyring::{KeyError, KeyErrorKind};

pub(crate) const PUBLIC_BYTES: usize = 32;
pub(crate) const SEED_BYTES: usize = 32;
pub(crate) const SIGNATURE_BYTES: usize = 64;

/// A public key, prepared.
#[derive(Clone)]
pub(crate) struct PublicKey {
    bytes: [u8; PUBLIC_BYTES],
    parsed: ParsedPublicKey,
}

impl PublicKey {
    pub(crate) fn new(bytes: [u8; PUBLIC_BYTES]) -> Result<Self, KeyError> {
        if !is_canonical(&bytes) || has_small_order(&bytes) {
            return Err(KeyErrorKind::Weak.into());
        }
        let parsed = ParsedPublicKey::new(&ED25519, bytes)
            .map_err(|rejected| KeyError::because(KeyErrorKind::Malformed, rejected))?;
        Ok(Self { bytes, parsed })
    }

    pub(crate) const fn bytes(&self) -> &[u8; PUBLIC_BYTES] {
        &self.bytes
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        // The library checks `S`, and compares `R` with the one encoding of what it computes.
        signature.first_chunk().is_some_and(|r| !has_small_order(r))
            && self.parsed.verify_sig(message, signature).is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ed25519::PublicKey")
    }
}

/// A private key with its public one.
pub(crate) struct PrivateKey {
    seed: Zeroizing<[u8; SEED_BYTES]>,
    pair: Ed25519KeyPair,
    public: PublicKey,
}

impl PrivateKey {
    pub(crate) fn from_seed(seed: &[u8; SEED_BYTES]) -> Result<Self, KeyError> {
        let pair = Ed25519KeyPair::from_seed_unchecked(seed)
            .map_err(|rejected| KeyError::because(KeyErrorKind::Malformed, rejected))?;
        let public = <[u8; PUBLIC_BYTES]>::try_from(pair.public_key().as_ref())
            .map_err(|wrong| KeyError::because(KeyErrorKind::Malformed, wrong))?;
        Ok(Self { seed: Zeroizing::new(*seed), pair, public: PublicKey::new(public)? })
    }

    pub(crate) const fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The seed it was made from: all of the secret there is.
    pub(crate) fn expose_seed(&self) -> &[u8; SEED_BYTES] {
        &self.seed
    }

    pub(crate) fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_BYTES] {
        let signature = self.pair.sign(message);
        let mut bytes = [0; SIGNATURE_BYTES];
        bytes.iter_mut().zip(signature.as_ref()).for_each(|(byte, signed)| *byte = *signed);
        bytes
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ed25519::PrivateKey(redacted)")
    }
}

/// Whether `y` is below the field's prime 2²⁵⁵ − 19. The two encodings of `x = 0` with a sign are among the small orders.
fn is_canonical(point: &[u8; PUBLIC_BYTES]) -> bool {
    let [first, middle @ .., last] = point;
    last & 0x7f != 0x7f || middle.iter().any(|byte| *byte != 0xff) || *first < 0xed
}

/// Whether the point is one of the eight whose order divides the cofactor, in any encoding.
fn has_small_order(point: &[u8; PUBLIC_BYTES]) -> bool {
    let [y @ .., last] = point;
    let last = last & 0x7f;
    SMALL_ORDER.iter().any(|[small @ .., top]| *top == last && small == y)
}

/// Their `y`, little-endian, without the sign of `x`; beside 0, 1 and −1 also p and p + 1, which decode as the first two.
const SMALL_ORDER: [[u8; PUBLIC_BYTES]; 7] = [
    with_first(0, 0x00, 0x00),
    with_first(1, 0x00, 0x00),
    with_first(0xec, 0xff, 0x7f),
    with_first(0xed, 0xff, 0x7f),
    with_first(0xee, 0xff, 0x7f),
    ORDER_EIGHT,
    ORDER_EIGHT_NEGATED,
];

const fn with_first(first: u8, middle: u8, last: u8) -> [u8; PUBLIC_BYTES] {
    let mut y = [middle; PUBLIC_BYTES];
    let [begin, .., end] = &mut y;
    (*begin, *end) = (first, last);
    y
}

const ORDER_EIGHT: [u8; PUBLIC_BYTES] = [
    0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5,
    0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
];
const ORDER_EIGHT_NEGATED: [u8; PUBLIC_BYTES] = [
    0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
    0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
];

#[cfg(test)]
mod tests;
