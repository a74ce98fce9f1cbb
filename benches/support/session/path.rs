/// What a request does with its session.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Path {
    Anonymous,
    Untouched,
    Read,
    Write,
    LoginFirst,
    Login,
}

impl Path {
    pub(super) const ALL: [Self; 6] =
        [Self::Anonymous, Self::Untouched, Self::Read, Self::Write, Self::LoginFirst, Self::Login];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous, untouched",
            Self::Untouched => "valid cookie, untouched",
            Self::Read => "read one value",
            Self::Write => "read and write",
            Self::LoginFirst => "login, no session before",
            Self::Login => "login, new id",
        }
    }

    /// Ours at most, as a share of what the peer adds.
    pub(super) const fn target(self) -> Option<f64> {
        match self {
            Self::Anonymous => Some(0.6),
            Self::Untouched => Some(0.35),
            Self::Read | Self::Write => Some(0.4),
            Self::LoginFirst => None,
            Self::Login => Some(0.85),
        }
    }

    /// The handler that a request meets.
    pub(super) const fn route(self) -> &'static str {
        match self {
            Self::Anonymous | Self::Untouched => UNTOUCHED,
            Self::Read => READ,
            Self::Write => WRITE,
            Self::LoginFirst | Self::Login => LOG_IN,
        }
    }

    pub(super) const fn sends_cookie(self) -> bool {
        !matches!(self, Self::Anonymous | Self::LoginFirst)
    }

    /// Whether the visitor has another session afterwards.
    pub(super) const fn logs_in(self) -> bool {
        matches!(self, Self::LoginFirst | Self::Login)
    }
}

/// Begins a session that holds a few values.
pub(super) const BEGIN: &str = "/begin";
pub(super) const UNTOUCHED: &str = "/untouched";
pub(super) const READ: &str = "/read";
pub(super) const WRITE: &str = "/write";
pub(super) const LOG_IN: &str = "/log-in";
pub(super) const LOG_OUT: &str = "/log-out";
