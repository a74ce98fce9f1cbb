use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use portcullis_core::{Clock, Timestamp};

/// A clock that stands still until it is told to move.
///
/// A cheap clone of one clock: give it to the store and to the layers over it, and keep one to move.
///
/// # Default
///
/// It starts on 18 May 2033, ahead of every machine that runs the tests: an engine that counts its own time down to a
/// record's expiry never reclaims a record that this clock calls alive.
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use portcullis_core::{Clock, MemoryStore};
/// use portcullis_testkit::TestClock;
///
/// let clock = TestClock::new();
/// let store = MemoryStore::new().with_clock(clock.clone());
///
/// let before = clock.now();
/// clock.advance(Duration::from_secs(60));
/// assert_eq!(clock.now().since(before), Duration::from_secs(60));
/// # let _ = store;
/// ```
#[derive(Clone, Debug)]
pub struct TestClock(Arc<Mutex<Timestamp>>);

impl TestClock {
    /// A clock at the time every test clock starts at.
    #[must_use]
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(START)))
    }

    /// Moves every clone on by `duration`.
    pub fn advance(&self, duration: Duration) {
        let mut now = self.lock();
        *now = *now + duration;
    }

    /// Moves every clone to `now`, which may lie in its past.
    pub fn set(&self, now: Timestamp) {
        *self.lock() = now;
    }

    fn lock(&self) -> MutexGuard<'_, Timestamp> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.lock()
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

const START: Timestamp = Timestamp::from_unix_seconds(2_000_000_000);
