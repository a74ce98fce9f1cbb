use std::fmt;

use aws_lc_rs::{
    encoding::{AsDer, Pkcs8V1Der},
    rand::SystemRandom,
    rsa::KeySize,
    signature::{
        KeyPair, ParsedPublicKey, RsaKeyPair, RsaParameters, RsaPublicKeyComponents, RsaSignatureEncoding,
        RsaSubjectPublicKey,
    },
};
use zeroize::Zeroizing;

use super::der::{Der, OCTET_STRING};
use crate::keyring::{KeyError, KeyErrorKind};

pub(super) use aws_lc_rs::rsa::KeyPairComponents as RsaComponents;

/// An RSA key, prepared for one algorithm.
pub(super) struct RsaKey {
    n: Box<[u8]>,
    e: Box<[u8]>,
    prepared: ParsedPublicKey,
    pair: Option<(RsaKeyPair, &'static RsaSignatureEncoding)>,
}

/// What an algorithm of RSA is computed with.
pub(super) type Parameters = (&'static RsaParameters, &'static RsaSignatureEncoding);

/// One of the numbers of a private key, by its name in a JWK.
pub(super) type PrivateNumber = (&'static str, Zeroizing<Vec<u8>>);

impl RsaKey {
    pub(super) fn public((verifying, _): Parameters, n: &[u8], e: &[u8]) -> Result<Self, KeyError> {
        check(n, e)?;
        let prepared = RsaPublicKeyComponents { n, e }
            .to_parsed_public_key(verifying)
            .map_err(|rejected| KeyError::because(KeyErrorKind::Malformed, rejected))?;
        Ok(Self { n: n.into(), e: e.into(), prepared, pair: None })
    }

    /// The key of all the numbers that a private JWK has. Each is checked against the others.
    pub(super) fn private(
        parameters: Parameters,
        components: &RsaComponents<&[u8]>,
    ) -> Result<Self, KeyError> {
        check(components.public_key.n, components.public_key.e)?;
        let pair = RsaKeyPair::from_components(components)
            .map_err(|rejected| KeyError::because(KeyErrorKind::Contradiction, rejected))?;
        Self::of_pair(parameters, pair)
    }

    pub(super) fn generate(parameters: Parameters) -> Result<Self, KeyError> {
        let pair = RsaKeyPair::generate(KeySize::Rsa3072)
            .map_err(|failed| KeyError::because(KeyErrorKind::Randomness, failed))?;
        Self::of_pair(parameters, pair)
    }

    /// SubjectPublicKeyInfo, RSAPublicKey, PrivateKeyInfo or RSAPrivateKey.
    pub(super) fn from_der(parameters: Parameters, der: &[u8]) -> Result<Self, KeyError> {
        if let Ok(public) = RsaSubjectPublicKey::from_der(der) {
            let (n, e) = public_numbers(public.as_ref()).ok_or(KeyErrorKind::Malformed)?;
            return Self::public(parameters, n, e);
        }
        let pair = RsaKeyPair::from_pkcs8(der)
            .or_else(|_| RsaKeyPair::from_der(der))
            .map_err(|rejected| KeyError::because(KeyErrorKind::Malformed, rejected))?;
        Self::of_pair(parameters, pair)
    }

    fn of_pair(parameters: Parameters, pair: RsaKeyPair) -> Result<Self, KeyError> {
        let (n, e) = public_numbers(pair.public_key().as_ref()).ok_or(KeyErrorKind::Malformed)?;
        let public = Self::public(parameters, n, e)?;
        Ok(Self { pair: Some((pair, parameters.1)), ..public })
    }

    pub(super) fn to_public(&self) -> Self {
        Self { n: self.n.clone(), e: self.e.clone(), prepared: self.prepared.clone(), pair: None }
    }

    pub(super) const fn is_private(&self) -> bool {
        self.pair.is_some()
    }

    pub(super) const fn n(&self) -> &[u8] {
        &self.n
    }

    pub(super) const fn e(&self) -> &[u8] {
        &self.e
    }

    /// The private numbers under their names in a JWK ([RFC 7518 §6.3.2]).
    ///
    /// [RFC 7518 §6.3.2]: https://www.rfc-editor.org/rfc/rfc7518#section-6.3.2
    pub(super) fn expose(&self) -> Option<[PrivateNumber; 6]> {
        let (pair, _) = self.pair.as_ref()?;
        let document: Pkcs8V1Der<'_> = pair.as_der().ok()?;
        let mut info = Der::new(document.as_ref()).sequence()?;
        let _version = info.unsigned()?;
        let _algorithm = info.sequence()?;
        let mut key = Der::new(info.next(OCTET_STRING)?).sequence()?;
        let [_version, _n, _e] = [key.unsigned()?, key.unsigned()?, key.unsigned()?];
        let mut number = |name| Some((name, Zeroizing::new(key.unsigned()?.to_vec())));
        Some([number("d")?, number("p")?, number("q")?, number("dp")?, number("dq")?, number("qi")?])
    }

    pub(super) fn verify(&self, signed: &[u8], signature: &[u8]) -> bool {
        self.prepared.verify_sig(signed, signature).is_ok()
    }

    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        let (pair, encoding) = self.pair.as_ref()?;
        let mut signature = vec![0; pair.public_modulus_len()];
        pair.sign(*encoding, &SystemRandom::new(), message, &mut signature).ok()?;
        Some(signature)
    }
}

impl fmt::Debug for RsaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaKey").field("is_private", &self.is_private()).finish_non_exhaustive()
    }
}

