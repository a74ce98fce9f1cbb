use std::sync::Arc;

use portcullis_core::Timestamp;
use serde::Serialize;

use super::{IssueError, IssueErrorKind};
use crate::{
    claims::is_scope,
    identity::{IssuerId, Principal},
    json::Value,
};

/// What a token is to say: whom it is about, and what it grants. The [issuer](super::TokenIssuer) adds the rest.
///
/// # Example
///
/// ```
/// use portcullis::{identity::Principal, issue::{IssueError, TokenRequest}};
///
/// # fn main() -> Result<(), IssueError> {
/// let request = TokenRequest::for_principal(&Principal::local("ada"))
///     .with_scope("orders:read orders:write")?
///     .with_claim("tenant", "acme")?;
/// # let _ = request;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct TokenRequest {
    pub(super) subject: Arc<str>,
    /// Whose subject it is, where a principal said so.
    pub(super) of_issuer: Option<IssuerId>,
    pub(super) audience: Option<Box<str>>,
    pub(super) client_id: Option<Box<str>>,
    pub(super) scope: String,
    pub(super) authenticated_at: Option<Timestamp>,
    pub(super) amr: Vec<String>,
    pub(super) roles: Vec<Arc<str>>,
    /// Each with its value as JSON.
    pub(super) claims: Vec<(Box<str>, String)>,
}

impl TokenRequest {
    /// About `subject`, as the issuer names it.
    #[must_use]
    pub fn for_subject(subject: impl Into<Arc<str>>) -> Self {
        Self {
            subject: subject.into(),
            of_issuer: None,
            audience: None,
            client_id: None,
            scope: String::new(),
            authenticated_at: None,
            amr: Vec::new(),
            roles: Vec::new(),
            claims: Vec::new(),
        }
    }

    /// About `principal`, with its roles and when and how it was authenticated (`roles`, `auth_time`, `amr`).
    ///
    /// Issuing fails if the principal is another issuer's.
    ///
    /// # Security
    ///
    /// It does not matter what proved the principal. Where a bearer token can, whoever has one gets the next one by it, for ever: let the route
    /// that issues tokens take a password or a session alone, or ask for [`credential`](Principal::credential).
    #[must_use]
    pub fn for_principal(principal: &Principal) -> Self {
        Self {
            of_issuer: Some(principal.issuer().clone()),
            authenticated_at: principal.authenticated_at(),
            amr: principal.amr().iter().map(|method| method.as_str().to_owned()).collect(),
            roles: principal.roles().to_vec(),
            ..Self::for_subject(principal.subject())
        }
    }

    /// Grants `scope`: scope-tokens with spaces between ([RFC 6749 §3.3]).
    ///
    /// # Default
    ///
    /// None: a token without a scope opens nothing that demands one.
    ///
    /// # Errors
    ///
    /// The kind is [`Scope`](IssueErrorKind::Scope) if one of them is none.
    ///
    /// [RFC 6749 §3.3]: https://www.rfc-editor.org/rfc/rfc6749#section-3.3
    pub fn with_scope(mut self, scope: &str) -> Result<Self, IssueError> {
        for token in scope.split(' ').filter(|token| !token.is_empty()) {
            if !is_scope(token) {
                return Err(IssueError::new(IssueErrorKind::Scope));
            }
            if !self.scope.is_empty() {
                self.scope.push(' ');
            }
            self.scope.push_str(token);
        }
        Ok(self)
    }

    /// Is for `audience` instead of the issuer's usual one.
    #[must_use]
    pub fn with_audience(mut self, audience: impl Into<Box<str>>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Is for the OAuth client `client_id`. With it a JWT is an access token as [RFC 9068] has them, and says so in its type.
    ///
    /// [RFC 9068]: https://www.rfc-editor.org/rfc/rfc9068
    #[must_use]
    pub fn with_client_id(mut self, client_id: impl Into<Box<str>>) -> Self {
        self.client_id = Some(client_id.into());
        self
    }

    /// Says also `value` under `name`. Everybody who sees a JWT or a v4.public token can read it.
    ///
    /// # Errors
    ///
    /// The kind is [`ReservedClaim`](IssueErrorKind::ReservedClaim) if the issuer sets that claim or there is one of that name, and
    /// [`Claims`](IssueErrorKind::Claims) if the value cannot be written as JSON, or not as verifiers read it: names are unique, and nesting is bounded.
    pub fn with_claim(
        mut self,
        name: impl Into<Box<str>>,
        value: impl Serialize,
    ) -> Result<Self, IssueError> {
        let name = name.into();
        if RESERVED.contains(&&*name) || self.claims.iter().any(|(taken, _)| *taken == name) {
            return Err(IssueError::new(IssueErrorKind::ReservedClaim));
        }
        // Serde's text may quote the value.
        let value =
            serde_json::to_string(&value).map_err(|_quoting| IssueError::new(IssueErrorKind::Claims))?;
        if Value::of(&value).is_none() {
            return Err(IssueError::new(IssueErrorKind::Claims));
        }
        self.claims.push((name, value));
        Ok(self)
    }
}

/// What the issuer writes by itself, and what has a meaning that it does not give.
const RESERVED: [&str; 15] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "scope",
    "scp",
    "client_id",
    "auth_time",
    "amr",
    "roles",
    "cnf",
    "sid",
];
