use std::{borrow::Cow, error::Error, fmt};

use crate::json::JsonError;

/// A token was not accepted.
///
/// The [reason](Self::reason) is a name that stays, for logs and scripts. A client is told no more than that its token is invalid: which check it
/// failed would help nobody but a forger.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenError {
    kind: TokenErrorKind,
    claim: Option<Cow<'static, str>>,
}

impl TokenError {
    pub(crate) const fn new(kind: TokenErrorKind) -> Self {
        Self { kind, claim: None }
    }

    pub(crate) fn of_claim(kind: TokenErrorKind, claim: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, claim: Some(claim.into()) }
    }

    /// Why, as a kind.
    #[must_use]
    pub const fn kind(&self) -> TokenErrorKind {
        self.kind
    }

    /// The claim that is missing or wrong, where it is one. Always a name that we look for, never one that the token made up.
    #[must_use]
    pub fn claim(&self) -> Option<&str> {
        self.claim.as_deref()
    }

    /// Why, by a name that stays.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        self.kind.name()
    }
}

impl From<TokenErrorKind> for TokenError {
    fn from(kind: TokenErrorKind) -> Self {
        Self::new(kind)
    }
}

/// Of the claims; of the header it is `Malformed`.
impl From<JsonError> for TokenError {
    fn from(_: JsonError) -> Self {
        Self::new(TokenErrorKind::Claims)
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.claim {
            Some(claim) if self.kind == TokenErrorKind::MissingClaim => {
                write!(f, "the claim `{claim}` is missing")
            }
            Some(claim) => write!(f, "{}: `{claim}`", self.kind.sentence()),
            None => f.write_str(self.kind.sentence()),
        }
    }
}

impl Error for TokenError {}

/// Why a token was not accepted.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum TokenErrorKind {
    /// It is no token of this format: not its alphabet, its parts, its header.
    Malformed,
    /// It is longer than a token may be.
    TooLarge,
    /// Its algorithm is none that its key is for, or none that is known; its version or purpose is not the key's.
    Algorithm,
    /// Its header is marked with what nobody here understands (`crit`, `b64`).
    Critical,
    /// It is a token for another purpose (`typ`).
    Type,
    /// No key of ours may have made it.
    UnknownKey,
    /// No key of ours made it, or it was changed since.
    Signature,
    /// What it claims is no JSON object with unique names, or a claim has the wrong type.
    Claims,
    /// A claim that must be there is not.
    MissingClaim,
    /// Its time is over.
    Expired,
    /// Its time has not come.
    NotYetValid,
    /// It says that it was made in the future.
    IssuedInFuture,
    /// It was made longer ago than we accept.
    TooOld,
    /// It would live longer than we accept.
    LivesTooLong,
    /// It is another issuer's.
    Issuer,
    /// It is for somebody else.
    Audience,
    /// It is of use only together with a key, and was presented without.
    KeyBound,
    /// It was revoked, or its subject or its key was.
    Revoked,
    /// Whether it was revoked cannot be told now. Nothing was decided about the caller.
    Unavailable,
}

impl TokenErrorKind {
    /// The kind's stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::TooLarge => "too_large",
            Self::Algorithm => "algorithm",
            Self::Critical => "critical",
            Self::Type => "type",
            Self::UnknownKey => "unknown_key",
            Self::Signature => "signature",
            Self::Claims => "claims",
            Self::MissingClaim => "missing_claim",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::IssuedInFuture => "issued_in_future",
            Self::TooOld => "too_old",
            Self::LivesTooLong => "lives_too_long",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::KeyBound => "key_bound",
            Self::Revoked => "revoked",
            Self::Unavailable => "unavailable",
        }
    }

    const fn sentence(self) -> &'static str {
        match self {
            Self::Malformed => "this is no token",
            Self::TooLarge => "the token is too long",
            Self::Algorithm => "no key of ours is for the token's algorithm",
            Self::Critical => "the token's header demands what is not understood here",
            Self::Type => "the token is of a type for another purpose",
            Self::UnknownKey => "the token's key is unknown",
            Self::Signature => "the token's signature is wrong",
            Self::Claims => "the token's claims cannot be read",
            Self::MissingClaim => "a claim is missing",
            Self::Expired => "the token has expired",
            Self::NotYetValid => "the token is not yet valid",
            Self::IssuedInFuture => "the token was issued in the future",
            Self::TooOld => "the token is too old",
            Self::LivesTooLong => "the token lives too long",
            Self::Issuer => "the token is another issuer's",
            Self::Audience => "the token is for another audience",
            Self::KeyBound => "the token is bound to a key and is no bearer token",
            Self::Revoked => "the token was revoked",
            Self::Unavailable => "whether the token was revoked cannot be told now",
        }
    }
}
