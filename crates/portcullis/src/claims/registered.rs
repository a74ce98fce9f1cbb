use portcullis_core::Timestamp;

use super::{
    Form,
    date::Rounding,
    error::{TokenError, TokenErrorKind},
    scope::Scopes,
};
use crate::json::{self, JsonError, Text, Value};

/// The claims that have a meaning to us, of the right types.
#[derive(Clone, Debug, Default)]
pub(crate) struct Registered<'a> {
    pub(crate) issuer: Option<Text<'a>>,
    pub(crate) subject: Option<Text<'a>>,
    pub(crate) token_id: Option<Text<'a>>,
    pub(crate) client_id: Option<Text<'a>>,
    /// A string, or an array of nothing but strings, and of one at least.
    pub(crate) audience: Option<Value<'a>>,
    pub(crate) expires_at: Option<Timestamp>,
    pub(crate) not_before: Option<Timestamp>,
    /// Rounded down: its age counts from here, and whether it was revoked since.
    pub(crate) issued_at: Option<Timestamp>,
    /// The same, rounded up: it must not lie in the future.
    pub(crate) issued_by: Option<Timestamp>,
    pub(crate) authenticated_at: Option<Timestamp>,
    pub(crate) scopes: Scopes<'a>,
    pub(crate) amr: Option<Value<'a>>,
    pub(crate) roles: Option<Value<'a>>,
    /// Whether it is of use only together with a key ([RFC 7800]).
    ///
    /// [RFC 7800]: https://www.rfc-editor.org/rfc/rfc7800
    pub(crate) is_key_bound: bool,
}

impl<'a> Registered<'a> {
    /// Reads `payload`, which is an object as a whole or refused as a whole.
    pub(crate) fn read(payload: &'a str, form: Form) -> Result<Self, TokenError> {
        let mut claims = Self::default();
        json::members(payload, |name, value| {
            // Common names have no escapes; one that has is still the name it means.
            let name = name.decoded();
            let wrong = |claim| TokenError::of_claim(TokenErrorKind::Claims, claim);
            let text = |claim| value.text().map(Some).ok_or_else(|| wrong(claim));
            let date = |claim, rounding| form.date(value, rounding).map(Some).ok_or_else(|| wrong(claim));
            match &*name {
                "iss" => claims.issuer = text("iss")?,
                // An empty one names nobody.
                "sub" => claims.subject = text("sub")?.filter(|subject| !subject.is("")),
                "jti" => claims.token_id = text("jti")?,
                "aud" => {
                    check_audience(value, form).ok_or_else(|| wrong("aud"))?;
                    claims.audience = Some(value);
                }
                "exp" => claims.expires_at = date("exp", Rounding::Down)?,
                "nbf" => claims.not_before = date("nbf", Rounding::Up)?,
                "iat" => {
                    claims.issued_at = date("iat", Rounding::Down)?;
                    claims.issued_by = date("iat", Rounding::Up)?;
                }
                "auth_time" => claims.authenticated_at = form.date(value, Rounding::Down),
                "client_id" => claims.client_id = value.text(),
                "scope" => claims.scopes.scope = Some(value),
                "scp" => claims.scopes.scp = Some(value),
                "amr" => claims.amr = Some(value),
                "roles" => claims.roles = Some(value),
                "cnf" => claims.is_key_bound = true,
                _ => {}
            }
            Ok::<_, TokenError>(())
        })?;
        Ok(claims)
    }

    /// Whether the claim `name` is there and of its type; `None` for one that is not read here, or that may have any type.
    pub(super) fn has(&self, name: &str) -> Option<bool> {
        match name {
            "iss" => Some(self.issuer.is_some()),
            "sub" => Some(self.subject.is_some()),
            "jti" => Some(self.token_id.is_some()),
            "client_id" => Some(self.client_id.is_some()),
            "aud" => Some(self.audience.is_some()),
            "exp" => Some(self.expires_at.is_some()),
            "nbf" => Some(self.not_before.is_some()),
            "iat" => Some(self.issued_at.is_some()),
            "auth_time" => Some(self.authenticated_at.is_some()),
            _ => None,
        }
    }

    /// Whether one of `ours` is among those the token is for.
    pub(super) fn is_for_one_of(&self, ours: &[Box<str>]) -> bool {
        let is_ours = |text: Text<'_>| ours.iter().any(|our| text.is(our));
        match self.audience {
            Some(Value::String(audience)) => is_ours(audience),
            Some(Value::Array(audiences)) => {
                let mut found = false;
                let read: Result<(), JsonError> = json::elements(audiences, |audience| {
                    found |= audience.text().is_some_and(is_ours);
                    Ok(())
                });
                found && read.is_ok()
            }
            Some(Value::Number(_) | Value::Other(_)) | None => false,
        }
    }
}

/// PASETO has one audience, a string ([registered claims]).
///
/// [registered claims]: https://github.com/paseto-standard/paseto-spec/blob/master/docs/02-Implementation-Guide/04-Claims.md
fn check_audience(value: Value<'_>, form: Form) -> Option<()> {
    match (value, form) {
        (Value::String(_), _) => Some(()),
        (Value::Array(audiences), Form::Jwt) => {
            let mut count = 0;
            json::elements(audiences, |audience| {
                count += 1;
                audience.text().map(|_| ()).ok_or(JsonError::Syntax)
            })
            .ok()?;
            (count > 0).then_some(())
        }
        _ => None,
    }
}
