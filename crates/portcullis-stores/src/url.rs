use std::{fmt, str::FromStr};

use crate::ConfigError;

/// Names a store. Shown, it is without user, password, path and query: `redis://:secret@db:6379/2` is `redis://db:6379`.
///
/// # Example
///
/// ```
/// use portcullis_stores::StoreUrl;
///
/// let url: StoreUrl = "rediss://app:secret@db.example:6379/2?namespace=shop".parse()?;
/// assert_eq!(url.to_string(), "rediss://db.example:6379");
/// assert_eq!(format!("{url:?}"), "StoreUrl(rediss://db.example:6379)");
/// # Ok::<(), portcullis_stores::ConfigError>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct StoreUrl {
    scheme: String,
    rest: String,
}

impl StoreUrl {
    /// What stands before the first `:`, in lower case.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// What stands behind it. It may hold a password.
    pub(crate) fn rest(&self) -> &str {
        &self.rest
    }
}

impl FromStr for StoreUrl {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, rest) = text.split_once(':').ok_or(ConfigError::NoScheme)?;
        // RFC 3986 §3.1. What is no scheme may be a password that was given by mistake, and is not repeated.
        let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
        if !is_scheme {
            return Err(ConfigError::NoScheme);
        }
        Ok(Self { scheme: scheme.to_ascii_lowercase(), rest: rest.to_owned() })
    }
}

impl fmt::Display for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.scheme)?;
        let Some(authority) = self.rest.strip_prefix("//") else {
            return f.write_str(":");
        };
        // A password may hold what ends an authority elsewhere, so all before the last `@` is hidden.
        let host = authority.rsplit_once('@').map_or(authority, |(_user, host)| host);
        let host = host.split(['/', '?', '#']).next().unwrap_or_default();
        write!(f, "://{}", host.escape_debug())
    }
}

impl fmt::Debug for StoreUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StoreUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_url_has_no_secret_in_it() {
        for (url, shown) in [
            ("memory:", "memory:"),
            ("MEMORY:", "memory:"),
            ("sqlite:/var/lib/secret.db", "sqlite:"),
            ("postgres://db/shop", "postgres://db"),
            ("postgres://app:secret@db:5432/shop?sslpassword=secret", "postgres://db:5432"),
            ("redis://:sec/ret@db", "redis://db"),
            ("redis://:secret@secret@db", "redis://db"),
            ("redis://db?password=secret", "redis://db"),
            ("redis://db#secret", "redis://db"),
            ("memcached://a:11211,b:11211", "memcached://a:11211,b:11211"),
            ("redis+cluster://a,b/secret", "redis+cluster://a,b"),
        ] {
            let url: StoreUrl = url.parse().unwrap();
            assert_eq!(url.to_string(), shown);
            assert!(!format!("{url:?}").contains("secret"));
        }
    }

    #[test]
    fn what_has_no_scheme_is_refused_unrepeated() {
        for url in ["", "memory", "secret", ":secret", "//secret", "sec ret:x", "9secret:x", "pass@secret:1"]
        {
            let error = url.parse::<StoreUrl>().unwrap_err();
            assert_eq!(error, ConfigError::NoScheme, "{url}");
            assert!(!error.to_string().contains("secret"), "{url}");
        }
    }
}
