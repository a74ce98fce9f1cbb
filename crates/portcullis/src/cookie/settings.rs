use cookie::Cookie;
use http::HeaderValue;

use crate::session::ConfigError;

/// How the cookie is called and what browsers may do with it.
///
/// # Default
///
/// `__Host-Http-sid; Secure; HttpOnly; SameSite=Lax; Path=/`, without `Max-Age`: it ends with the browser. The prefix
/// makes browsers refuse a cookie of that name that a subdomain, plain http or a script tries to set; those that know
/// only `__Host-` still enforce that part of it ([layered cookies]). Timeouts are the server's business and never rest on
/// the cookie.
///
/// The prefix is not part of the name given here: it follows from the other settings, so the two cannot disagree.
///
/// # Example
///
/// ```
/// use portcullis::cookie::{CookieSettings, SameSite};
///
/// # fn main() -> Result<(), portcullis::session::ConfigError> {
/// let cookie = CookieSettings::named("cart")?.with_same_site(SameSite::Strict);
/// assert_eq!(cookie.name(), "__Host-Http-cart");
/// # Ok(()) }
/// ```
///
/// [layered cookies]: https://datatracker.ietf.org/doc/draft-ietf-httpbis-layered-cookies/
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CookieSettings {
    name: String,
    same_site: cookie::SameSite,
    transport: Transport,
}

impl CookieSettings {
    /// The default settings under another name.
    ///
    /// # Errors
    ///
    /// [`ConfigError::CookieName`] unless `name` is an RFC 9110 token of at most 64 bytes that begins with none of the
    /// cookie prefixes, in any case.
    pub fn named(name: &str) -> Result<Self, ConfigError> {
        let prefixed = name.get(..2).is_some_and(|start| start == "__");
        if name.is_empty() || name.len() > LONGEST_NAME_BYTES || prefixed || !name.bytes().all(is_token_byte)
        {
            return Err(ConfigError::CookieName(name.to_owned()));
        }
        Ok(Self::with_wire_name(name, cookie::SameSite::Lax, Transport::Tls))
    }

    /// When a browser attaches the cookie to requests from other sites.
    ///
    /// # Default
    ///
    /// [`SameSite::Lax`]: following a link from elsewhere finds the user logged in, posting a form from elsewhere does not.
    #[must_use]
    pub const fn with_same_site(mut self, same_site: SameSite) -> Self {
        self.same_site = match same_site {
            SameSite::Lax => cookie::SameSite::Lax,
            SameSite::Strict => cookie::SameSite::Strict,
        };
        self
    }

    /// Attaches the cookie to every request from every site (`SameSite=None`), for pages embedded elsewhere.
    ///
    /// # Security
    ///
    /// Any site can then make requests in the user's name.
    ///
    /// # Errors
    ///
    /// [`ConfigError::CrossSiteOverHttp`] after [`insecure_plain_http`](Self::insecure_plain_http): browsers refuse such a
    /// cookie.
    pub fn insecure_cross_site(mut self) -> Result<Self, ConfigError> {
        if self.transport == Transport::PlainHttp {
            return Err(ConfigError::CrossSiteOverHttp);
        }
        self.same_site = cookie::SameSite::None;
        Ok(self)
    }

    /// Drops `Secure`, and with it the prefix, for development over plain http. Never inferred from a request.
    ///
    /// # Security
    ///
    /// Whoever is on the way reads the cookie.
    ///
    /// # Errors
    ///
    /// [`ConfigError::CrossSiteOverHttp`] after [`insecure_cross_site`](Self::insecure_cross_site).
    pub fn insecure_plain_http(self) -> Result<Self, ConfigError> {
        if self.same_site == cookie::SameSite::None {
            return Err(ConfigError::CrossSiteOverHttp);
        }
        let bare = self.name.strip_prefix(PREFIX).unwrap_or(&self.name);
        Ok(Self::with_wire_name(bare, self.same_site, Transport::PlainHttp))
    }

