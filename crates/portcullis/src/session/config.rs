use std::{
    error::Error,
    fmt,
    future::poll_fn,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::Duration,
};

use portcullis_core::{Clock, Realm, SharedStore, StoreError, SystemClock, Timestamp};

use super::{error::SessionError, public_handle::PublicHandle};
use crate::{
    cookie::CookieSettings,
    event::{Event, EventKind},
    identity::Principal,
};

/// How long a session lives: without activity, and at most.
///
/// A session keeps the timeouts it was given: other settings reach it with its next write (idle) or login (both).
///
/// Activity is a request that reads or changes the session; it is noted at most once in a tenth of the idle timeout, so a
/// session may end that much early, and never late. The absolute timeout counts from the login (from the session's beginning
/// while nobody is logged in), and no renewal of the id moves it.
///
/// # Default
///
/// One hour idle and 24 hours absolute, after [NIST SP 800-63B-4] AAL2.
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
}

impl Timeouts {
    /// The shortest idle timeout that can be kept.
    pub(super) const SHORTEST: Duration = Duration::from_secs(1);

    /// Ends a session after `idle` without activity, and after `absolute` whatever happens.
    ///
    /// # Units
    ///
    /// Whole milliseconds; the rest is dropped.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Timeouts`] unless one second ≤ `idle` ≤ `absolute`.
    pub fn new(idle: Duration, absolute: Duration) -> Result<Self, ConfigError> {
        if idle < Self::SHORTEST || absolute < idle {
            return Err(ConfigError::Timeouts { idle, absolute });
        }
        Ok(Self { idle, absolute })
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
        Self { idle: Duration::from_secs(3_600), absolute: Duration::from_secs(24 * 3_600) }
    }
}

/// The settings contradict each other or cannot be met.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ConfigError {
    /// Not a cookie name that a prefix can be put before.
    CookieName(String),
    /// Not a domain that a cookie can be shared under.
    CookieDomain(String),
    /// A cookie for every site needs `Secure`.
    CrossSiteOverHttp,
    /// A partitioned cookie needs `Secure`.
    PartitionedOverHttp,
    /// Not one second ≤ idle ≤ absolute.
    Timeouts {
        /// The idle timeout that was asked for.
        idle: Duration,
        /// The absolute timeout that was asked for.
        absolute: Duration,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CookieName(name) => {
                write!(
                    f,
                    "{name:?} is not a token of 1 to 64 bytes, or begins with `__`: the prefix is added by itself"
                )
            }
            Self::CookieDomain(domain) => {
                write!(
                    f,
                    "{domain:?} is not a domain like `example.com`: at least two labels of ASCII letters, digits and \
                     inner hyphens, no dot at either end, no address"
                )
            }
            Self::CrossSiteOverHttp => {
                f.write_str("a cookie with `SameSite=None` needs `Secure`, which plain http does not have")
            }
            Self::PartitionedOverHttp => {
                f.write_str("a partitioned cookie needs `Secure`, which plain http does not have")
            }
            Self::Timeouts { idle, absolute } => {
                write!(
                    f,
                    "the idle timeout ({idle:?}) must be at least 1s and at most the absolute one ({absolute:?})"
                )
            }
        }
    }
}

impl Error for ConfigError {}

type EventHook = Arc<dyn Fn(&Event) + Send + Sync>;

/// All settings of a layer.
#[derive(Clone)]
pub(super) struct Config {
    pub(super) store: SharedStore,
    pub(super) cookie: CookieSettings,
    pub(super) timeouts: Timeouts,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) deadline: Duration,
    pub(super) realm_name: Option<String>,
    pub(super) hook: Option<EventHook>,
    /// Derives record ids from secrets.
    pub(super) realm: Realm,
    warned_of_loopback: Arc<AtomicBool>,
}

impl Config {
    pub(super) fn new(store: SharedStore, cookie: CookieSettings) -> Self {
        Self {
            store,
            timeouts: Timeouts::default(),
            clock: Arc::new(SystemClock),
            deadline: Duration::from_secs(3),
            realm_name: None,
            hook: None,
            realm: session_realm(cookie.name()),
            warned_of_loopback: Arc::new(AtomicBool::new(false)),
            cookie,
        }
    }

    /// To be called when the cookie or the realm's name changed.
    pub(super) fn derive_realm(&mut self) {
        let name = self.realm_name.as_deref().unwrap_or_else(|| self.cookie.name());
        self.realm = session_realm(name);
    }

    /// Runs `operation` for no longer than the deadline. One that need not wait is done without a timer.
    pub(super) async fn within<T>(
        &self,
        operation: impl Future<Output = Result<T, SessionError>>,
    ) -> Result<T, SessionError> {
        let mut operation = pin!(operation);
        if let Poll::Ready(done) = poll_fn(|context| Poll::Ready(operation.as_mut().poll(context))).await {
            return done;
        }
        match tokio::time::timeout(self.deadline, operation).await {
            Ok(done) => done,
            Err(_elapsed) => Err(StoreError::timeout().into()),
        }
    }

    pub(super) fn emit(&self, kind: EventKind, session: Option<PublicHandle>) {
        let event = Event::new(kind, session);
        event.trace();
        if let Some(hook) = &self.hook {
            hook(&event);
        }
    }

    /// Whether a loopback host should still be looked for: until it was once.
    pub(super) fn may_warn_of_loopback(&self) -> bool {
        self.cookie.is_secure() && !self.warned_of_loopback.load(Ordering::Relaxed)
    }

    pub(super) fn warn_of_loopback(&self) {
        if !self.warned_of_loopback.swap(true, Ordering::Relaxed) {
            self.emit(EventKind::SecureCookieOnLoopback, None);
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("store", &self.store)
            .field("cookie", &self.cookie)
            .field("timeouts", &self.timeouts)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

fn session_realm(name: &str) -> Realm {
    Realm::new("session", name)
}

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
}
