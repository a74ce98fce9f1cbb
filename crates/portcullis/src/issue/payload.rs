use portcullis_core::Timestamp;
use serde::Serialize;

use super::{IssueError, IssueErrorKind, TokenRequest};
use crate::{
    claims::{Form, date::write_date_time},
    identity::IssuerId,
};

/// What the issuer adds to a request.
pub(super) struct Added<'a> {
    pub(super) issuer: &'a IssuerId,
    pub(super) audience: &'a str,
    pub(super) token_id: &'a str,
    pub(super) issued_at: Timestamp,
    pub(super) expires_at: Timestamp,
}

/// The claims as a JSON object. One order for all, so that equal requests give equal bytes.
pub(super) fn write(request: &TokenRequest, added: &Added<'_>, form: Form) -> Result<String, IssueError> {
    let mut object = Object::new();
    object.member("iss", added.issuer.as_str())?;
    object.member("sub", &*request.subject)?;
    object.member("aud", request.audience.as_deref().unwrap_or(added.audience))?;
    object.date("iat", added.issued_at, form)?;
    object.date("exp", added.expires_at, form)?;
    object.member("jti", added.token_id)?;
    if let Some(client_id) = &request.client_id {
        object.member("client_id", &**client_id)?;
    }
    if !request.scope.is_empty() {
        object.member("scope", &request.scope)?;
    }
    if let Some(at) = request.authenticated_at {
        object.date("auth_time", at, form)?;
    }
    if !request.amr.is_empty() {
        object.member("amr", &request.amr)?;
    }
    if !request.roles.is_empty() {
        let roles: Vec<&str> = request.roles.iter().map(AsRef::as_ref).collect();
        object.member("roles", &roles)?;
    }
    for (name, value) in &request.claims {
        object.written(name, value)?;
    }
    Ok(object.done())
}

struct Object(String);

impl Object {
    fn new() -> Self {
        Self(String::from("{"))
    }

    fn member(&mut self, name: &str, value: impl Serialize) -> Result<(), IssueError> {
        let value =
            serde_json::to_string(&value).map_err(|_quoting| IssueError::new(IssueErrorKind::Claims))?;
        self.written(name, &value)
    }

    fn date(&mut self, name: &str, at: Timestamp, form: Form) -> Result<(), IssueError> {
        match form {
            Form::Jwt => self.member(name, at.unix_seconds()),
            Form::Paseto => self.member(name, write_date_time(at)),
        }
    }

    /// A member whose value is JSON already.
    fn written(&mut self, name: &str, value: &str) -> Result<(), IssueError> {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        let name = serde_json::to_string(name).map_err(|_quoting| IssueError::new(IssueErrorKind::Claims))?;
        self.0.push_str(&name);
        self.0.push(':');
        self.0.push_str(value);
        Ok(())
    }

    fn done(mut self) -> String {
        self.0.push('}');
        self.0
    }
}
