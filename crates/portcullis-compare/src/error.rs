use std::{error::Error, fmt};

use crate::ClaimsError;

/// Nothing was compared.
#[derive(Debug)]
#[non_exhaustive]
pub enum CompareError {
    /// The claims cannot be put into a credential.
    Claims(ClaimsError),
    /// A layer refuses the credential that was made for it: it cannot be measured.
    Refused {
        /// The row.
        row: String,
        /// What was answered, or why none was made.
        reason: String,
    },
    /// A layer accepts a credential that was changed: it must not be used.
    Accepted {
        /// The row.
        row: String,
        /// Which letter was changed, counted from zero.
        at: usize,
    },
}

impl CompareError {
    pub(crate) fn refused(row: &str, reason: impl fmt::Display) -> Self {
        Self::Refused { row: row.to_owned(), reason: reason.to_string() }
    }
}

impl fmt::Display for CompareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Claims(_) => f.write_str("the claims cannot be compared"),
            Self::Refused { row, reason } => write!(f, "{row} cannot be measured: {reason}"),
            Self::Accepted { row, at } => {
                write!(
                    f,
                    "{row} was accepted after its letter {at} had been changed; this is a defect, and nothing was measured"
                )
            }
        }
    }
}

impl Error for CompareError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Claims(error) => Some(error),
            Self::Refused { .. } | Self::Accepted { .. } => None,
        }
    }
}

impl From<ClaimsError> for CompareError {
    fn from(error: ClaimsError) -> Self {
        Self::Claims(error)
    }
}
