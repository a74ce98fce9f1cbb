use std::time::Duration;

use cookie::{Cookie, time};
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
/// Settings can be made in any order.
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
    /// The prefix and the bare name; made from the other settings by [`renamed`](Self::renamed) and nowhere else.
    wire_name: String,
    bare_name: String,
    scope: Scope,
    transport: Transport,
    same_site: cookie::SameSite,
    is_partitioned: bool,
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
        Ok(Self::bare(name, Transport::Tls))
    }

    /// When a browser attaches the cookie to requests from other sites.
    ///
    /// # Default
    ///
    /// [`SameSite::Lax`]: following a link from elsewhere finds the user logged in, posting a form from elsewhere does not. With
    /// `Strict` neither does, and a handler that writes to the session at such a link begins a new one in place of the user's.
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

    /// Shares the cookie with all hosts under `domain` (`Domain=`), as in `example.com` for `shop.example.com` and
    /// `id.example.com`.
    ///
    /// The prefix becomes `__Secure-`, because `__Host-` forbids `Domain` ([layered cookies]). With the name, the default
    /// realm changes, so sessions begun under the other name are not found.
    ///
    /// Browsers refuse a cookie whose domain does not end the name of the host that sets it, or is one under which anybody
    /// may register, as `co.uk` is. Neither can be told here.
    ///
    /// # Security
    ///
    /// * Every host under `domain` is sent the cookie: one taken-over subdomain reads all sessions and is the whole site.
    /// * Every host under `domain`, and a script in a page of one, can set or overwrite the cookie: in a visitor's browser it
    ///   puts a session of its own in the place of theirs.
    ///
    /// What stays: only https sets and sends it, scripts do not read it, and the [cross-origin check](crate::cross_origin)
    /// refuses what other hosts under `domain` ask for unless they are trusted by name.
    ///
    /// # Errors
    ///
    /// [`ConfigError::CookieDomain`] unless `domain` is at least two labels of ASCII letters, digits and inner hyphens, at
    /// most 253 bytes and no address. A name in another script is given as browsers send it (`xn--…`).
    ///
    /// # Example
    ///
    /// ```
    /// use portcullis::cookie::CookieSettings;
    ///
    /// # fn main() -> Result<(), portcullis::session::ConfigError> {
    /// let cookie = CookieSettings::default().shared_with_subdomains("example.com")?;
    /// assert_eq!(cookie.name(), "__Secure-sid");
    /// # Ok(()) }
    /// ```
    ///
    /// [layered cookies]: https://datatracker.ietf.org/doc/draft-ietf-httpbis-layered-cookies/
    #[doc(alias = "domain")]
    pub fn shared_with_subdomains(mut self, domain: &str) -> Result<Self, ConfigError> {
        if !is_domain(domain) {
            return Err(ConfigError::CookieDomain(domain.to_owned()));
        }
        self.scope = Scope::Domain(domain.to_ascii_lowercase());
        Ok(self.renamed())
    }

    /// Keeps a separate cookie for each site that embeds pages of this one (`Partitioned`, [CHIPS]).
    ///
    /// Browsers attach it to requests from an embedding site only after [`insecure_cross_site`](Self::insecure_cross_site) too.
    ///
    /// # Errors
    ///
    /// [`ConfigError::PartitionedOverHttp`] after [`insecure_plain_http`](Self::insecure_plain_http): browsers refuse such a
    /// cookie.
    ///
    /// [CHIPS]: https://datatracker.ietf.org/doc/draft-cutler-httpbis-partitioned-cookies/
    #[doc(alias = "chips")]
    pub fn partitioned(mut self) -> Result<Self, ConfigError> {
        if self.transport == Transport::PlainHttp {
            return Err(ConfigError::PartitionedOverHttp);
        }
        self.is_partitioned = true;
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
    /// [`ConfigError::CrossSiteOverHttp`] after [`insecure_cross_site`](Self::insecure_cross_site), and
    /// [`ConfigError::PartitionedOverHttp`] after [`partitioned`](Self::partitioned).
    pub fn insecure_plain_http(mut self) -> Result<Self, ConfigError> {
        if self.same_site == cookie::SameSite::None {
            return Err(ConfigError::CrossSiteOverHttp);
        }
        if self.is_partitioned {
            return Err(ConfigError::PartitionedOverHttp);
        }
        self.transport = Transport::PlainHttp;
        Ok(self.renamed())
    }

    /// The cookie's name on the wire, prefix included.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.wire_name
    }

    pub(crate) const fn is_secure(&self) -> bool {
        matches!(self.transport, Transport::Tls)
    }

    /// A `Set-Cookie` value that hands over `value`, to be kept for `max_age` in whole seconds, rounded up, and at most
    /// [`LONGEST_LIFETIME`]; without one it ends with the browser.
    pub(crate) fn set(&self, value: &str, max_age: Option<Duration>) -> HeaderValue {
        let mut cookie = Cookie::new(&self.wire_name, value);
        cookie.set_max_age(max_age.map(whole_seconds));
        self.header(cookie)
    }

    /// A `Set-Cookie` value that makes the browser forget the cookie: the attributes it was set with, and no life left.
    pub(crate) fn delete(&self) -> HeaderValue {
        let mut cookie = Cookie::new(&self.wire_name, "");
        cookie.set_max_age(time::Duration::ZERO);
        cookie.set_expires(time::OffsetDateTime::UNIX_EPOCH);
        self.header(cookie)
    }

    pub(crate) fn for_plain_http() -> Self {
        Self::bare(DEFAULT_NAME, Transport::PlainHttp)
    }

    fn header<'a>(&'a self, mut cookie: Cookie<'a>) -> HeaderValue {
        cookie.set_path("/");
        cookie.set_http_only(true);
        cookie.set_same_site(self.same_site);
        cookie.set_secure(self.is_secure());
        cookie.set_partitioned(self.is_partitioned);
        if let Scope::Domain(domain) = &self.scope {
            cookie.set_domain(domain);
        }
        #[expect(clippy::expect_used, reason = "the name is a token, the value base64url, the domain LDH")]
        let mut value = HeaderValue::try_from(cookie.to_string()).expect("a field value");
        // Hidden in `Debug`, and not put into HPACK's table (S13).
        value.set_sensitive(true);
        value
    }

    fn bare(name: &str, transport: Transport) -> Self {
        let settings = Self {
            wire_name: String::new(),
            bare_name: name.to_owned(),
            scope: Scope::Host,
            transport,
            same_site: cookie::SameSite::Lax,
            is_partitioned: false,
        };
        settings.renamed()
    }

    /// To be called when the scope or the transport changed: the prefix claims what they keep.
    fn renamed(mut self) -> Self {
        let prefix = match (&self.scope, self.transport) {
            (_, Transport::PlainHttp) => "",
            (Scope::Host, Transport::Tls) => HOST_PREFIX,
            (Scope::Domain(_), Transport::Tls) => DOMAIN_PREFIX,
        };
        self.wire_name = format!("{prefix}{}", self.bare_name);
        self
    }
}

