use std::{error::Error, fmt};

use portcullis_core::StoreError;

/// A URL that names no store that can be opened. It repeats the scheme and nothing else of it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ConfigError {
    /// There is no scheme before a `:`.
    NoScheme,
    /// No store has the scheme.
    UnknownScheme(String),
    /// The store that has the scheme is left out of this build.
    LeftOut {
        /// The scheme.
        scheme: String,
        /// The feature of this crate that brings it.
        feature: &'static str,
    },
    /// Something follows a scheme that stands for itself, as `memory:` does.
    UnexpectedRest {
        /// The scheme.
        scheme: &'static str,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoScheme => f.write_str("a store is named by a URL, such as `memory:` or `redis://host`"),
            Self::UnknownScheme(scheme) => {
                write!(
                    f,
                    "no store has the scheme `{scheme}:`; there are `memory:`, `sqlite:`, `postgres:`, `mysql:`, `redis:`, \
                     `redis+sentinel:` and `redis+cluster:`"
                )
            }
            Self::LeftOut { scheme, feature } => {
                write!(
                    f,
                    "`{scheme}:` is left out of this build; the feature `{feature}` of portcullis-stores brings it"
                )
            }
            Self::UnexpectedRest { scheme } => write!(f, "nothing follows `{scheme}:` in a store's URL"),
        }
    }
}

impl Error for ConfigError {}

/// A store was not opened.
#[derive(Debug)]
#[non_exhaustive]
pub enum OpenError {
    /// The URL names none.
    Config(ConfigError),
    /// It is named and cannot be used: not reached, not let in, or set up wrongly. The source says what to do.
    Store(StoreError),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Config(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

impl Error for OpenError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Config(_) => None,
            Self::Store(error) => error.source(),
        }
    }
}

impl From<ConfigError> for OpenError {
    fn from(error: ConfigError) -> Self {
        Self::Config(error)
    }
}

impl From<StoreError> for OpenError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
