use std::{fmt, sync::Arc};

use portcullis_core::{Clock, SystemClock};

use super::{
    TokenError, TokenErrorKind, Verification, VerifiedToken, VerifyToken, challenge::BearerChallenge,
    credentials::CredentialsError,
};
use crate::{
    event::{Event, EventHook, EventKind},
    reject::{Challenge, Rejection, RejectionKind},
    revocation::Revocations,
};

/// All settings of a layer.
#[derive(Clone)]
pub(super) struct Config {
    pub(super) verifier: Arc<dyn VerifyToken>,
    pub(super) mode: Mode,
    pub(super) forwarding: Forwarding,
    pub(super) challenge: BearerChallenge,
    pub(super) revocations: Option<Revocations>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) hook: Option<EventHook>,
}

/// What becomes of a request without a bearer credential.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Mode {
    Required,
    Optional,
}

/// Whether what is inside gets to see the token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Forwarding {
    Kept,
    Removed,
}

impl Config {
    pub(super) fn new(verifier: Arc<dyn VerifyToken>) -> Self {
        Self {
            verifier,
            mode: Mode::Required,
            forwarding: Forwarding::Kept,
            challenge: BearerChallenge::default(),
            revocations: None,
            clock: Arc::new(SystemClock),
            hook: None,
        }
    }

    /// What the verifier says, and then the revocations.
    pub(super) fn verify(&self, token: &str) -> Verification {
        let verification = self.verifier.verify(token);
        let Some(revocations) = &self.revocations else {
            return verification;
        };
        match verification {
            Verification::Ready(Ok(verified)) => match revocations.check_now(&verified) {
                Some(verdict) => Verification::Ready(verdict.map(|()| verified)),
                None => Verification::Pending(Box::pin(unless_revoked(revocations.clone(), verified))),
            },
            refused @ Verification::Ready(Err(_)) => refused,
            Verification::Pending(wait) => {
                let revocations = revocations.clone();
                Verification::Pending(Box::pin(async { unless_revoked(revocations, wait.await?).await }))
            }
        }
    }

    /// The answer to a request without a bearer credential where one is needed.
    pub(super) fn absent(&self, beside: Beside) -> Rejection {
        let message = match beside {
            Beside::Nothing => "a bearer token is needed",
            Beside::Session => {
                "a bearer token is needed: for callers with a session too, make the layer `BearerLayer::optional`"
            }
        };
        Rejection::new(RejectionKind::Unauthenticated, message)
            .with_challenges(vec![self.challenge.to(Challenge::LogIn)])
    }

    /// The answer to credentials that name no one token.
    pub(super) fn unreadable(&self, error: CredentialsError) -> Rejection {
        self.report(EventKind::TokenRefused, error.name());
        match error {
            CredentialsError::Several | CredentialsError::NoToken => Rejection::new(
                RejectionKind::InvalidRequest,
                "one bearer token is needed, in one `Authorization` field",
            )
            .with_challenges(vec![self.challenge.invalid_request()]),
            CredentialsError::Malformed | CredentialsError::TooLarge => self.invalid(),
        }
    }

    /// The answer to a token that was not accepted, or of which nothing can be told.
    pub(super) fn refused(&self, error: &TokenError) -> Rejection {
        if error.kind() == TokenErrorKind::Unavailable {
            self.report(EventKind::TokenUnchecked, error.reason());
            return Rejection::new(
                RejectionKind::Unavailable,
                "whether the token is valid cannot be told now",
            );
        }
        self.report(EventKind::TokenRefused, error.reason());
        self.invalid()
    }

    pub(super) fn layered_twice(&self) -> Rejection {
        self.report(EventKind::BearerLayeredTwice, "layered_twice");
        let message = "two bearer layers are around one route: keep the outer one, let it accept either kind of token by `AnyOf`, and \
                       demand more inside of it with `RequireScope` or `Require`";
        Rejection::new(RejectionKind::Internal, message)
    }

    /// The same words whatever was wrong (T70).
    fn invalid(&self) -> Rejection {
        Rejection::new(RejectionKind::InvalidToken, "the bearer token is not accepted")
            .with_challenges(vec![self.challenge.invalid_token()])
    }

    fn report(&self, kind: EventKind, reason: &'static str) {
        let event = Event::new(kind, None).because(reason);
        event.trace();
        if let Some(hook) = &self.hook {
            hook(&event);
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("mode", &self.mode)
            .field("forwarding", &self.forwarding)
            .finish_non_exhaustive()
    }
}

async fn unless_revoked(
    revocations: Revocations,
    verified: VerifiedToken,
) -> Result<VerifiedToken, TokenError> {
    revocations.check(verified.clone()).await?;
    Ok(verified)
}

/// What else is around a route that could identify the caller.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Beside {
    Nothing,
    Session,
}
