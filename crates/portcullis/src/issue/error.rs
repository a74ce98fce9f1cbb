use std::{error::Error, fmt};

use crate::reject::{Rejection, RejectionKind};

/// No token was issued.
#[derive(Debug)]
pub struct IssueError {
    kind: IssueErrorKind,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl IssueError {
    pub(crate) const fn new(kind: IssueErrorKind) -> Self {
        Self { kind, source: None }
    }

    pub(crate) fn because(kind: IssueErrorKind, source: impl Error + Send + Sync + 'static) -> Self {
        Self { kind, source: Some(Box::new(source)) }
    }

    /// Why not, as a kind.
    #[must_use]
    pub const fn kind(&self) -> IssueErrorKind {
        self.kind
    }
}

impl fmt::Display for IssueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            IssueErrorKind::NoSigningKey => "no key of the ring signs at this time",
            IssueErrorKind::Claims => "a claim cannot be written as JSON",
            IssueErrorKind::NoSubject => "the subject is empty and names nobody",
            IssueErrorKind::ReservedClaim => {
                "a claim is one that the issuer sets by itself, or was given already"
            }
            IssueErrorKind::Scope => "a scope is not printable ASCII without spaces, quotes and backslashes",
            IssueErrorKind::ForeignPrincipal => "the principal is another issuer's",
            IssueErrorKind::TooLarge => "the token would be longer than a token may be",
            IssueErrorKind::Unavailable => "the store or the operating system's randomness is unavailable",
        })
    }
}

impl Error for IssueError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn Error + 'static))
    }
}

/// Where waiting may help it is an outage, and for a scope that is none the client's mistake; else the program's.
impl From<&IssueError> for Rejection {
    fn from(error: &IssueError) -> Self {
        let kind = match error.kind() {
            IssueErrorKind::Unavailable => RejectionKind::Unavailable,
            IssueErrorKind::Scope => RejectionKind::InvalidScope,
            IssueErrorKind::NoSigningKey
            | IssueErrorKind::Claims
            | IssueErrorKind::ReservedClaim
            | IssueErrorKind::ForeignPrincipal
            | IssueErrorKind::NoSubject
            | IssueErrorKind::TooLarge => RejectionKind::Internal,
        };
        Self::new(kind, error.to_string())
    }
}

/// Why no token was issued.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum IssueErrorKind {
    /// None of the ring's keys is active.
    NoSigningKey,
    /// A claim cannot be written as JSON.
    Claims,
    /// The subject is empty.
    NoSubject,
    /// A claim is one that the issuer sets by itself, or was given already.
    ReservedClaim,
    /// A scope is no scope-token ([RFC 6749 §3.3](https://www.rfc-editor.org/rfc/rfc6749#section-3.3)).
    Scope,
    /// The principal is another issuer's: the token would name somebody else, who has the same subject here.
    ForeignPrincipal,
    /// With these claims the token would be refused for its length.
    TooLarge,
    /// The store or the operating system's randomness is out.
    Unavailable,
}
