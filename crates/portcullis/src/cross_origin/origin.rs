use std::{
    error::Error,
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

/// Scheme, host and port of a site, as in `https://shop.example` ([RFC 6454 §4]).
///
/// Written in any case, with the scheme's default port or without, it is the same origin. A subdomain is another.
///
/// # Example
///
/// ```
/// use portcullis::cross_origin::Origin;
///
/// # fn main() -> Result<(), portcullis::cross_origin::OriginError> {
/// let shop: Origin = "https://Shop.example:443".parse()?;
/// assert_eq!(shop.to_string(), "https://shop.example");
/// # Ok(()) }
/// ```
///
/// [RFC 6454 §4]: https://www.rfc-editor.org/rfc/rfc6454#section-4
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Origin {
    scheme: Scheme,
    host: Host<String>,
    port: u16,
}

impl Origin {
    /// Reads what a browser would write as an origin, and nothing more.
    ///
    /// # Errors
    ///
    /// [`OriginError`], if there is another scheme than http and https, a host that no browser would write, a user name, a
    /// path (`/` is one), a wildcard.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let OriginRef { scheme, host, port } = OriginRef::parse(text)?;
        let host = match host {
            Host::Name(name) => Host::Name(name.to_ascii_lowercase()),
            Host::V6(address) => Host::V6(address),
        };
        Ok(Self { scheme, host, port })
    }

    pub(super) fn is(&self, other: OriginRef<'_>) -> bool {
        self.scheme == other.scheme && self.port == other.port && self.host.is(&other.host)
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.scheme {
            Scheme::Http => "http://",
            Scheme::Https => "https://",
        })?;
        match &self.host {
            Host::Name(name) => f.write_str(name)?,
            Host::V6(address) => write!(f, "[{address}]")?,
        }
        if self.port == self.scheme.default_port() { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// Not an origin.
///
/// It does not repeat the text: a user name comes with a password.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum OriginError {
    /// No `https://` or `http://`.
    Scheme,
    /// A path, a query or a fragment; `/` alone is a path.
    Path,
    /// A user name, and perhaps a password.
    UserInfo,
    /// A `*`.
    Wildcard,
    /// Not a host as browsers write it.
    Host,
    /// Not a port as browsers write it.
    Port,
}

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "an origin begins with `https://` or `http://`",
            Self::Path => "an origin ends with its host or port: no path, not even `/`, no query and no fragment",
            Self::UserInfo => "an origin has no user name and no password",
            Self::Wildcard => "an origin is one site: name each, `*` is none",
            Self::Host => {
                "the host of an origin is a name in ASCII (`xn--…` for other scripts), an IPv4 address, or an IPv6 one \
                 in brackets"
            }
            Self::Port => "the port of an origin is a number from 1 to 65535 without leading zeros",
        })
    }
}

impl Error for OriginError {}

/// An origin as a request names it: compared where it lies, so nothing is allocated.
#[derive(Clone, Copy, Debug)]
pub(super) struct OriginRef<'a> {
    scheme: Scheme,
    host: Host<&'a str>,
    port: u16,
}

impl<'a> OriginRef<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, OriginError> {
        let (scheme, rest) = Scheme::split(text).ok_or(OriginError::Scheme)?;
        if rest.contains(['/', '\\', '?', '#']) {
            return Err(OriginError::Path);
        }
        if rest.contains('@') {
            return Err(OriginError::UserInfo);
        }
        if rest.contains('*') {
            return Err(OriginError::Wildcard);
        }
        let (host, port) = authority(rest)?;
        Ok(Self { scheme, host, port: port.unwrap_or(scheme.default_port()) })
    }

    /// Whether its host and port are those of a `Host` field or an `:authority`, which have no scheme: a missing port is the
    /// default one of this origin's scheme.
    pub(super) fn is_at(&self, authority_text: &str) -> bool {
        authority(authority_text).is_ok_and(|(host, port)| {
            self.host.is(&host) && self.port == port.unwrap_or(self.scheme.default_port())
        })
    }
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Scheme {
    Http,
    Https,
}

