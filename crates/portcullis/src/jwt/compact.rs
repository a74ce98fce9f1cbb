use std::mem::MaybeUninit;

use memchr::{memchr, memrchr};

use crate::{
    base64url,
    bearer::{MOST_BYTES, TokenError, TokenErrorKind},
};

/// A JWS in its compact serialisation ([RFC 7515 §7.1]), of which the spelling is sound. Nothing in it is proved.
///
/// [RFC 7515 §7.1]: https://www.rfc-editor.org/rfc/rfc7515#section-7.1
pub(super) struct Compact<'a> {
    header: &'a str,
    payload: &'a str,
    signature: &'a str,
    /// The first two and the dot between them.
    signed: &'a str,
}

impl<'a> Compact<'a> {
    /// Takes `token` apart: three parts and none empty, base64url in its one spelling and nothing else (T13 to T16). It allocates nothing.
    pub(super) fn parse(token: &'a str) -> Result<Self, TokenError> {
        if token.len() > MOST_BYTES {
            return Err(TokenErrorKind::TooLarge.into());
        }
        let parts = || {
            let bytes = token.as_bytes();
            // A dot between these two is in the payload, whose alphabet has none.
            let (signed, signature) = token.split_at_checked(memrchr(b'.', bytes)?)?;
            let (header, payload) = token.get(..signed.len())?.split_at_checked(memchr(b'.', bytes)?)?;
            let compact = Self { header, payload: payload.get(1..)?, signature: signature.get(1..)?, signed };
            let parts = [compact.header, compact.payload, compact.signature];
            parts
                .into_iter()
                .all(|part| !part.is_empty() && base64url::is_encoded(part.as_bytes()))
                .then_some(compact)
        };
        parts().ok_or_else(|| TokenErrorKind::Malformed.into())
    }

    /// The header, a text of at most [`MOST_HEADER_BYTES`].
    pub(super) fn header<'b>(
        &self,
        buffer: &'b mut [MaybeUninit<u8>; MOST_HEADER_BYTES],
    ) -> Result<&'b str, TokenError> {
        let header = base64url::decode_into(self.header.as_bytes(), buffer);
        let header = header.ok_or(TokenErrorKind::TooLarge)?;
        std::str::from_utf8(header).map_err(|_not_text| TokenErrorKind::Malformed.into())
    }

    pub(super) const fn signed(&self) -> &'a [u8] {
        self.signed.as_bytes()
    }

    /// The signature; none is longer than that of the longest RSA key.
    pub(super) fn signature<'b>(
        &self,
        buffer: &'b mut [MaybeUninit<u8>; MOST_SIGNATURE_BYTES],
    ) -> Result<&'b [u8], TokenError> {
        base64url::decode_into(self.signature.as_bytes(), buffer)
            .ok_or_else(|| TokenErrorKind::Signature.into())
    }

    /// The claims, to be read once the signature is proved.
    pub(super) fn payload(&self) -> Result<String, TokenError> {
        let payload = base64url::decode(self.payload.as_bytes()).ok_or(TokenErrorKind::Malformed)?;
        String::from_utf8(payload).map_err(|_not_text| TokenErrorKind::Claims.into())
    }
}

/// Room for a chain of certificates that nobody reads here.
pub(super) const MOST_HEADER_BYTES: usize = 4 * 1024;
pub(super) const MOST_SIGNATURE_BYTES: usize = 1024;
