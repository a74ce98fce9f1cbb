use http::{HeaderMap, header::AUTHORIZATION};

use super::MOST_BYTES;
use crate::identity;

/// Why the credentials of a request are none that a verifier could be asked about.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum CredentialsError {
    /// More than one `Authorization` field: two programs could each read another (T2).
    Several,
    /// The scheme alone.
    NoToken,
    /// Not one `b64token`.
    Malformed,
    /// Longer than a token may be.
    TooLarge,
}

impl CredentialsError {
    /// A stable name, for events.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Several => "several_credentials",
            Self::NoToken => "no_token",
            Self::Malformed => "malformed_credentials",
            Self::TooLarge => "too_large",
        }
    }
}

/// The token of a request, as its one `Authorization` field has it ([RFC 6750 §2.1]); `None` without the scheme `Bearer`. A token in the query or
/// in a form is not looked for.
///
/// [RFC 6750 §2.1]: https://www.rfc-editor.org/rfc/rfc6750#section-2.1
pub(super) fn of(headers: &HeaderMap) -> Result<Option<&str>, CredentialsError> {
    let mut fields = headers.get_all(AUTHORIZATION).iter();
    let Some(field) = fields.next() else {
        return Ok(None);
    };
    if fields.next().is_some() {
        return Err(CredentialsError::Several);
    }
    let Some(rest) = identity::after_scheme(field.as_bytes()) else {
        return Ok(None);
    };
    let token = rest.trim_ascii();
    if token.is_empty() {
        return Err(CredentialsError::NoToken);
    }
    if token.len() > MOST_BYTES {
        return Err(CredentialsError::TooLarge);
    }
    if !is_b64token(token) {
        return Err(CredentialsError::Malformed);
    }
    str::from_utf8(token).map(Some).map_err(|_not_ascii| CredentialsError::Malformed)
}

fn is_b64token(token: &[u8]) -> bool {
    let length = token.iter().rposition(|byte| *byte != b'=').map_or(0, |last| last + 1);
    let unpadded = token.get(..length).unwrap_or_default();
    !unpadded.is_empty() && unpadded.iter().all(|byte| IS_B64TOKEN.get(usize::from(*byte)) == Some(&true))
}

/// By byte: a token is looked through on the way of every request.
const IS_B64TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        #[expect(clippy::indexing_slicing, reason = "a byte is less than 256, and this runs in the compiler")]
        {
            table[byte as usize] =
                byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/');
        }
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn read(fields: &[&[u8]]) -> Result<Option<String>, CredentialsError> {
        let fields = fields.iter().map(|field| (AUTHORIZATION, HeaderValue::from_bytes(field).unwrap()));
        of(&HeaderMap::from_iter(fields)).map(|token| token.map(str::to_owned))
    }

    #[test]
    fn t1_t2_t3_t4_t5_t6_the_credentials_of_a_request() {
        use CredentialsError::{Malformed, NoToken, Several};

        type Row = (&'static str, &'static [&'static [u8]], Result<Option<&'static str>, CredentialsError>);
        let rows: [Row; 26] = [
            ("t1 as registered", &[b"Bearer a.b"], Ok(Some("a.b"))),
            ("t1 in lower case", &[b"bearer a.b"], Ok(Some("a.b"))),
            ("t1 in upper case", &[b"BEARER a.b"], Ok(Some("a.b"))),
            ("t1 in any case", &[b"bEaReR a.b"], Ok(Some("a.b"))),
            ("several spaces", &[b"Bearer   a.b"], Ok(Some("a.b"))),
            ("the whole alphabet", &[b"Bearer azAZ09-._~+/=="], Ok(Some("azAZ09-._~+/=="))),
            ("t2 two of one kind", &[b"Bearer a", b"Bearer b"], Err(Several)),
            ("t2 the same twice", &[b"Bearer a", b"Bearer a"], Err(Several)),
            ("t2 beside another scheme", &[b"Basic a", b"Bearer b"], Err(Several)),
            ("t2 beside another scheme, the other way", &[b"Bearer b", b"Basic a"], Err(Several)),
            ("t2 two others", &[b"Basic a", b"Digest b"], Err(Several)),
            ("t3 the scheme alone", &[b"Bearer"], Err(NoToken)),
            ("t3 and a space", &[b"Bearer "], Err(NoToken)),
            ("t3 only spaces", &[b"Bearer     "], Err(NoToken)),
            ("t3 garbage behind it", &[b"Bearer a b"], Err(Malformed)),
            ("t3 nothing but padding", &[b"Bearer =="], Err(Malformed)),
            ("t3 padding within", &[b"Bearer a=b"], Err(Malformed)),
            ("t4 two in one field", &[b"Bearer a, Bearer b"], Err(Malformed)),
            ("t4 not at the beginning", &[b"Basic x, Bearer b"], Ok(None)),
            ("t4 parameters", &[b"Bearer token=\"a\""], Err(Malformed)),
            ("t5 bytes that are no text", &[b"Bearer a\xff"], Err(Malformed)),
            ("t5 letters that are no ASCII", &[b"Bearer \xc3\xa9"], Err(Malformed)),
            ("t6 none", &[], Ok(None)),
            ("t6 another scheme", &[b"Basic YTpi"], Ok(None)),
            ("t6 a longer word", &[b"BearerX a"], Ok(None)),
            ("t6 an empty field", &[b""], Ok(None)),
        ];
        for (name, fields, expected) in rows {
            assert_eq!(read(fields), expected.map(|token| token.map(str::to_owned)), "{name}");
        }
    }

    #[test]
    fn t11_the_length_is_bounded_before_anything_looks_at_the_token() {
        let longest = [b"Bearer ".as_slice(), &[b'a'; MOST_BYTES]].concat();
        assert!(read(&[&longest]).unwrap().is_some());
        let longer = [longest.as_slice(), b"a"].concat();
        assert_eq!(read(&[&longer]), Err(CredentialsError::TooLarge));
        let dots = [b"Bearer ".as_slice(), &[b'.'; 1 << 20]].concat();
        assert_eq!(read(&[&dots]), Err(CredentialsError::TooLarge));
    }
}
