use std::time::Duration;

use portcullis::{
    bearer::{AnyOf, BearerLayer, ConfigError},
    claims::ClaimsPolicy,
    identity::IssuerId,
    issue::{IssueError, IssuedToken, TokenIssuer, TokenRequest},
    jwt::{JwtKeys, JwtVerifier},
    paseto::PasetoVerifier,
    revocation::Revocations,
};
use serde::Deserialize;

use super::TokenKeys;

/// What issues tokens of either format, and accepts both: a cheap clone.
#[derive(Clone, Debug)]
pub struct Tokens {
    issuer: IssuerId,
    jwt: TokenIssuer,
    paseto: TokenIssuer,
    verifier: AnyOf,
    published: JwtKeys,
}

/// Which kind of token somebody wants.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Format {
    Jwt,
    Paseto,
}

impl Tokens {
    /// Tokens of `issuer` under `keys`, each good for `lifetime`.
    ///
    /// # Errors
    ///
    /// None of the keys of one format can sign, or a lifetime that is less than a second or more than a day.
    pub fn new(issuer: &str, keys: &TokenKeys, lifetime: Duration) -> Result<Self, ConfigError> {
        let audience = format!("{issuer}/api");
        // Whoever issues and whoever verifies have one clock, so the default of half a minute would only be half a minute more. What is
        // left is for tokens that are made right after a logout everywhere: they bear a later second than now, or they could not be
        // told from those before, and many logouts at once put that off by up to ten.
        let policy = ClaimsPolicy::new(issuer, audience.as_str()).with_leeway(LEEWAY)?;
        Ok(Self {
            issuer: IssuerId::new(issuer),
            jwt: TokenIssuer::jwt(keys.jwt.clone(), issuer, audience.as_str())?.with_lifetime(lifetime)?,
            paseto: TokenIssuer::paseto(keys.paseto.clone(), issuer, audience.as_str())?
                .with_lifetime(lifetime)?,
            verifier: AnyOf::new()
                .or("jwt", JwtVerifier::new(keys.jwt.clone(), policy.clone()))
                .or("paseto", PasetoVerifier::new(keys.paseto.clone(), policy)),
            published: keys.jwt.clone(),
        })
    }

    /// Whose they are, as sessions are.
    pub(crate) const fn issuer(&self) -> &IssuerId {
        &self.issuer
    }

    /// The keys whose public halves others may have.
    pub(super) const fn published(&self) -> &JwtKeys {
        &self.published
    }

    /// The same, with the knowledge of who was logged out everywhere.
    pub(crate) fn knowing(&self, revocations: &Revocations) -> Self {
        Self {
            jwt: self.jwt.clone().with_revocations(revocations.clone()),
            paseto: self.paseto.clone().with_revocations(revocations.clone()),
            ..self.clone()
        }
    }

    pub(super) async fn issue(
        &self,
        format: Format,
        request: TokenRequest,
    ) -> Result<IssuedToken, IssueError> {
        match format {
            Format::Jwt => self.jwt.issue(request).await,
            Format::Paseto => self.paseto.issue(request).await,
        }
    }

    /// Lets requests through that bear a token of either format, unless it was revoked, and those that bear none.
    pub(crate) fn layer(&self, revocations: &Revocations) -> BearerLayer {
        BearerLayer::new(self.verifier.clone()).optional().with_revocations(revocations.clone())
    }
}

const LEEWAY: Duration = Duration::from_secs(11);
