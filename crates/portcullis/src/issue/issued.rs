use std::{fmt, time::Duration};

use portcullis_core::Timestamp;

/// A token that was just issued, for whoever it was issued for alone.
///
/// In axum it answers for itself, as [RFC 6749 §5.1] has it: `access_token`, `token_type`, `expires_in` and `scope` as JSON, stored by no cache. Its
/// `Debug` shows nothing of the token.
///
/// [RFC 6749 §5.1]: https://www.rfc-editor.org/rfc/rfc6749#section-5.1
#[derive(Clone)]
pub struct IssuedToken {
    token: String,
    token_id: String,
    expires_at: Timestamp,
    expires_in: Duration,
    scope: String,
}

impl IssuedToken {
    pub(super) const fn new(
        token: String,
        token_id: String,
        expires_at: Timestamp,
        expires_in: Duration,
        scope: String,
    ) -> Self {
        Self { token, token_id, expires_at, expires_in, scope }
    }

    /// The token itself.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Its id (`jti`), by which it can be revoked.
    #[must_use]
    pub fn token_id(&self) -> &str {
        &self.token_id
    }

    /// When it ends.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// How long it is good for: the issuer's [lifetime](super::TokenIssuer::with_lifetime). It counts from the whole second in which the token was
    /// issued, so less than a second of it may have passed already.
    #[must_use]
    pub const fn expires_in(&self) -> Duration {
        self.expires_in
    }

    /// The scopes it grants, with spaces between; empty for none.
    #[must_use]
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// The body of the answer that hands it over ([RFC 6749 §5.1]): a JSON object that holds the token.
    ///
    /// # Units
    ///
    /// `expires_in` is in whole seconds, rounded down.
    ///
    /// [RFC 6749 §5.1]: https://www.rfc-editor.org/rfc/rfc6749#section-5.1
    #[must_use]
    pub fn to_json(&self) -> String {
        // The parts are base64url, dots, digits and scope-tokens: nothing in them needs an escape.
        let scope =
            if self.scope.is_empty() { String::new() } else { format!(",\"scope\":\"{}\"", self.scope) };
        format!(
            "{{\"access_token\":\"{}\",\"token_type\":\"Bearer\",\"expires_in\":{}{scope}}}",
            self.token,
            self.expires_in.as_secs(),
        )
    }
}

impl fmt::Debug for IssuedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IssuedToken")
            .field("token_id", &self.token_id)
            .field("expires_at", &self.expires_at)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}
