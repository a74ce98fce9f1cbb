use super::Kind;
use crate::{
    base64url,
    bearer::MOST_BYTES,
    claims::error::{TokenError, TokenErrorKind},
};

/// A token taken apart. Nothing in it is proved.
pub(super) struct Parts {
    pub(super) kind: Kind,
    /// The payload with what proves it.
    pub(super) body: Vec<u8>,
    pub(super) footer: Vec<u8>,
}

impl Parts {
    pub(super) fn parse(token: &str) -> Result<Self, TokenError> {
        if token.len() > MOST_BYTES {
            return Err(TokenErrorKind::TooLarge.into());
        }
        let token = token.as_bytes();
        let (kind, rest) = split_header(token)?;
        let (body, footer) = match memchr::memchr(b'.', rest) {
            None => (rest, None),
            Some(dot) => (rest.get(..dot).unwrap_or_default(), rest.get(dot + 1..)),
        };
        // An empty footer is written as none: `….` would be a second spelling of the same token (T64).
        if footer.is_some_and(|footer| footer.is_empty() || footer.len() > MOST_FOOTER_TEXT) {
            return Err(TokenErrorKind::Malformed.into());
        }
        // A further dot is no base64url.
        let decode = |text| base64url::decode(text).ok_or(TokenErrorKind::Malformed);
        Ok(Self { kind, body: decode(body)?, footer: decode(footer.unwrap_or_default())? })
    }
}

/// The bytes have to be these and no others: there is no case to fold and nothing to negotiate (T56).
fn split_header(token: &[u8]) -> Result<(Kind, &[u8]), TokenError> {
    for kind in Kind::ALL {
        if let Some(rest) = token.strip_prefix(kind.header().as_bytes()) {
            return Ok((kind, rest));
        }
    }
    Err(match token {
        [b'v', b'1'..=b'9', b'.', rest @ ..]
            if rest.starts_with(b"local.") || rest.starts_with(b"public.") =>
        {
            TokenErrorKind::Algorithm.into()
        }
        _ => TokenErrorKind::Malformed.into(),
    })
}

/// The longest footer: 1 KiB.
pub(super) const MOST_FOOTER_BYTES: usize = 1024;
const MOST_FOOTER_TEXT: usize = (MOST_FOOTER_BYTES * 4).div_ceil(3);