impl Scheme {
    fn split(text: &str) -> Option<(Self, &str)> {
        let (scheme, rest) = text.split_once("://")?;
        if scheme.eq_ignore_ascii_case("https") {
            Some((Self::Https, rest))
        } else if scheme.eq_ignore_ascii_case("http") {
            Some((Self::Http, rest))
        } else {
            None
        }
    }

    const fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Host<T> {
    /// A name or an IPv4 address.
    Name(T),
    V6(Ipv6Addr),
}

impl<T: AsRef<str>> Host<T> {
    fn is(&self, other: &Host<&str>) -> bool {
        match (self, other) {
            (Self::Name(ours), Host::Name(theirs)) => ours.as_ref().eq_ignore_ascii_case(theirs),
            (Self::V6(ours), Host::V6(theirs)) => ours == theirs,
            _ => false,
        }
    }
}

fn authority(text: &str) -> Result<(Host<&str>, Option<u16>), OriginError> {
    if let Some(rest) = text.strip_prefix('[') {
        let (address, after) = rest.split_once(']').ok_or(OriginError::Host)?;
        let host = Host::V6(address.parse().map_err(|_invalid| OriginError::Host)?);
        return match after.strip_prefix(':') {
            Some(digits) => Ok((host, Some(port(digits)?))),
            None if after.is_empty() => Ok((host, None)),
            None => Err(OriginError::Host),
        };
    }
    let (name, port) = match text.split_once(':') {
        Some((name, digits)) => (name, Some(port(digits)?)),
        None => (text, None),
    };
    if is_name(name) { Ok((Host::Name(name), port)) } else { Err(OriginError::Host) }
}

/// A dot at the end makes another name, as it does for browsers. `_` is in no registered name, but in many a private network's.
fn is_name(text: &str) -> bool {
    let relative = text.strip_suffix('.').unwrap_or(text);
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    // Browsers take a name that ends in a number for an address, and write that one way only. A hexadecimal one counts, even
    // without digits (URL §3.5).
    let is_number = |label: &str| {
        let hexadecimal = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
        label.bytes().all(|byte| byte.is_ascii_digit())
            || hexadecimal.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    let ends_in_a_number = relative.rsplit('.').next().is_some_and(is_number);
    relative.split('.').all(is_label) && (!ends_in_a_number || text.parse::<Ipv4Addr>().is_ok())
}

fn port(digits: &str) -> Result<u16, OriginError> {
    // `u16` alone would read a sign and leading zeros.
    let is_number = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number).ok_or(OriginError::Port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_a_host_and_perhaps_a_port() {
        let rows = [
            ("https://shop.example", "https://shop.example"),
            ("HTTPS://Shop.Example", "https://shop.example"),
            ("https://shop.example:443", "https://shop.example"),
            ("https://shop.example:80", "https://shop.example:80"),
            ("http://shop.example:80", "http://shop.example"),
            ("http://shop.example:443", "http://shop.example:443"),
            ("https://shop.example:8443", "https://shop.example:8443"),
            ("https://shop.example:65535", "https://shop.example:65535"),
            ("https://shop.example.", "https://shop.example."),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://my_app:1", "http://my_app:1"),
            ("http://1a2b:1", "http://1a2b:1"),
            ("http://0xg:1", "http://0xg:1"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]", "http://[::1]"),
            ("http://[0:0::1]:8080", "http://[::1]:8080"),
            ("https://[2001:DB8::1]:443", "https://[2001:db8::1]"),
            ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ];
        for (text, expected) in rows {
            let origin = Origin::parse(text).unwrap();
            assert_eq!(origin.to_string(), expected, "{text}");
            assert_eq!(expected.parse().as_ref(), Ok(&origin), "{text}");
            assert!(origin.is(OriginRef::parse(text).unwrap()), "{text}");
        }
    }

    #[test]
    fn what_is_more_or_less_than_an_origin_is_refused() {
        use OriginError::{Host, Path, Port, Scheme, UserInfo};
        let rows = [
            ("", Scheme),
            ("null", Scheme),
            ("shop.example", Scheme),
            ("//shop.example", Scheme),
            ("ftp://shop.example", Scheme),
            (" https://shop.example", Scheme),
            ("chrome-extension://abcdef", Scheme),
            ("https://", Host),
            ("https://.", Host),
            ("https://:443", Host),
            ("https://a..b", Host),
            ("https://.shop.example", Host),
            ("https://shop.example..", Host),
            ("https://shop example", Host),
            ("https://shop.example https://evil.example", Path),
            ("https://shop.example,evil.example", Host),
            ("https://shop.example\n", Host),
            ("https://shop%2eexample", Host),
            ("https://bücher.example", Host),
            ("https://1.2.3", Host),
            ("https://1.2.3.256", Host),
            ("https://01.2.3.4", Host),
            ("https://2130706433", Host),
            ("https://127.0x1", Host),
            ("https://shop.0XfF", Host),
            ("https://0x", Host),
            ("https://::1", Port),
            ("https://[::1", Host),
            ("https://[::1]x", Host),
            ("https://[fe80::1%25eth0]", Host),
            ("https://[shop.example]", Host),
            ("https://shop.example:", Port),
            ("https://shop.example:0", Port),
            ("https://shop.example:0443", Port),
            ("https://shop.example:+443", Port),
            ("https://shop.example:65536", Port),
            ("https://shop.example:https", Port),
            ("https://shop.example:443:443", Port),
            ("https://[::1]:", Port),
            ("https://shop.example/", Path),
            ("https://shop.example/a", Path),
            ("https://shop.example?a", Path),
            ("https://shop.example#a", Path),
            ("https://shop.example\\a", Path),
            ("https://ada@shop.example", UserInfo),
            ("https://ada:lovelace@shop.example", UserInfo),
        ];
        for (text, expected) in rows {
            assert_eq!(Origin::parse(text), Err(expected), "{text:?}");
        }
    }

    #[test]
    fn s72_a_wildcard_is_no_origin() {
        for text in ["https://*", "https://*.shop.example", "https://shop.example:*"] {
            assert_eq!(Origin::parse(text), Err(OriginError::Wildcard), "{text}");
        }
        assert_eq!(Origin::parse("*"), Err(OriginError::Scheme));
    }

    #[test]
    fn an_error_does_not_repeat_a_password() {
        let error = Origin::parse("https://ada:lovelace@shop.example").unwrap_err();
        assert!(!format!("{error} {error:?}").contains("lovelace"));
    }

    #[test]
    fn s63_an_origin_is_at_a_host_with_the_same_port() {
        let rows = [
            ("https://shop.example", "shop.example", true),
            ("https://shop.example", "SHOP.example", true),
            ("https://shop.example", "shop.example:443", true),
            ("https://shop.example:443", "shop.example", true),
            ("http://shop.example", "shop.example:80", true),
            ("https://shop.example:8443", "shop.example:8443", true),
            ("http://[::1]:8080", "[0:0::1]:8080", true),
            ("https://shop.example", "shop.example:80", false),
            ("http://shop.example", "shop.example:443", false),
            ("https://shop.example:8443", "shop.example", false),
            ("https://shop.example", "shop.example:8443", false),
            ("https://shop.example", "shop.example.", false),
            ("https://shop.example", "evil.example", false),
            ("https://shop.example", "a.shop.example", false),
            ("https://shop.example", "ada@shop.example", false),
            ("https://shop.example", "shop.example/", false),
            ("https://shop.example", "", false),
            ("https://shop.example", ":443", false),
        ];
        for (origin, host, expected) in rows {
            assert_eq!(OriginRef::parse(origin).unwrap().is_at(host), expected, "{origin} at {host:?}");
        }
    }
}
