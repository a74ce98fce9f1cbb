use std::{fmt, str::FromStr};

use crate::keyring::{KeyError, KeyErrorKind};

/// What a key is for: one version and one purpose of PASETO.
///
/// # Example
///
/// ```
/// use portcullis::paseto::Kind;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let kind: Kind = "v4.public".parse()?;
/// assert_eq!(kind, Kind::V4Public);
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Kind {
    /// `v4.local`: who can verify can also issue, and nobody else can read.
    V4Local,
    /// `v4.public`: who can verify cannot issue, and everybody can read.
    V4Public,
    /// `v3.public`: the same with NIST's curve P-384. Its keys are [`Unsupported`](KeyErrorKind::Unsupported) without the feature `paseto-v3`.
    V3Public,
}

impl Kind {
    /// The kind as tokens begin with it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::V4Local => "v4.local",
            Self::V4Public => "v4.public",
            Self::V3Public => "v3.public",
        }
    }

    /// The same with the dot behind it, as it is authenticated.
    pub(super) const fn header(self) -> &'static str {
        match self {
            Self::V4Local => "v4.local.",
            Self::V4Public => "v4.public.",
            Self::V3Public => "v3.public.",
        }
    }

    pub(super) const ALL: [Self; 3] = [Self::V4Local, Self::V4Public, Self::V3Public];
}

impl FromStr for Kind {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let kind = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        kind.ok_or_else(|| KeyErrorKind::Unsupported.into())
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
