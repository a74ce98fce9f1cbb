use std::{error::Error, fmt, time::Duration};

/// The settings contradict each other or cannot be met.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ConfigError {
    /// Not a cookie name that a prefix can be put before.
    CookieName(String),
    /// Not a domain that a cookie can be shared under.
    CookieDomain(String),
    /// A cookie for every site needs `Secure`.
    CrossSiteOverHttp,
    /// A partitioned cookie needs `Secure`.
    PartitionedOverHttp,
    /// A limit of no sessions at all.
    SessionLimit,
    /// The store keeps no index of whose records are whose, which this setting needs.
    NoOwnerIndex {
        /// The setting.
        setting: &'static str,
    },
    /// Not one second ≤ idle ≤ absolute.
    Timeouts {
        /// The idle timeout that was asked for.
        idle: Duration,
        /// The absolute timeout that was asked for.
        absolute: Duration,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CookieName(name) => {
                write!(
                    f,
                    "{name:?} is not a token of 1 to 64 bytes, or begins with `__`: the prefix is added by itself"
                )
            }
            Self::CookieDomain(domain) => {
                write!(
                    f,
                    "{domain:?} is not a domain like `example.com`: at least two labels of ASCII letters, digits and \
                     inner hyphens, no dot at either end, no address"
                )
            }
            Self::PartitionedOverHttp => {
                f.write_str("a partitioned cookie needs `Secure`, which plain http does not have")
            }
            Self::SessionLimit => f.write_str("nobody could log in: a limit of sessions is at least one"),
            Self::NoOwnerIndex { setting } => write!(
                f,
                "`{setting}` needs a store that can list somebody's sessions, and this one cannot: take another \
                 store, or leave the setting out"
            ),
            Self::CrossSiteOverHttp => {
                f.write_str("a cookie with `SameSite=None` needs `Secure`, which plain http does not have")
            }
            Self::Timeouts { idle, absolute } => {
                write!(
                    f,
                    "the idle timeout ({idle:?}) must be at least 1s and at most the absolute one ({absolute:?})"
                )
            }
        }
    }
}

impl Error for ConfigError {}
