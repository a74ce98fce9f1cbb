use std::{borrow::Cow, fmt, ops::Range, sync::Arc};

use portcullis_core::Timestamp;
use serde::de::DeserializeOwned;

use super::{
    ClaimsPolicy, Form, Registered, Scopes,
    error::{TokenError, TokenErrorKind},
};
use crate::{
    identity::{CredentialKind, IssuerId},
    json::{self, JsonError, Value},
    keyring::KeyId,
};

/// A token whose signature was verified and whose claims were accepted: the only way to have one is a verifier's.
///
/// A cheap clone. It holds the claims and not the token, so nothing of it can be presented.
#[derive(Clone)]
pub struct VerifiedToken(Arc<Verified>);

struct Verified {
    form: Form,
    key: KeyId,
    issuer: IssuerId,
    subject: Option<Arc<str>>,
    token_id: Option<Box<str>>,
    expires_at: Option<Timestamp>,
    issued_at: Option<Timestamp>,
    authenticated_at: Option<Timestamp>,
    client_id: Slice,
    scope: Slice,
    scp: Slice,
    amr: Slice,
    roles: Slice,
    /// The claims as they were signed.
    payload: String,
}

/// Where a claim's value lies in the payload; empty for none.
type Slice = Range<usize>;

impl VerifiedToken {
    /// What `payload`, whose signature is proved by `key`, comes to under `policy`.
    pub(crate) fn admit(
        policy: &ClaimsPolicy,
        form: Form,
        key: KeyId,
        payload: String,
        now: Timestamp,
    ) -> Result<Self, TokenError> {
        let claims = Registered::read(&payload, form)?;
        policy.check(&claims, &payload, form, now)?;
        let slice = |value: Option<Value<'_>>| value.map_or(0..0, |value| slice_of(&payload, value.raw()));
        let verified = Verified {
            form,
            key,
            issuer: policy.issuer().clone(),
            subject: claims.subject.map(|subject| Arc::from(&*subject.decoded())),
            token_id: claims.token_id.map(|id| id.decoded().into()),
            expires_at: claims.expires_at,
            issued_at: claims.issued_at,
            // One of the future would count as recent until then and for as long after.
            authenticated_at: claims.authenticated_at.filter(|at| policy.has_come(*at, now)),
            client_id: slice(claims.client_id.map(Value::String)),
            scope: slice(claims.scopes.scope),
            scp: slice(claims.scopes.scp),
            amr: slice(claims.amr),
            roles: slice(claims.roles),
            payload,
        };
        Ok(Self(Arc::new(verified)))
    }

    /// Which format it was in.
    #[must_use]
    pub fn credential(&self) -> CredentialKind {
        self.0.form.credential()
    }

    /// The id of the key that it was verified with, as the key ring has it.
    #[must_use]
    pub fn key_id(&self) -> &KeyId {
        &self.0.key
    }

    /// Who issued it: `iss`.
    #[must_use]
    pub fn issuer(&self) -> &IssuerId {
        &self.0.issuer
    }

    /// Whom it is about: `sub`.
    #[must_use]
    pub fn subject(&self) -> Option<&str> {
        self.0.subject.as_deref()
    }

    /// The same, shared.
    pub(crate) fn shared_subject(&self) -> Option<Arc<str>> {
        self.0.subject.clone()
    }

    /// Its own id: `jti`.
    #[must_use]
    pub fn token_id(&self) -> Option<&str> {
        self.0.token_id.as_deref()
    }

    /// When it ends: `exp`.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.0.expires_at
    }

    /// When it was issued: `iat`.
    #[must_use]
    pub fn issued_at(&self) -> Option<Timestamp> {
        self.0.issued_at
    }

    /// When its subject was authenticated: `auth_time`, unless that has not come.
    #[must_use]
    pub fn authenticated_at(&self) -> Option<Timestamp> {
        self.0.authenticated_at
    }

    /// Which OAuth client it was issued to: `client_id`. Some providers have it in claims of their own, such as `azp`.
    #[must_use]
    pub fn client_id(&self) -> Option<Cow<'_, str>> {
        Value::of(self.slice(&self.0.client_id))?.text().map(json::Text::decoded)
    }

    /// The scopes it grants, of `scope` and `scp` together.
    #[must_use]
    pub fn scopes(&self) -> Vec<String> {
        let mut scopes = Vec::new();
        self.granted().for_each(|scope| scopes.push(scope.into_owned()));
        scopes
    }

    /// Whether it grants `scope`, compared byte for byte.
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        let mut found = false;
        self.granted().for_each(|granted| found |= granted == scope);
        found
    }

    /// Its claims as a type of yours.
    ///
    /// # Errors
    ///
    /// They have another shape: the kind is [`Claims`](TokenErrorKind::Claims).
    ///
    /// # Example
    ///
    /// ```
    /// use portcullis::bearer::{TokenError, VerifiedToken};
    ///
    /// #[derive(serde::Deserialize)]
    /// struct Tenant {
    ///     tenant: String,
    /// }
    ///
    /// fn tenant(token: &VerifiedToken) -> Result<String, TokenError> {
    ///     Ok(token.claims::<Tenant>()?.tenant)
    /// }
    /// ```
    pub fn claims<T: DeserializeOwned>(&self) -> Result<T, TokenError> {
        // Serde's text may quote a value.
        serde_json::from_str(&self.0.payload).map_err(|_quoting| TokenError::new(TokenErrorKind::Claims))
    }

    /// Its claims as they were signed: a JSON object.
    #[must_use]
    pub fn claims_json(&self) -> &str {
        &self.0.payload
    }

    pub(crate) fn amr(&self) -> Vec<Cow<'_, str>> {
        strings(self.slice(&self.0.amr))
    }

    pub(crate) fn roles(&self) -> Vec<Cow<'_, str>> {
        strings(self.slice(&self.0.roles))
    }

    fn granted(&self) -> Scopes<'_> {
        Scopes { scope: Value::of(self.slice(&self.0.scope)), scp: Value::of(self.slice(&self.0.scp)) }
    }

    fn slice(&self, slice: &Slice) -> &str {
        self.0.payload.get(slice.clone()).unwrap_or_default()
    }
}

impl fmt::Debug for VerifiedToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedToken")
            .field("credential", &self.credential())
            .field("key_id", self.key_id())
            .field("issuer", self.issuer())
            .field("expires_at", &self.expires_at())
            .finish_non_exhaustive()
    }
}

/// The strings of an array; of anything else none.
fn strings(array: &str) -> Vec<Cow<'_, str>> {
    let mut strings = Vec::new();
    let read: Result<(), JsonError> = json::elements(array, |element| {
        strings.extend(element.text().map(json::Text::decoded));
        Ok(())
    });
    if read.is_err() {
        strings.clear();
    }
    strings
}

fn slice_of(whole: &str, part: &str) -> Slice {
    let start = (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize);
    start..start + part.len()
}

#[cfg(test)]
mod tests;
