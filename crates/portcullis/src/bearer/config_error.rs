use std::{error::Error, fmt, time::Duration};

/// A setting of a policy, a bearer layer, an issuer or a demand cannot be met.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ConfigError {
    /// More leeway than five minutes.
    Leeway(Duration),
    /// Not a scope-token of RFC 6749 §3.3.
    Scope(String),
    /// Not the path of a gRPC method.
    Method(String),
    /// Not what can stand between the quotes of a challenge.
    Realm(String),
    /// Not an https URL.
    ResourceMetadata(String),
    /// None of the keys can sign.
    NoSigningKey,
    /// Not between one second and a day.
    Lifetime(Duration),
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Leeway(leeway) => {
                write!(f, "a leeway of {leeway:?}: at most 300 s, as clocks that differ by more want mending")
            }
            Self::Scope(scope) => {
                write!(f, "{scope:?} is no scope: printable ASCII without spaces, quotes and backslashes")
            }
            Self::Method(path) => write!(f, "{path:?} is no gRPC method: `/package.Service/Method`"),
            Self::Realm(realm) => {
                write!(f, "{realm:?} is no realm: printable ASCII without quotes and backslashes")
            }
            Self::ResourceMetadata(url) => write!(f, "{url:?} is no https URL of printable ASCII"),
            Self::NoSigningKey => f.write_str(
                "none of the keys can sign: an issuer needs a private or a shared one that is active",
            ),
            Self::Lifetime(lifetime) => {
                write!(f, "a lifetime of {lifetime:?}: at least 1 s and at most a day, or nothing ends it")
            }
        }
    }
}

impl Error for ConfigError {}