    /// The cookie's name on the wire, prefix included.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn is_secure(&self) -> bool {
        matches!(self.transport, Transport::Tls)
    }

    /// A `Set-Cookie` value that hands over `value`.
    pub(crate) fn set(&self, value: &str) -> HeaderValue {
        self.header(Cookie::new(&self.name, value))
    }

    /// A `Set-Cookie` value that makes the browser forget the cookie: the attributes it was set with, and no life left.
    pub(crate) fn delete(&self) -> HeaderValue {
        let mut cookie = Cookie::new(&self.name, "");
        cookie.set_max_age(cookie::time::Duration::ZERO);
        cookie.set_expires(cookie::time::OffsetDateTime::UNIX_EPOCH);
        self.header(cookie)
    }

    pub(crate) fn for_plain_http() -> Self {
        Self::with_wire_name(DEFAULT_NAME, cookie::SameSite::Lax, Transport::PlainHttp)
    }

    fn header(&self, mut cookie: Cookie<'_>) -> HeaderValue {
        cookie.set_path("/");
        cookie.set_http_only(true);
        cookie.set_same_site(self.same_site);
        cookie.set_secure(self.is_secure());
        #[expect(clippy::expect_used, reason = "the name is a token and the value base64url")]
        let mut value = HeaderValue::try_from(cookie.to_string()).expect("a field value");
        // Hidden in `Debug`, and not put into HPACK's table (S13).
        value.set_sensitive(true);
        value
    }

    fn with_wire_name(bare: &str, same_site: cookie::SameSite, transport: Transport) -> Self {
        let prefix = if transport == Transport::Tls { PREFIX } else { "" };
        Self { name: format!("{prefix}{bare}"), same_site, transport }
    }
}

impl Default for CookieSettings {
    fn default() -> Self {
        Self::with_wire_name(DEFAULT_NAME, cookie::SameSite::Lax, Transport::Tls)
    }
}

/// When a browser attaches a cookie to requests from other sites.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum SameSite {
    /// Only when the user follows a link.
    Lax,
    /// Never.
    Strict,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Transport {
    Tls,
    PlainHttp,
}

/// RFC 9110 §5.6.2
const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

const PREFIX: &str = "__Host-Http-";
/// Says nothing of what runs here (S3).
const DEFAULT_NAME: &str = "sid";
/// With the value's 46 bytes far below the 4096 that browsers keep (S9).
const LONGEST_NAME_BYTES: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &HeaderValue) -> &str {
        value.to_str().unwrap()
    }

    #[test]
    fn s1_s3_the_default_cookie() {
        let set = CookieSettings::default().set("v");
        assert_eq!(text(&set), "__Host-Http-sid=v; HttpOnly; SameSite=Lax; Secure; Path=/");
    }

    #[test]
    fn s2_a_prefix_cannot_contradict_the_attributes() {
        for name in ["__Host-sid", "__host-sid", "__Secure-sid", "__Http-sid", "__HOST-HTTP-sid"] {
            assert_eq!(CookieSettings::named(name), Err(ConfigError::CookieName(name.to_owned())));
        }
        let plain = CookieSettings::named("sid").and_then(CookieSettings::insecure_plain_http).unwrap();
        assert_eq!(text(&plain.set("v")), "sid=v; HttpOnly; SameSite=Lax; Path=/");
    }

    #[test]
    fn s4_cross_site_needs_secure_in_either_order() {
        let cross = CookieSettings::default().insecure_cross_site().unwrap();
        assert!(text(&cross.set("v")).contains("SameSite=None; Secure"));
        assert_eq!(cross.insecure_plain_http(), Err(ConfigError::CrossSiteOverHttp));
        let plain = CookieSettings::default().insecure_plain_http().unwrap();
        assert_eq!(plain.insecure_cross_site(), Err(ConfigError::CrossSiteOverHttp));
    }

    #[test]
    fn s6_a_name_is_a_token() {
        for name in ["", "a b", "a=b", "a;b", "a\u{e9}", "a\n", &"a".repeat(65)] {
            assert!(CookieSettings::named(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn s11_deletion_repeats_the_attributes() {
        let delete = CookieSettings::default().delete();
        let expected = "__Host-Http-sid=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0; \
                        Expires=Thu, 01 Jan 1970 00:00:00 GMT";
        assert_eq!(text(&delete), expected);
    }

    #[test]
    fn s13_the_field_is_sensitive() {
        assert!(CookieSettings::default().set("v").is_sensitive());
    }
}