/// The numbers of an RSAPublicKey.
fn public_numbers(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut key = Der::new(der).sequence()?;
    Some((key.unsigned()?, key.unsigned()?))
}

/// Refuses keys that are too short, too long or known to be weak (T32).
fn check(n: &[u8], e: &[u8]) -> Result<(), KeyError> {
    let ([highest, .., lowest], [highest_e, ..]) = (n, e) else {
        return Err(KeyErrorKind::Malformed.into());
    };
    // RFC 7518 §2: in the fewest octets.
    if *highest == 0 || *highest_e == 0 {
        return Err(KeyErrorKind::Malformed.into());
    }
    let bits = n.len() * 8 - highest.leading_zeros() as usize;
    if bits < LEAST_BITS {
        return Err(KeyErrorKind::TooShort.into());
    }
    if bits > MOST_BITS || e.len() > MOST_EXPONENT_BYTES {
        return Err(KeyErrorKind::TooLong.into());
    }
    let exponent = e.iter().fold(0, |exponent: u64, byte| exponent << 8 | u64::from(*byte));
    let is_even = lowest % 2 == 0 || exponent % 2 == 0;
    if is_even || exponent < LEAST_EXPONENT || is_roca(n) {
        return Err(KeyErrorKind::Weak.into());
    }
    Ok(())
}

/// Whether `n` bears the mark of a broken generator of keys (CVE-2017-15361, ROCA): modulo each of the first primes it is a power of 65537.
///
/// Of other moduli fewer than one in a hundred million does.
fn is_roca(n: &[u8]) -> bool {
    PRIMES.into_iter().all(|prime| {
        let rest = n.iter().fold(0, |rest, byte| (rest << 8 | u32::from(*byte)) % prime);
        let mut power = 1;
        (0..prime).any(|_| {
            power = power * 65_537 % prime;
            power == rest
        })
    })
}

const LEAST_BITS: usize = 2048;
/// What is computed with at all; a signature of this key has 1024 bytes.
const MOST_BITS: usize = 8192;
/// Smaller ones have been the way into every attack on sloppy padding, and no issuer uses them.
const LEAST_EXPONENT: u64 = 65_537;
/// A longer one costs the verifier what it costs the signer.
const MOST_EXPONENT_BYTES: usize = 4;
const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103,
    107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];
