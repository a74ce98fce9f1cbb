use std::time::Duration;

use portcullis_core::Timestamp;

use super::config_error::ConfigError;
use crate::identity::Principal;

/// How long a session lives: without activity, and at most.
///
/// A session keeps the timeouts it began with: other settings reach it with its next login.
///
/// Activity is a request that reads or changes the session; it is noted at most once in a tenth of the idle timeout, so a
/// session may end that much early, and never late. The absolute timeout counts from the login (from the session's beginning
/// while nobody is logged in), and no renewal of the id moves it.
///
/// # Default
///
/// [`aal2`](Self::aal2): one hour idle and 24 hours absolute, and a cookie that ends with the browser.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use portcullis::session::Timeouts;
///
/// # fn main() -> Result<(), portcullis::session::ConfigError> {
/// let bank = Timeouts::new(Duration::from_secs(15 * 60), Duration::from_secs(12 * 3_600))?;
/// # let _ = bank;
/// # Ok(()) }
/// ```
///
/// [NIST SP 800-63B-4]: https://pages.nist.gov/800-63-4/sp800-63b.html
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Timeouts {
    idle: Duration,
    absolute: Duration,
    persistence: Persistence,
}

impl Timeouts {
    /// The shortest idle timeout that can be kept.
    pub(super) const SHORTEST: Duration = Duration::from_secs(1);

    /// The longest timeout: a thousand years. Times beyond what a timestamp holds would all be the same.
    pub(super) const LONGEST: Duration = Duration::from_secs(1_000 * 365 * DAY);

    /// Ends a session after `idle` without activity, and after `absolute` whatever happens.
    ///
    /// # Units
    ///
    /// Whole milliseconds; the rest is dropped. More than a thousand years is taken for that.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Timeouts`] unless one second ≤ `idle` ≤ `absolute`.
    pub fn new(idle: Duration, absolute: Duration) -> Result<Self, ConfigError> {
        if idle < Self::SHORTEST || absolute < idle {
            return Err(ConfigError::Timeouts { idle, absolute });
        }
        let (idle, absolute) = (idle.min(Self::LONGEST), absolute.min(Self::LONGEST));
        Ok(Self { idle, absolute, persistence: Persistence::Browser })
    }

    /// NIST's [AAL1]: 30 days whatever happens, no idle timeout within them, and a persistent cookie.
    ///
    /// [AAL1]: https://pages.nist.gov/800-63-4/sp800-63b.html
    #[must_use]
    pub const fn aal1() -> Self {
        Self::remember(Duration::from_secs(30 * DAY))
    }

    /// NIST's [AAL2]: one hour idle, 24 hours whatever happens.
    ///
    /// [AAL2]: https://pages.nist.gov/800-63-4/sp800-63b.html
    #[must_use]
    pub const fn aal2() -> Self {
        let idle = Duration::from_secs(3_600);
        Self { idle, absolute: Duration::from_secs(DAY), persistence: Persistence::Browser }
    }

    /// NIST's [AAL3]: 15 minutes idle, 12 hours whatever happens.
    ///
    /// [AAL3]: https://pages.nist.gov/800-63-4/sp800-63b.html
    #[must_use]
    pub const fn aal3() -> Self {
        let idle = Duration::from_secs(15 * 60);
        Self { idle, absolute: Duration::from_secs(DAY / 2), persistence: Persistence::Browser }
    }

    /// A session of `duration`, used or not, whose cookie outlives the browser: *remember me on this device*.
    ///
    /// # Units
    ///
    /// Whole milliseconds; less than a second is taken for one, and more than a thousand years for that. The cookie's `Max-Age` is at most 400 days, because browsers keep
    /// none longer ([RFC 6265bis §5.5]); the event `session.cookie_shortened` says where that is less than was asked for.
    ///
    /// [RFC 6265bis §5.5]: https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis
    #[must_use]
    pub const fn remember(duration: Duration) -> Self {
        let duration = match duration.as_millis() {
            millis if millis < Self::SHORTEST.as_millis() => Self::SHORTEST,
            millis if millis > Self::LONGEST.as_millis() => Self::LONGEST,
            _ => duration,
        };
        Self { idle: duration, absolute: duration, persistence: Persistence::Persistent }
    }

    /// Lets the cookie outlive the browser: it is set once, with the remaining absolute lifetime as its `Max-Age`, and both
    /// timeouts stay the server's business.
    ///
    /// # Default
    ///
    /// The cookie ends with the browser.
    #[must_use]
    pub const fn persistent(self) -> Self {
        Self { persistence: Persistence::Persistent, ..self }
    }

    /// Whether the cookie outlives the browser.
    #[must_use]
    pub const fn is_persistent(&self) -> bool {
        matches!(self.persistence, Persistence::Persistent)
    }

    pub(super) const fn persistence(&self) -> Persistence {
        self.persistence
    }

    /// The time without activity after which a session ends.
    #[must_use]
    pub const fn idle(&self) -> Duration {
        self.idle
    }

    /// The time after which a session ends whatever happens.
    #[must_use]
    pub const fn absolute(&self) -> Duration {
        self.absolute
    }

    /// When a session of `principal` ends whatever happens: it counts from when the principal was authenticated, not from when
    /// that was recorded (S39).
    pub(super) fn absolute_end(&self, principal: &Principal, now: Timestamp) -> Timestamp {
        principal.authenticated_at().unwrap_or(now).min(now) + self.absolute
    }
}

impl Default for Timeouts {
    fn default() -> Self {
        Self::aal2()
    }
}

/// How long the browser keeps the cookie.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Persistence {
    /// Until the browser ends.
    Browser,
    /// As long as the session can last.
    Persistent,
}

const DAY: u64 = 24 * 3_600;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_that_cannot_be_kept_are_refused() {
        let seconds = Duration::from_secs;
        for (idle, absolute) in
            [(seconds(0), seconds(1)), (seconds(2), seconds(1)), (Duration::from_millis(999), seconds(5))]
        {
            assert_eq!(Timeouts::new(idle, absolute), Err(ConfigError::Timeouts { idle, absolute }));
        }
        assert!(Timeouts::new(seconds(1), seconds(1)).is_ok());
    }

    #[test]
    fn s41_the_presets_are_nists() {
        let (minute, hour) = (Duration::from_secs(60), Duration::from_secs(3_600));
        let rows = [
            ("aal1", Timeouts::aal1(), 30 * 24 * hour, 30 * 24 * hour, true),
            ("aal2", Timeouts::aal2(), hour, 24 * hour, false),
            ("aal3", Timeouts::aal3(), 15 * minute, 12 * hour, false),
            ("default", Timeouts::default(), hour, 24 * hour, false),
            ("remember", Timeouts::remember(hour), hour, hour, true),
            ("too short", Timeouts::remember(Duration::ZERO), Timeouts::SHORTEST, Timeouts::SHORTEST, true),
            ("by hand", Timeouts::new(minute, hour).unwrap().persistent(), minute, hour, true),
        ];
        for (name, timeouts, idle, absolute, persistent) in rows {
            assert_eq!((timeouts.idle(), timeouts.absolute()), (idle, absolute), "{name}");
            assert_eq!(timeouts.is_persistent(), persistent, "{name}");
        }
    }
}
