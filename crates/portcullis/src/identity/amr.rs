use std::borrow::Cow;

/// How somebody was authenticated: an authentication method reference ([RFC 8176]).
///
/// # Example
///
/// ```
/// use portcullis::identity::Amr;
///
/// assert_eq!(Amr::PASSWORD.as_str(), "pwd");
/// assert_eq!(Amr::new("pop").as_str(), "pop");
/// ```
///
/// [RFC 8176]: https://www.rfc-editor.org/rfc/rfc8176
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Amr(Cow<'static, str>);

impl Amr {
    /// `hwk`: a key held in hardware.
    pub const HARDWARE_KEY: Self = Self(Cow::Borrowed("hwk"));
    /// `mfa`: more than one factor.
    pub const MULTI_FACTOR: Self = Self(Cow::Borrowed("mfa"));
    /// `otp`: a one-time password.
    pub const ONE_TIME_PASSWORD: Self = Self(Cow::Borrowed("otp"));
    /// `pwd`: a password.
    pub const PASSWORD: Self = Self(Cow::Borrowed("pwd"));
    /// `swk`: a key held in software.
    pub const SOFTWARE_KEY: Self = Self(Cow::Borrowed("swk"));

    /// Any other registered or private value.
    #[must_use]
    pub fn new(value: impl Into<Cow<'static, str>>) -> Self {
        Self(value.into())
    }

    /// The value as registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
