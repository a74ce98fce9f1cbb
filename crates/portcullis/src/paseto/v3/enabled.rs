use std::{fmt, sync::Arc};

use aws_lc_rs::{
    agreement::{self, ECDH_P384},
    encoding::{AsBigEndian, EcPrivateKeyBin, EcPublicKeyCompressedBin},
    rand::SystemRandom,
    signature::{
        ECDSA_P384_SHA384_FIXED, ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, KeyPair, ParsedPublicKey,
    },
};

use crate::{
    base64url,
    keyring::{KeyError, KeyErrorKind},
    paseto::{Kind, pae, paserk},
};

/// A point of the curve, prepared.
pub(in crate::paseto) struct PublicKey {
    bytes: [u8; POINT_BYTES],
    parsed: ParsedPublicKey,
}

impl PublicKey {
    /// Reads a compressed point; one that is not on the curve is refused with it.
    pub(in crate::paseto) fn decode(data: &[u8]) -> Result<Self, KeyError> {
        let bytes = base64url::decode_array(data).ok_or(KeyErrorKind::Malformed)?;
        Self::new(bytes)
    }

    fn new(bytes: [u8; POINT_BYTES]) -> Result<Self, KeyError> {
        if !matches!(bytes, [0x02 | 0x03, ..]) {
            return Err(KeyErrorKind::Malformed.into());
        }
        let parsed = ParsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, bytes)
            .map_err(|rejected| KeyError::because(KeyErrorKind::Weak, rejected))?;
        Ok(Self { bytes, parsed })
    }

    pub(in crate::paseto) const fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Turns `body` into the message that was signed, if it was signed so; else it is left as it is.
    pub(in crate::paseto) fn open(&self, body: &mut Vec<u8>, footer: &[u8], assertion: &[u8]) -> bool {
        let Some((message, signature)) = body.split_last_chunk::<SIGNATURE_BYTES>() else { return false };
        if self.parsed.verify_sig(&self.signed(message, footer, assertion), signature).is_err() {
            return false;
        }
        body.truncate(message.len());
        true
    }

    /// The key is among what is signed, so no signature is good under two keys.
    fn signed(&self, message: &[u8], footer: &[u8], assertion: &[u8]) -> Vec<u8> {
        pae::encode([&self.bytes, Kind::V3Public.header().as_bytes(), message, footer, assertion])
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("v3::PublicKey")
    }
}

/// A scalar, with its point.
pub(in crate::paseto) struct SecretKey {
    pair: EcdsaKeyPair,
    public: Arc<PublicKey>,
}

impl SecretKey {
    pub(in crate::paseto) fn generate() -> Result<Self, KeyError> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P384_SHA384_FIXED_SIGNING)
            .map_err(|failed| KeyError::because(KeyErrorKind::Randomness, failed))?;
        Self::of(pair)
    }

    pub(in crate::paseto) fn decode(data: &[u8]) -> Result<Self, KeyError> {
        let scalar = base64url::decode_array::<SCALAR_BYTES>(data).ok_or(KeyErrorKind::Malformed)?;
        Self::of(pair_of(&scalar)?)
    }

    fn of(pair: EcdsaKeyPair) -> Result<Self, KeyError> {
        let malformed = |rejected| KeyError::because(KeyErrorKind::Malformed, rejected);
        let point: EcPublicKeyCompressedBin<'_> = pair.public_key().as_be_bytes().map_err(malformed)?;
        let point = point.as_ref().first_chunk().copied().ok_or(KeyErrorKind::Malformed)?;
        Ok(Self { public: Arc::new(PublicKey::new(point)?), pair })
    }

    pub(in crate::paseto) const fn public(&self) -> &Arc<PublicKey> {
        &self.public
    }

    /// The key as a PASERK.
    pub(in crate::paseto) fn encode(&self, name: &str) -> Option<String> {
        let scalar: EcPrivateKeyBin<'_> = self.pair.private_key().as_be_bytes().ok()?;
        Some(paserk::encode(name, scalar.as_ref()))
    }

    /// The body of a token: `message`, the signature. `None` if the operating system gives no randomness.
    pub(in crate::paseto) fn sign(&self, message: &[u8], footer: &[u8], assertion: &[u8]) -> Option<Vec<u8>> {
        let signed = self.public.signed(message, footer, assertion);
        let signature = self.pair.sign(&SystemRandom::new(), &signed).ok()?;
        Some([message, signature.as_ref()].concat())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("v3::SecretKey(redacted)")
    }
}

/// A pair wants its point beside it; agreement is what computes one.
fn pair_of(scalar: &[u8]) -> Result<EcdsaKeyPair, KeyError> {
    let weak = |rejected| KeyError::because(KeyErrorKind::Weak, rejected);
    let private = agreement::PrivateKey::from_private_key(&ECDH_P384, scalar).map_err(weak)?;
    let public =
        private.compute_public_key().map_err(|failed| KeyError::because(KeyErrorKind::Malformed, failed))?;
    EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P384_SHA384_FIXED_SIGNING, scalar, public.as_ref())
        .map_err(weak)
}

const SCALAR_BYTES: usize = 48;
const POINT_BYTES: usize = 49;
const SIGNATURE_BYTES: usize = 96;
