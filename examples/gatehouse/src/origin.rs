use std::{
    error::Error,
    fmt,
    net::{IpAddr, SocketAddr},
    str::FromStr,
};

use axum::http::Uri;

/// Where browsers find the site: scheme, host and port, as in `https://shop.example`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Origin {
    text: String,
    host: String,
    is_https: bool,
}

impl Origin {
    /// Where a server that listens on `address` is found from its own machine.
    #[must_use]
    pub fn listening(address: SocketAddr, is_https: bool) -> Self {
        let host = match address.ip() {
            ip if ip.is_unspecified() => "localhost".to_owned(),
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        let scheme = if is_https { "https" } else { "http" };
        Self { text: format!("{scheme}://{host}:{}", address.port()), host, is_https }
    }

    /// The same scheme and port at another host.
    #[must_use]
    pub fn at_host(&self, host: &str) -> Self {
        let scheme = if self.is_https { "https" } else { "http" };
        let authority = self.text.trim_start_matches(scheme).trim_start_matches("://");
        let port = authority.strip_prefix(&self.host).unwrap_or_default();
        Self { text: format!("{scheme}://{host}{port}"), host: host.to_owned(), is_https: self.is_https }
    }

    /// As a browser would write it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The host, with an IPv6 address in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether browsers come over TLS.
    #[must_use]
    pub const fn is_https(&self) -> bool {
        self.is_https
    }

    /// Whether only this machine can mean itself by it.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let ip = self.host.trim_start_matches('[').trim_end_matches(']');
        self.host == "localhost" || ip.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || OriginError(text.to_owned());
        let uri: Uri = text.parse().map_err(|_invalid| malformed())?;
        let authority = uri.authority().ok_or_else(malformed)?.as_str().to_ascii_lowercase();
        let is_https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(malformed()),
        };
        let scheme = if is_https { "https" } else { "http" };
        let origin = format!("{scheme}://{authority}");
        let nothing_more = text.trim_end_matches('/').eq_ignore_ascii_case(&origin);
        if !nothing_more || authority.contains('@') {
            return Err(malformed());
        }
        let host = uri.host().ok_or_else(malformed)?.to_ascii_lowercase();
        Ok(Self { text: origin, host, is_https })
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Not an origin.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OriginError(String);

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} is not an origin like `https://shop.example`", self.0)
    }
}

impl Error for OriginError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_a_host_and_perhaps_a_port() {
        for (text, expected) in [
            ("https://shop.example", "https://shop.example"),
            ("https://Shop.Example/", "https://shop.example"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:8080", "http://[::1]:8080"),
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().as_str(), expected);
        }
        for text in [
            "",
            "shop.example",
            "ftp://shop.example",
            "https://",
            "https://shop.example/path",
            "https://shop.example/?query",
            "https://ada@shop.example",
            "/path",
        ] {
            assert_eq!(text.parse::<Origin>(), Err(OriginError(text.to_owned())));
        }
    }

    #[test]
    fn loopback_is_an_address_or_the_one_name() {
        for (text, expected) in [
            ("http://localhost:1", true),
            ("http://127.8.8.8", true),
            ("http://[::1]", true),
            ("http://shop.example", false),
            ("http://localhost.shop.example", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().is_loopback(), expected, "{text}");
        }
    }

    #[test]
    fn at_another_host_scheme_and_port_stay() {
        for (text, host, expected) in [
            ("http://127.0.0.1:8666", "localhost", "http://localhost:8666"),
            ("https://[::1]:1", "shop.example", "https://shop.example:1"),
            ("https://shop.example", "evil.example", "https://evil.example"),
        ] {
            let moved = text.parse::<Origin>().unwrap().at_host(host);
            assert_eq!(moved, expected.parse().unwrap());
        }
    }

    #[test]
    fn a_listening_address_is_found_at_an_origin() {
        for (address, is_https, expected) in [
            ("127.0.0.1:8080", false, "http://127.0.0.1:8080"),
            ("[::1]:8080", true, "https://[::1]:8080"),
            ("0.0.0.0:443", true, "https://localhost:443"),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(Origin::listening(address, is_https).as_str(), expected);
        }
    }
}
