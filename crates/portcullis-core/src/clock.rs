use std::{fmt::Debug, time::SystemTime};

use crate::Timestamp;

/// Tells the time to stores and layers.
///
/// Every expiry in Portcullis is decided by the clock given at construction, never by an engine's own TTL or by a
/// cookie's attributes, so a test can hold it. Give the store and the layers over it the same one.
///
/// # Example
///
/// ```
/// use portcullis_core::{Clock, SystemClock, Timestamp};
///
/// assert!(SystemClock.now() > Timestamp::from_unix_seconds(1_700_000_000));
/// ```
pub trait Clock: Debug + Send + Sync + 'static {
    /// The present moment. A step back must be harmless to callers: they subtract saturating.
    fn now(&self) -> Timestamp;
}

/// The operating system's wall clock.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "it will never hold anything")]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_unix_millis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
    }
}
