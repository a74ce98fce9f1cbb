mod parse;

use std::{fmt, sync::Arc, time::Duration};

use portcullis_core::{Clock, SystemClock};

use crate::{ConfigError, names::Names};

#[cfg(any(feature = "mysql", feature = "postgres", feature = "sqlite"))]
pub(crate) use parse::Url;
#[cfg(any(feature = "mysql", feature = "postgres"))]
pub(crate) use parse::password;

/// How a store keeps its records in an engine, whichever it is.
///
/// Each has a parameter behind the `?` of a store's URL:
///
/// | parameter | what it sets |
/// | --- | --- |
/// | `connections` | [`with_connections`](Self::with_connections) |
/// | `migrate` | `false`: [`without_migrations`](Self::without_migrations) |
/// | `namespace` | [`with_namespace`](Self::with_namespace) |
/// | `schema` | [`with_schema`](Self::with_schema) |
///
/// # Example
///
/// ```
/// use std::time::Duration;
/// use portcullis_store_sqlx::SqlSettings;
///
/// let settings = SqlSettings::new()
///     .with_namespace("shop")?
///     .with_deadline(Duration::from_millis(250))
///     .with_connections(8);
/// # let _ = settings;
/// # Ok::<(), portcullis_store_sqlx::ConfigError>(())
/// ```
#[derive(Clone)]
pub struct SqlSettings {
    pub(crate) names: Names,
    pub(crate) deadline: Duration,
    pub(crate) connections: usize,
    pub(crate) waiting: usize,
    pub(crate) migrates: bool,
    pub(crate) sweeps_every: Option<Duration>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl SqlSettings {
    /// Every default.
    #[must_use]
    pub fn new() -> Self {
        Self {
            names: Names::default(),
            deadline: Duration::from_secs(1),
            connections: 16,
            waiting: 256,
            migrates: true,
            sweeps_every: Some(Duration::from_secs(300)),
            clock: Arc::new(SystemClock),
        }
    }

    /// Begins the names of all tables, so that several services share a database: `shop` keeps its records in `shop_records`.
    ///
    /// # Default
    ///
    /// `portcullis`.
    ///
    /// # Errors
    ///
    /// It is empty or longer than 48 bytes, or holds something else than letters, digits, `-` and `_`.
    pub fn with_namespace(mut self, namespace: impl Into<String>) -> Result<Self, ConfigError> {
        self.names = self.names.with_namespace(namespace.into())?;
        Ok(self)
    }

    /// The schema that the tables lie in; MySQL calls it a database.
    ///
    /// # Default
    ///
    /// The one that the connection comes to by itself.
    ///
    /// # Errors
    ///
    /// As for [`with_namespace`](Self::with_namespace).
    pub fn with_schema(mut self, schema: impl Into<String>) -> Result<Self, ConfigError> {
        self.names = self.names.with_schema(schema.into())?;
        Ok(self)
    }

    /// How long a call may take, connecting included.
    ///
    /// # Default
    ///
    /// A second: some times as long as a commit takes on a slow disk, and shorter than people wait.
    #[must_use]
    pub const fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How many connections there are at most, at least one. Each asks one thing at a time.
    ///
    /// # Default
    ///
    /// 16: at a millisecond for a call they serve 16 000 a second, and six processes keep within the 100 that PostgreSQL takes. SQLite
    /// has a writer apart, and needs no more readers than there are cores.
    #[must_use]
    pub const fn with_connections(mut self, connections: usize) -> Self {
        self.connections = connections;
        self
    }

    /// How many calls may wait for a connection, or for SQLite's writer; one more is [`Overloaded`] at once.
    ///
    /// [`Overloaded`]: portcullis_core::StoreErrorKind::Overloaded
    ///
    /// # Default
    ///
    /// 256: a page that asks for six things at once is no reason to refuse one of them. 0 refuses whatever finds no connection.
    #[must_use]
    pub const fn with_waiting_calls(mut self, calls: usize) -> Self {
        self.waiting = calls;
        self
    }

    /// Leaves the tables to somebody else, who is handed them by [`SqlStore::schema`](crate::SqlStore::schema). A store whose tables
    /// are not there is refused when it is opened.
    ///
    /// # Default
    ///
    /// Tables that are missing are made, which takes the right to.
    #[must_use]
    pub const fn without_migrations(mut self) -> Self {
        self.migrates = false;
        self
    }

    /// How long after one sweep of the table the next begins, in one process of all that share it.
    ///
    /// # Default
    ///
    /// Five minutes: what has expired is never served, so all that waits is its room.
    #[must_use]
    pub const fn with_sweep_interval(mut self, interval: Duration) -> Self {
        self.sweeps_every = Some(interval);
        self
    }

    /// Leaves reclaiming to whoever calls [`sweep`](portcullis_core::Store::sweep).
    #[must_use]
    pub const fn without_sweeping(mut self) -> Self {
        self.sweeps_every = None;
        self
    }

    /// The clock that decides what has expired.
    ///
    /// # Default
    ///
    /// The system's.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }
}

impl Default for SqlSettings {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SqlSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqlSettings").field("names", &self.names).finish_non_exhaustive()
    }
}
