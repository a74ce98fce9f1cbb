use std::borrow::Cow;

use crate::{
    claims::error::{TokenError, TokenErrorKind},
    json::{self, JsonError, Value},
    keyring::KeyId,
};

/// The key that `footer` names, if it names one (T60).
///
/// Nothing of a footer is proved when it is read, so no more than this is taken from it. One that does not begin as an object is free-form.
pub(super) fn key_id(footer: &[u8]) -> Result<Option<Cow<'_, str>>, TokenError> {
    if footer.is_empty() {
        return Ok(None);
    }
    if holds_secret(footer) {
        return Err(TokenErrorKind::Malformed.into());
    }
    if !footer.trim_ascii_start().starts_with(b"{") {
        return Ok(None);
    }
    let footer = std::str::from_utf8(footer).map_err(|_quoting| TokenErrorKind::Malformed)?;
    let mut found = None;
    json::members(footer, |name, value| {
        let (name, text) = (name.decoded(), value.text().map(json::Text::decoded));
        if holds_secret(name.as_bytes()) || text.as_ref().is_some_and(|text| holds_secret(text.as_bytes())) {
            return Err(Refused(TokenErrorKind::Malformed));
        }
        match (&*name, value, text) {
            ("kid", _, Some(text)) if text.len() <= KeyId::MOST_BYTES => found = Some(text),
            // A key that comes with its token is none of ours, however it is wrapped.
            ("wpk", _, Some(_)) => return Err(Refused(TokenErrorKind::UnknownKey)),
            ("kid" | "wpk", _, _) => return Err(Refused(TokenErrorKind::Malformed)),
            (_, Value::Array(_), _) => return Err(Refused(TokenErrorKind::Malformed)),
            (_, Value::Other(raw), _) if raw.starts_with('{') => {
                return Err(Refused(TokenErrorKind::Malformed));
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}

/// Whether `text` has a PASERK in it that whoever reads it could sign with (T62). A password is no protection in a place that everybody can read.
fn holds_secret(text: &[u8]) -> bool {
    memchr::memchr_iter(b'k', text).any(|at| match text.get(at..) {
        Some([_, b'0'..=b'9', b'.', rest @ ..]) => SECRETS.iter().any(|secret| rest.starts_with(secret)),
        _ => false,
    })
}

struct Refused(TokenErrorKind);

impl From<JsonError> for Refused {
    fn from(_: JsonError) -> Self {
        Self(TokenErrorKind::Malformed)
    }
}

impl From<Refused> for TokenError {
    fn from(refused: Refused) -> Self {
        refused.0.into()
    }
}

const SECRETS: [&[u8]; 4] = [b"local.", b"secret.", b"local-pw.", b"secret-pw."];
