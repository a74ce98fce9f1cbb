use portcullis_core::Timestamp;

/// When a key begins to sign and when it ends to be good for anything.
///
/// # Default
///
/// It signs from the beginning and never retires.
///
/// # Example
///
/// ```
/// use portcullis::{keyring::{KeyState, Schedule}, store::Timestamp};
///
/// let schedule = Schedule::default()
///     .signs_from(Timestamp::from_unix_seconds(1_000))
///     .retires_at(Timestamp::from_unix_seconds(2_000));
/// assert_eq!(schedule.state(Timestamp::from_unix_seconds(999)), KeyState::VerifyOnly);
/// assert_eq!(schedule.state(Timestamp::from_unix_seconds(1_000)), KeyState::Active);
/// assert_eq!(schedule.state(Timestamp::from_unix_seconds(2_000)), KeyState::Retired);
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Schedule {
    signs_from: Option<Timestamp>,
    retires_at: Option<Timestamp>,
}

impl Schedule {
    /// Signs from `at` on, and only verifies before.
    #[must_use]
    pub const fn signs_from(mut self, at: Timestamp) -> Self {
        self.signs_from = Some(at);
        self
    }

    /// Is out of use from `at` on.
    #[must_use]
    pub const fn retires_at(mut self, at: Timestamp) -> Self {
        self.retires_at = Some(at);
        self
    }

    /// What it comes to at `now`.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> KeyState {
        if self.retires_at.is_some_and(|at| at <= now) {
            KeyState::Retired
        } else if self.signs_from.is_some_and(|at| now < at) {
            KeyState::VerifyOnly
        } else {
            KeyState::Active
        }
    }

    /// Of two active keys the later one signs.
    pub(super) const fn beginning(&self) -> Option<Timestamp> {
        self.signs_from
    }
}

/// What a key is good for.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum KeyState {
    /// It verifies and does not sign.
    VerifyOnly,
    /// It verifies and may sign.
    Active,
    /// It does neither.
    Retired,
}

impl KeyState {
    /// A stable lower-case name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::VerifyOnly => "verify-only",
            Self::Active => "active",
            Self::Retired => "retired",
        }
    }
}
