use std::{error::Error, fmt, pin::Pin, sync::Arc};

use portcullis_core::SharedStore;

use crate::TestClock;

/// A store to put on trial: what it is called and how a fresh one is opened.
///
/// # Example
///
/// ```
/// use portcullis_core::MemoryStore;
/// use portcullis_testkit::{TestClock, laws::{Backend, Missing}};
///
/// let memory = Backend::new("memory", async |clock: TestClock| Ok(MemoryStore::new().with_clock(clock).into()))
///     .with_rounds(1_000);
/// let absent = Backend::new("elsewhere", async |_: TestClock| Err(Missing::new("no server on port 6379")));
/// # let _ = (memory, absent);
/// ```
pub struct Backend {
    pub(super) name: String,
    pub(super) open: Arc<Open>,
    pub(super) rounds: usize,
    pub(super) seed: Option<u64>,
}

/// Opens a store on the runtime it is called on, and waits until it is there.
pub(super) type Open =
    dyn Fn(TestClock) -> Pin<Box<dyn Future<Output = Result<SharedStore, Missing>>>> + Send + Sync;

impl Backend {
    /// The store called `name`, opened by `open` on the clock it is given, once for each law.
    ///
    /// `open` is called within a multi-threaded tokio runtime that lives as long as the trial. The store should be empty: a
    /// namespace, a database or a server of its own.
    pub fn new<O>(name: impl Into<String>, open: O) -> Self
    where
        O: AsyncFn(TestClock) -> Result<SharedStore, Missing> + Send + Sync + 'static,
    {
        let open = Arc::new(open);
        let open: Arc<Open> = Arc::new(move |clock| {
            let open = Arc::clone(&open);
            Box::pin(async move { open(clock).await })
        });
        Self { name: name.into(), open, rounds: DEFAULT_ROUNDS, seed: None }
    }

    /// Repeats each randomised law so many times.
    ///
    /// # Default
    ///
    /// 100: about a second for each law over a local server.
    #[must_use]
    pub fn with_rounds(mut self, rounds: usize) -> Self {
        self.rounds = rounds;
        self
    }

    /// Draws from `seed`, as a failed law printed it.
    ///
    /// # Default
    ///
    /// Another seed for each trial of each run. What the operating system's threads do is drawn from no seed, so a race may
    /// need several runs to show itself again.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }
}

impl fmt::Debug for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Backend").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Why a store cannot be opened here: its server is missing.
#[derive(Clone, Debug)]
pub struct Missing(String);

impl Missing {
    /// Missing for the `reason` given: what was looked for, and how to provide it.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Missing {}

const DEFAULT_ROUNDS: usize = 100;
