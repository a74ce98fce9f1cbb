use std::{error::Error, fmt};

/// A URL that names no store that can be opened. It repeats the scheme and nothing else of it.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ConfigError {
    /// There is no scheme before a `:`.
    NoScheme,
    /// No store of this build has the scheme.
    UnknownScheme(String),
    /// Something follows a scheme that stands for itself, as `memory:` does.
    UnexpectedRest {
        /// The scheme.
        scheme: &'static str,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoScheme => f.write_str("a store is named by a URL, such as `memory:`"),
            Self::UnknownScheme(scheme) => {
                write!(f, "no store of this build has the scheme `{scheme}:`; there is `memory:`")
            }
            Self::UnexpectedRest { scheme } => write!(f, "nothing follows `{scheme}:` in a store's URL"),
        }
    }
}

impl Error for ConfigError {}