impl Default for CookieSettings {
    fn default() -> Self {
        Self::bare(DEFAULT_NAME, Transport::Tls)
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

/// Which hosts the browser sends the cookie to.
#[derive(Clone, Debug, Eq, PartialEq)]
enum Scope {
    /// The one that set it.
    Host,
    /// All under this one, in lower case.
    Domain(String),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Transport {
    Tls,
    PlainHttp,
}

/// What browsers make of a lifetime, and whether that is less than was asked for: no cookie is kept for more than 400 days
/// ([RFC 6265bis §5.5], S10).
///
/// [RFC 6265bis §5.5]: https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis-22#section-5.5
pub(crate) fn clamped(lifetime: Duration) -> (Duration, bool) {
    (lifetime.min(LONGEST_LIFETIME), lifetime > LONGEST_LIFETIME)
}

fn whole_seconds(lifetime: Duration) -> time::Duration {
    let (lifetime, _) = clamped(lifetime);
    // The server knows when the session ends; that the browser forgets a moment later harms nobody.
    time::Duration::seconds(lifetime.as_millis().div_ceil(1_000).try_into().unwrap_or(i64::MAX))
}

/// A domain that a `Domain` attribute can name (RFC 1123 §2.1), in any case.
fn is_domain(text: &str) -> bool {
    let labels = || text.split('.');
    // A name that ends in a number is an address, or meant to be one.
    let ends_in_a_number =
        labels().next_back().is_some_and(|last| last.bytes().all(|byte| byte.is_ascii_digit()));
    text.len() <= LONGEST_DOMAIN_BYTES && labels().count() >= 2 && labels().all(is_label) && !ends_in_a_number
}

fn is_label(label: &str) -> bool {
    (1..=LONGEST_LABEL_BYTES).contains(&label.len())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
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

/// Set by the host itself, over TLS, and not by a script.
const HOST_PREFIX: &str = "__Host-Http-";
/// Set over TLS. `__Http-` would say more, but browsers that do not know it would enforce nothing.
const DOMAIN_PREFIX: &str = "__Secure-";
/// Says nothing of what runs here (S3).
const DEFAULT_NAME: &str = "sid";
/// With the value's 46 bytes far below the 4096 that browsers keep (S9).
const LONGEST_NAME_BYTES: usize = 64;
/// Without the dot at the end; below the 1024 that browsers read of an attribute (S9).
const LONGEST_DOMAIN_BYTES: usize = 253;
const LONGEST_LABEL_BYTES: usize = 63;
/// 400 days.
pub(crate) const LONGEST_LIFETIME: Duration = Duration::from_secs(34_560_000);

#[cfg(test)]
mod tests;
