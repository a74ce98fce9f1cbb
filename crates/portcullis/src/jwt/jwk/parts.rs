use zeroize::Zeroizing;

use crate::{
    base64url,
    json::Text,
    keyring::{KeyError, KeyErrorKind},
};

/// The members of a JWK that are its key, as they stand there.
#[derive(Default)]
pub(super) struct Parts<'a> {
    pub(super) n: Option<Text<'a>>,
    pub(super) e: Option<Text<'a>>,
    pub(super) x: Option<Text<'a>>,
    pub(super) y: Option<Text<'a>>,
    pub(super) k: Option<Text<'a>>,
    pub(super) d: Option<Text<'a>>,
    pub(super) p: Option<Text<'a>>,
    pub(super) q: Option<Text<'a>>,
    pub(super) dp: Option<Text<'a>>,
    pub(super) dq: Option<Text<'a>>,
    pub(super) qi: Option<Text<'a>>,
    pub(super) other_primes: Option<()>,
}

impl Parts<'_> {
    /// Whether there is anything that only its owner may have.
    pub(super) const fn is_secret(&self) -> bool {
        self.k.is_some() || self.d.is_some() || self.has_factors()
    }

    /// Whether there is any of the numbers that go with an RSA key's `d`.
    pub(super) const fn has_factors(&self) -> bool {
        self.p.is_some()
            || self.q.is_some()
            || self.dp.is_some()
            || self.dq.is_some()
            || self.qi.is_some()
            || self.other_primes.is_some()
    }
}

/// The bytes of a member that must be there.
pub(super) fn bytes(member: Option<Text<'_>>) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let text = member.ok_or(KeyErrorKind::Malformed)?.decoded();
    let bytes = base64url::decode(text.as_bytes()).map(Zeroizing::new);
    bytes.ok_or_else(|| KeyErrorKind::Malformed.into())
}

/// The same, of a fixed length (T40).
pub(super) fn array<const N: usize>(member: Option<Text<'_>>) -> Result<Zeroizing<[u8; N]>, KeyError> {
    let text = member.ok_or(KeyErrorKind::Malformed)?.decoded();
    let bytes = base64url::decode_array(text.as_bytes()).map(Zeroizing::new);
    bytes.ok_or_else(|| KeyErrorKind::Malformed.into())
}
