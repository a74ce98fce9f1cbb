use std::borrow::Cow;

use super::Algorithm;
use crate::{
    bearer::{TokenError, TokenErrorKind},
    claims::policy::Typing,
    json::{self, JsonError, Text, Value},
    keyring::KeyId,
};

/// What a token's header says that matters here. It is the token's word, and proves nothing.
pub(super) struct Header<'a> {
    pub(super) algorithm: Algorithm,
    pub(super) key: Option<Cow<'a, str>>,
    token_type: Option<Text<'a>>,
}

impl<'a> Header<'a> {
    /// Reads `document`, a JSON object. All of it is checked, down to the names in what is not looked at.
    pub(super) fn read(document: &'a str) -> Result<Self, TokenError> {
        let (mut algorithm, mut key, mut token_type) = (None, None, None);
        json::members(document, |name, value| {
            match &*name.decoded() {
                "alg" => algorithm = Some(text(value)?),
                "kid" => key = Some(text(value)?.decoded()),
                "typ" => token_type = Some(text(value)?),
                // Nothing that can be demanded is understood here (T24), and a payload that is not base64url is no JWT (RFC 7797 §7, T25).
                "crit" | "b64" => return Err(Refused(TokenErrorKind::Critical)),
                // A token in a token (RFC 7519 §5.2).
                "cty" if is_nested(text(value)?) => return Err(Refused(TokenErrorKind::Type)),
                // `jwk`, `jku`, `x5u` and `x5c` among them: a key that a token brings is anybody's (T26).
                _ => {}
            }
            Ok(())
        })
        .map_err(|Refused(kind)| TokenError::new(kind))?;
        let algorithm = algorithm.ok_or(TokenErrorKind::Malformed)?.decoded();
        let algorithm = Algorithm::named(&algorithm).ok_or(TokenErrorKind::Algorithm)?;
        if key.as_ref().is_some_and(|key: &Cow<'_, str>| key.len() > KeyId::MOST_BYTES) {
            return Err(TokenErrorKind::Malformed.into());
        }
        Ok(Self { algorithm, key, token_type })
    }

    /// Whether a token of this type may be what `typing` asks for ([RFC 8725 §3.11], T28, T29).
    ///
    /// A type with a `+`, as in `dpop+jwt`, says that the token is of one profile. Of those only `at+jwt` is for a resource server; the others are
    /// proofs, logout messages, security events, refresh tokens, and whatever will be registered. What has no such type, or just `JWT`, may be
    /// anything, and passes where anything is accepted.
    ///
    /// [RFC 8725 §3.11]: https://www.rfc-editor.org/rfc/rfc8725#section-3.11
    pub(super) fn check_type(&self, typing: Typing) -> Result<(), TokenError> {
        let token_type = self.token_type.map(Text::decoded);
        let is_accepted = match (typing, token_type.as_deref().map(media_subtype)) {
            (Typing::Common, None) => true,
            (Typing::Common, Some(name)) => !name.contains('+') || is_access_token(name),
            (Typing::AccessToken, name) => name.is_some_and(is_access_token),
        };
        if is_accepted { Ok(()) } else { Err(TokenErrorKind::Type.into()) }
    }
}

struct Refused(TokenErrorKind);

impl From<JsonError> for Refused {
    fn from(_: JsonError) -> Self {
        Self(TokenErrorKind::Malformed)
    }
}

fn text(value: Value<'_>) -> Result<Text<'_>, Refused> {
    value.text().ok_or(Refused(TokenErrorKind::Malformed))
}

fn is_nested(content_type: Text<'_>) -> bool {
    media_subtype(&content_type.decoded()).eq_ignore_ascii_case("JWT")
}

fn is_access_token(name: &str) -> bool {
    name.eq_ignore_ascii_case("at+jwt")
}

/// `application/` may be left out, and no case counts ([RFC 7515 §4.1.9]).
///
/// [RFC 7515 §4.1.9]: https://www.rfc-editor.org/rfc/rfc7515#section-4.1.9
fn media_subtype(name: &str) -> &str {
    match name.split_at_checked(APPLICATION.len()) {
        Some((prefix, subtype)) if prefix.eq_ignore_ascii_case(APPLICATION) => subtype,
        _ => name,
    }
}

const APPLICATION: &str = "application/";
