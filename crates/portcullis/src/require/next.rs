use serde::{Deserialize, Deserializer};

use super::LocalPath;

/// Where to go after a login, as a form or a query proposes it: a [`LocalPath`], or nothing.
///
/// Anybody can make a link to your login page, so what leads elsewhere is dropped; it does not make the form fail, and neither
/// does a form without the field.
///
/// # Example
///
/// ```
/// use portcullis::require::Next;
///
/// #[derive(serde::Deserialize)]
/// struct Login {
///     username: String,
///     next: Next,
/// }
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let login: Login = serde_json::from_str(r#"{ "username": "ada", "next": "/cart" }"#)?;
/// assert_eq!(login.next.or("/account"), "/cart");
/// let login: Login = serde_json::from_str(r#"{ "username": "ada", "next": "//evil.example" }"#)?;
/// assert_eq!(login.next.or("/account"), "/account");
/// let login: Login = serde_json::from_str(r#"{ "username": "ada" }"#)?;
/// assert_eq!(login.next.or("/account"), "/account");
/// # let _ = login.username;
/// # Ok(()) }
/// ```
#[doc(alias = "return_to")]
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Next(Option<LocalPath>);

impl Next {
    /// The proposal, if it was a good one.
    #[must_use]
    pub const fn path(&self) -> Option<&LocalPath> {
        self.0.as_ref()
    }

    /// The proposal, or else `otherwise`.
    #[must_use]
    pub fn or<'a>(&'a self, otherwise: &'a str) -> &'a str {
        self.path().map_or(otherwise, LocalPath::as_str)
    }
}

impl<'de> Deserialize<'de> for Next {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As an option, so that a field left out is none and not an error.
        let proposed = Option::<String>::deserialize(deserializer)?;
        Ok(Self(proposed.as_deref().and_then(LocalPath::parse)))
    }
}
