use std::time::Duration;

use http::HeaderValue;

/// What a caller is told to do better, whatever the scheme is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Challenge {
    /// To prove who it is.
    LogIn,
    /// To prove it anew: the login may be as old as this ([RFC 9470 §3]).
    ///
    /// [RFC 9470 §3]: https://www.rfc-editor.org/rfc/rfc9470#section-3
    LogInAgain(Duration),
}

impl Challenge {
    /// No scheme is registered for cookies, and browsers show the page without a prompt when they do not know the scheme.
    pub(crate) fn to_cookie(self) -> HeaderValue {
        const LOG_IN: HeaderValue = HeaderValue::from_static("Cookie realm=\"session\"");
        match self {
            Self::LogIn => LOG_IN,
            // Whole seconds.
            Self::LogInAgain(max_age) => HeaderValue::try_from(format!(
                "Cookie realm=\"session\", error=\"insufficient_user_authentication\", max_age={}",
                max_age.as_secs()
            ))
            .unwrap_or(LOG_IN),
        }
    }
}
