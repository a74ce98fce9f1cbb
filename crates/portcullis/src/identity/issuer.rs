use std::{fmt, sync::Arc};

/// Who vouches for a subject: the `iss` of [RFC 7519 §4.1.1].
///
/// A subject alone identifies nobody. Give sessions and tokens of one service the same issuer (usually its public
/// origin), so that both name the same principal.
///
/// # Default
///
/// [`LOCAL`](Self::LOCAL), for a service whose principals never leave it.
///
/// # Example
///
/// ```
/// use portcullis::identity::IssuerId;
///
/// assert_eq!(IssuerId::new("https://shop.example").as_str(), "https://shop.example");
/// assert_eq!(IssuerId::default().as_str(), IssuerId::LOCAL);
/// ```
///
/// [RFC 7519 §4.1.1]: https://www.rfc-editor.org/rfc/rfc7519#section-4.1.1
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct IssuerId(Arc<str>);

impl IssuerId {
    /// The issuer of a service that names no other.
    pub const LOCAL: &'static str = "urn:portcullis:local";

    /// The issuer called `issuer`, compared byte for byte.
    #[must_use]
    pub fn new(issuer: impl Into<Arc<str>>) -> Self {
        Self(issuer.into())
    }

    /// The issuer's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for IssuerId {
    fn default() -> Self {
        Self::new(Self::LOCAL)
    }
}

impl fmt::Display for IssuerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
