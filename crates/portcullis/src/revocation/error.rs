use std::{error::Error, fmt};

use portcullis_core::{StoreError, StoreErrorKind};

use crate::reject::{Rejection, RejectionKind};

/// Nothing was revoked, or nobody knows whether it was: to ask again is safe.
///
/// As a [`Rejection`] it is a 503 for an outage, else a 500.
#[derive(Debug)]
pub struct RevocationError {
    kind: RevocationErrorKind,
    source: Option<StoreError>,
}

impl RevocationError {
    pub(super) const fn no_token_id() -> Self {
        Self { kind: RevocationErrorKind::NoTokenId, source: None }
    }

    /// The store's error beneath; without one it is nothing that asking again would mend.
    pub(crate) fn into_store_error(self) -> StoreError {
        self.source.unwrap_or_else(StoreError::unsupported)
    }

    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> RevocationErrorKind {
        self.kind
    }
}

impl From<StoreError> for RevocationError {
    fn from(error: StoreError) -> Self {
        let kind = match error.kind() {
            StoreErrorKind::TooLarge => RevocationErrorKind::TooLarge,
            StoreErrorKind::Unsupported => RevocationErrorKind::Unsupported,
            _ => RevocationErrorKind::Unavailable,
        };
        Self { kind, source: Some(error) }
    }
}

impl From<RevocationError> for Rejection {
    fn from(error: RevocationError) -> Self {
        Self::from(&error)
    }
}

impl From<&RevocationError> for Rejection {
    fn from(error: &RevocationError) -> Self {
        let kind = match error.kind {
            RevocationErrorKind::Unavailable => RejectionKind::Unavailable,
            RevocationErrorKind::NoTokenId
            | RevocationErrorKind::TooLarge
            | RevocationErrorKind::Unsupported => RejectionKind::Internal,
        };
        Self::new(kind, error.kind.sentence())
    }
}

impl fmt::Display for RevocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.sentence())
    }
}

impl Error for RevocationError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_ref().map(|source| source as &(dyn Error + 'static))
    }
}

/// What went wrong with a revocation.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum RevocationErrorKind {
    /// The store is out. It may have been revoked all the same.
    Unavailable,
    /// The token has no id (`jti`) to revoke it by; its subject can be revoked.
    NoTokenId,
    /// The store takes no records of a few bytes.
    TooLarge,
    /// The store cannot do this.
    Unsupported,
}

impl RevocationErrorKind {
    const fn sentence(self) -> &'static str {
        match self {
            Self::Unavailable => "the store of revocations is unavailable",
            Self::NoTokenId => "the token has no id to revoke it by",
            Self::TooLarge => "the mark is larger than the store takes",
            Self::Unsupported => "the store cannot keep revocations",
        }
    }
}
