use std::{fmt, sync::Arc, time::Duration};

use http::HeaderValue;
use portcullis_core::Timestamp;

use super::{TokenError, TokenErrorKind, VerifiedToken, config::Config};
use crate::{
    identity::{Amr, Principal},
    reject::{Challenge, Rejection},
};

/// What a bearer layer made of a request: which layer it was, and the token if there is one.
#[derive(Clone)]
pub(crate) struct BearerSlot {
    config: Arc<Config>,
    token: Option<VerifiedToken>,
}

impl BearerSlot {
    pub(super) const fn new(config: Arc<Config>, token: Option<VerifiedToken>) -> Self {
        Self { config, token }
    }

    pub(crate) const fn token(&self) -> Option<&VerifiedToken> {
        self.token.as_ref()
    }

    pub(crate) const fn has_a_token(&self) -> bool {
        self.token.is_some()
    }

    /// Whether the token says whom it is about.
    pub(crate) fn names_somebody(&self) -> bool {
        self.token.as_ref().is_some_and(|token| token.subject().is_some())
    }

    /// Whom the token names.
    pub(crate) fn principal(&self) -> Option<Principal> {
        let token = self.token.as_ref()?;
        let mut principal = Principal::new(token.issuer().clone(), token.shared_subject()?)
            .with_amr(token.amr().into_iter().map(|method| Amr::new(method.into_owned())))
            .with_roles(token.roles().into_iter().map(Arc::from))
            .with_proof(token.credential(), self.clone());
        if let Some(at) = token.authenticated_at() {
            principal = principal.with_authenticated_at(at);
        }
        if let Some(at) = token.expires_at() {
            principal = principal.with_expires_at(at);
        }
        Some(principal)
    }

    /// When the token was issued.
    pub(crate) fn issued_at(&self) -> Option<Timestamp> {
        self.token.as_ref()?.issued_at()
    }

    pub(crate) fn challenge(&self, challenge: Challenge) -> HeaderValue {
        self.config.challenge.to(challenge)
    }

    /// The answer to a token that turns out to be of no use to the handler.
    pub(super) fn refused(&self, error: &TokenError) -> Rejection {
        self.config.refused(error)
    }

    /// To a caller whose token does not grant `scope`, which would be enough.
    pub(crate) fn insufficient_scope(&self, scope: &str) -> HeaderValue {
        self.config.challenge.insufficient_scope(scope)
    }

    /// The time, by the layer's clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.config.clock.now()
    }

    /// Waits until the token has ended, or was revoked where its layer asks for that. An outage ends nothing.
    pub(crate) async fn ended(self) {
        let Some(token) = &self.token else {
            return std::future::pending().await;
        };
        loop {
            let left = token.expires_at().map(|end| end.since(self.now()));
            if left.is_some_and(|left| left.is_zero()) || self.is_revoked(token).await {
                return;
            }
            let pause = match (left, &self.config.revocations) {
                (Some(left), Some(_)) => left.min(RECHECK),
                (Some(left), None) => left,
                (None, Some(_)) => RECHECK,
                (None, None) => return std::future::pending().await,
            };
            tokio::time::sleep(pause.max(SHORTEST_PAUSE)).await;
        }
    }

    async fn is_revoked(&self, token: &VerifiedToken) -> bool {
        match &self.config.revocations {
            Some(revocations) => {
                let verdict = revocations.check(token.clone()).await;
                verdict.is_err_and(|refused| refused.kind() == TokenErrorKind::Revoked)
            }
            None => false,
        }
    }
}

/// Who somebody is does not depend on what proved it.
impl PartialEq for BearerSlot {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for BearerSlot {}

impl fmt::Debug for BearerSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerSlot").field("token", &self.token).finish_non_exhaustive()
    }
}

/// How often a stream asks, as one with a session does unless told otherwise.
const RECHECK: Duration = Duration::from_secs(30);
/// However the clocks differ: a thousand streams must not ask without a pause.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
