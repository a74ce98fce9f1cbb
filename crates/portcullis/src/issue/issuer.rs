use std::{sync::Arc, time::Duration};

use portcullis_core::{Clock, Secret, SystemClock, Timestamp};

use super::{
    IssueError, IssueErrorKind, IssuedToken, SignToken, TokenRequest, TokenType,
    payload::{self, Added},
};
use crate::{
    base64url,
    bearer::{ConfigError, MOST_BYTES},
    identity::IssuerId,
    revocation::{self, Revocations},
};

/// Issues access tokens of one format, for one issuer and one audience; see the [module](super).
///
/// A cheap clone.
#[derive(Clone, Debug)]
pub struct TokenIssuer(Arc<Settings>);

#[derive(Clone, Debug)]
struct Settings {
    signer: Arc<dyn SignToken>,
    issuer: IssuerId,
    audience: Box<str>,
    lifetime: Duration,
    clock: Arc<dyn Clock>,
    revocations: Option<Revocations>,
}

impl TokenIssuer {
    pub(crate) fn with_signer(
        signer: Arc<dyn SignToken>,
        issuer: impl Into<Arc<str>>,
        audience: impl Into<Box<str>>,
    ) -> Result<Self, ConfigError> {
        if !signer.can_ever_sign() {
            return Err(ConfigError::NoSigningKey);
        }
        Ok(Self(Arc::new(Settings {
            signer,
            issuer: IssuerId::new(issuer),
            audience: audience.into(),
            lifetime: DEFAULT_LIFETIME,
            clock: Arc::new(SystemClock),
            revocations: None,
        })))
    }

    /// Whose tokens they are: give the principals that log in the same issuer.
    #[must_use]
    pub fn issuer(&self) -> &IssuerId {
        &self.0.issuer
    }

    /// How long a token is good for.
    ///
    /// # Units
    ///
    /// Whole seconds; a fraction is dropped.
    ///
    /// # Default
    ///
    /// Ten minutes: a token that is not checked for revocation cannot be taken back for so long.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Lifetime`] for less than a second or more than a day.
    pub fn with_lifetime(self, lifetime: Duration) -> Result<Self, ConfigError> {
        if !(SHORTEST_LIFETIME..=LONGEST_LIFETIME).contains(&lifetime) {
            return Err(ConfigError::Lifetime(lifetime));
        }
        Ok(self.set(|settings| settings.lifetime = Duration::from_secs(lifetime.as_secs())))
    }

    /// Tells the time.
    ///
    /// # Default
    ///
    /// The system's clock.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock) -> Self {
        self.set(|settings| settings.clock = Arc::new(clock))
    }

    /// Makes tokens that outlive a revocation of everything older: after "log out everywhere" a new login of the same second would else be refused too.
    /// Give it what the [layer](crate::bearer::BearerLayer::with_revocations) has; a token then costs a trip to the store.
    ///
    /// Right after such a revocation a token says that it was issued up to ten seconds later than it was. Verifiers'
    /// [leeway](crate::claims::ClaimsPolicy::with_leeway) must cover that. Who is revoked more than ten times within a second gets no token for some
    /// seconds: none that a further revocation would not refuse.
    ///
    /// # Default
    ///
    /// None.
    #[must_use]
    pub fn with_revocations(self, revocations: Revocations) -> Self {
        self.set(|settings| settings.revocations = Some(revocations))
    }

    /// Issues what `request` asks for, with an id of its own (`jti`), from now (`iat`) for the [lifetime](Self::with_lifetime) (`exp`).
    ///
    /// # Errors
    ///
    /// The subject is empty; no key of the ring signs at this time; the store of the revocations fails; the principal is another issuer's; the token would be longer than
    /// verifiers look at; the operating system gives no randomness.
    pub async fn issue(&self, request: TokenRequest) -> Result<IssuedToken, IssueError> {
        let settings = &self.0;
        if request.subject.is_empty() {
            return Err(IssueError::new(IssueErrorKind::NoSubject));
        }
        if request.of_issuer.as_ref().is_some_and(|issuer| *issuer != settings.issuer) {
            return Err(IssueError::new(IssueErrorKind::ForeignPrincipal));
        }
        let now = settings.clock.now();
        // Soon there will be a time again that a later revocation can refuse.
        let issued_at = revocation::issued_at(now, self.mark_of(&request).await?)
            .ok_or_else(|| IssueError::new(IssueErrorKind::Unavailable))?;
        let expires_at = issued_at + settings.lifetime;
        let token_id = token_id()?;
        let added = Added {
            issuer: &settings.issuer,
            audience: &settings.audience,
            token_id: &token_id,
            issued_at,
            expires_at,
        };
        let claims = payload::write(&request, &added, settings.signer.form())?;
        let token_type = if request.client_id.is_some() { TokenType::AccessToken } else { TokenType::Common };
        let token = settings.signer.sign(&claims, token_type, now)?;
        if token.len() > MOST_BYTES {
            return Err(IssueError::new(IssueErrorKind::TooLarge));
        }
        Ok(IssuedToken::new(token, token_id, expires_at, settings.lifetime, request.scope))
    }

    /// Until when everything of the subject is revoked, if it is.
    async fn mark_of(&self, request: &TokenRequest) -> Result<Option<Timestamp>, IssueError> {
        match &self.0.revocations {
            Some(revocations) => revocations
                .mark_of(&self.0.issuer, &request.subject)
                .await
                .map_err(|outage| IssueError::because(IssueErrorKind::Unavailable, outage)),
            None => Ok(None),
        }
    }

    fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }
}

/// 128 bits that nobody can guess or meet twice.
fn token_id() -> Result<String, IssueError> {
    let drawn =
        Secret::generate().map_err(|error| IssueError::because(IssueErrorKind::Unavailable, error))?;
    let [id, _spare] = drawn.expose().as_chunks::<16>().0 else {
        return Err(IssueError::new(IssueErrorKind::Unavailable));
    };
    Ok(base64url::encode(id))
}

const DEFAULT_LIFETIME: Duration = Duration::from_secs(600);
const SHORTEST_LIFETIME: Duration = Duration::from_secs(1);
const LONGEST_LIFETIME: Duration = Duration::from_secs(86_400);
