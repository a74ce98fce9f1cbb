use serde::Serialize;

use crate::Facts;

/// One credential, measured.
///
/// Times are of one call on one thread, in nanoseconds: the median of the rounds, and its spread, which is half the distance between the lowest and the highest twentieth of
/// them.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Row {
    /// `HS256`, `v4.local`, `session in memory`.
    pub name: String,
    /// Of which kind the credential is.
    pub kind: Kind,
    /// What it adds to each request: the header field's line in HTTP/1.1, name and line end included.
    pub bytes: usize,
    /// To make one: to sign a token, or to log in to a session.
    pub issue_ns: u64,
    /// How far `issue_ns` may be off.
    pub issue_spread: u64,
    /// From a request that bears it to a handler that knows who is calling.
    pub verify_ns: u64,
    /// How far `verify_ns` may be off.
    pub spread: u64,
    /// How many of them a second all cores verify together.
    pub verify_per_second: u64,
    /// How far `verify_per_second` may be off.
    pub verify_per_second_spread: u64,
    /// How many rounds there were.
    pub repeats: u16,
    /// How often a store is asked to verify one.
    pub store_trips: u32,
    /// What no stopwatch shows.
    #[serde(flatten)]
    pub facts: Facts,
}

impl Row {
    /// The name with its kind, for whoever does not know what the name is a name of: `JWT HS256`, `PASETO v4.local`, `session in memory`.
    #[must_use]
    pub fn title(&self) -> String {
        match self.kind {
            Kind::Jwt | Kind::Paseto => format!("{} {}", self.kind.title(), self.name),
            Kind::Session => self.name.clone(),
        }
    }
}

/// What a credential is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// A JSON Web Token.
    Jwt,
    /// A Platform-Agnostic Security Token.
    Paseto,
    /// A server-side session behind a cookie.
    Session,
}

impl Kind {
    /// As JSON has it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jwt => "jwt",
            Self::Paseto => "paseto",
            Self::Session => "session",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Jwt => "JWT",
            Self::Paseto => "PASETO",
            Self::Session => "session",
        }
    }
}

#[cfg(test)]
impl Row {
    /// A row as `name` has it, verified in `verify_ns` ± 10.
    pub(crate) fn example(name: &str, kind: Kind, bytes: usize, verify_ns: u64) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            bytes,
            issue_ns: verify_ns.saturating_mul(2),
            issue_spread: 10,
            verify_ns,
            spread: 10,
            verify_per_second: 1_000_000_000 / verify_ns,
            verify_per_second_spread: 10,
            repeats: 21,
            store_trips: u32::from(kind == Kind::Session),
            facts: Facts::of_session_in_memory(),
        }
    }
}
