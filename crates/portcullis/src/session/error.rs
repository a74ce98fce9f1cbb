use std::{error::Error, fmt};

use portcullis_core::{RandomnessError, StoreError, StoreErrorKind};

use crate::{
    cross_origin::Reason,
    reject::{Rejection, RejectionKind},
};

/// A session could not be read or changed.
///
/// In axum it answers for itself, so `?` works in a handler: 503 with `Retry-After` for an outage, 409 for a session that was
/// ended meanwhile, 403 for a session that another site wants begun and for a login that would be one session too many, else 500. With the feature `tonic`
/// it becomes the `Status` of the same kind.
#[derive(Debug)]
pub struct SessionError {
    kind: SessionErrorKind,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl SessionError {
    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> SessionErrorKind {
        self.kind
    }

    pub(super) const fn gone() -> Self {
        Self { kind: SessionErrorKind::Gone, source: None }
    }

    pub(super) const fn contended() -> Self {
        Self { kind: SessionErrorKind::Contended, source: None }
    }

    pub(super) const fn committed() -> Self {
        Self { kind: SessionErrorKind::Committed, source: None }
    }

    /// Another site made the browser ask for a new session.
    pub(super) fn cross_origin(reason: Reason) -> Self {
        Self { kind: SessionErrorKind::CrossOrigin, source: Some(Box::new(reason)) }
    }

    pub(super) const fn too_many_sessions() -> Self {
        Self { kind: SessionErrorKind::TooManySessions, source: None }
    }

    pub(super) const fn authentication_too_old() -> Self {
        Self { kind: SessionErrorKind::AuthenticationTooOld, source: None }
    }

    /// Of serde's error only where and of which sort it is: its text may quote the value.
    pub(super) fn value(error: &serde_json::Error) -> Self {
        let place =
            format!("{:?} error at line {} column {}", error.classify(), error.line(), error.column());
        Self { kind: SessionErrorKind::Value, source: Some(place.into()) }
    }

    /// Why the request was taken for another site's.
    pub(super) fn cross_origin_reason(&self) -> Option<Reason> {
        self.source.as_deref()?.downcast_ref().copied()
    }

    /// Whether waiting may help.
    pub(super) const fn is_outage(&self) -> bool {
        matches!(self.kind, SessionErrorKind::Unavailable | SessionErrorKind::Contended)
    }
}

impl From<StoreError> for SessionError {
    fn from(error: StoreError) -> Self {
        let kind = match error.kind() {
            StoreErrorKind::TooLarge => SessionErrorKind::TooLarge,
            StoreErrorKind::Unsupported => SessionErrorKind::Unsupported,
            _ => SessionErrorKind::Unavailable,
        };
        Self { kind, source: Some(Box::new(error)) }
    }
}

impl From<RandomnessError> for SessionError {
    fn from(error: RandomnessError) -> Self {
        Self { kind: SessionErrorKind::Unavailable, source: Some(Box::new(error)) }
    }
}

impl From<SessionError> for Rejection {
    fn from(error: SessionError) -> Self {
        Self::from(&error)
    }
}

impl From<&SessionError> for Rejection {
    fn from(error: &SessionError) -> Self {
        let kind = match error.kind {
            SessionErrorKind::Unavailable | SessionErrorKind::Contended => RejectionKind::Unavailable,
            SessionErrorKind::Gone => RejectionKind::Gone,
            SessionErrorKind::AuthenticationTooOld => RejectionKind::Unauthenticated,
            SessionErrorKind::CrossOrigin => RejectionKind::CrossOrigin,
            SessionErrorKind::TooManySessions => RejectionKind::TooManySessions,
            SessionErrorKind::Value
            | SessionErrorKind::TooLarge
            | SessionErrorKind::Unsupported
            | SessionErrorKind::Committed => RejectionKind::Internal,
        };
        Self::new(kind, error.kind.sentence())
    }
}

impl fmt::Display for SessionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.sentence())
    }
}

impl Error for SessionError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

/// What went wrong with a session.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum SessionErrorKind {
    /// The store, or the operating system's randomness, is out. Nothing was decided about the caller.
    Unavailable,
    /// The session was ended while this request changed it; nothing was written.
    Gone,
    /// Others changed the session at every attempt to renew its id; nothing was written. A write that loses until the deadline is
    /// `Unavailable`.
    Contended,
    /// The request would begin a session, and another site made it; see [`cross_origin`](crate::cross_origin).
    CrossOrigin,
    /// The principal has as many sessions as the [limit](super::SessionLimit::refuse) allows; nobody was logged in.
    TooManySessions,
    /// The principal was authenticated longer ago than a session may last.
    AuthenticationTooOld,
    /// The value under this key is not of the type asked for, or cannot be written as JSON. Other keys are unharmed.
    Value,
    /// The session is larger than the store takes.
    TooLarge,
    /// The store cannot do this: it keeps no list of whose records are whose.
    Unsupported,
    /// The response's headers have left: there is nothing to change the session with.
    Committed,
}

impl SessionErrorKind {
    const fn sentence(self) -> &'static str {
        match self {
            Self::Unavailable => "the session store is unavailable",
            Self::Gone => "the session was ended meanwhile",
            Self::Contended => "the session is changed by too many requests at once",
            Self::CrossOrigin => "another site made the request, which may begin no session",
            Self::TooManySessions => "there are as many sessions as are allowed",
            Self::Unsupported => "the session store keeps no list of somebody's sessions",
            Self::AuthenticationTooOld => "the authentication is older than a session may be",
            Self::Value => "the session's value does not fit the type",
            Self::TooLarge => "the session is larger than the store takes",
            Self::Committed => "the session was changed after the response had left",
        }
    }
}
