use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use async_trait::async_trait;
use portcullis_core::{
    Clock, CreateOutcome, Draft, ExtendOutcome, Freshness, Listing, Owner, Page, Peek, Profile, Record,
    RecordKey, RemoveAllOutcome, RemoveOutcome, ReplaceOutcome, Space, Store, StoreError, Timestamp, Version,
};
use tokio::task::AbortHandle;

use crate::{
    SqlSettings, cursor,
    engine::Engine,
    lanes::Lanes,
    question::{Check, Create, Extend, List, Load, Remove, RemoveAll, Replace, Sweep},
    start, sweeper,
};

/// Keeps records in a SQL database. Named by engine: [`SqliteStore`](crate::SqliteStore), [`PostgresStore`](crate::PostgresStore),
/// [`MysqlStore`](crate::MysqlStore).
///
/// It sweeps by a task of its own on the runtime it was made on, which ends when it is dropped.
///
/// # Example
///
/// ```no_run
/// # #[cfg(feature = "postgres")]
/// # async fn example(pool: sqlx::PgPool) -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use portcullis_core::SharedStore;
/// use portcullis_store_sqlx::{PostgresStore, SqlSettings};
///
/// let settings = SqlSettings::new().with_namespace("shop")?.with_deadline(Duration::from_millis(250));
/// let store: SharedStore = PostgresStore::with_pool(pool, settings).await?.into();
/// # let _ = store;
/// # Ok(()) }
/// ```
pub struct SqlStore<DB: Engine> {
    lanes: Arc<Lanes<DB>>,
    clock: Arc<dyn Clock>,
    profile: Profile,
    /// Where [`sweep`](Store::sweep) goes on.
    swept: AtomicU64,
    sweeping: Option<AbortHandle>,
}

impl<DB: Engine> SqlStore<DB> {
    /// The statements that make the tables, step by step, for whoever makes them where the service may not; see
    /// [`SqlSettings::without_migrations`].
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "postgres")]
    /// # fn example() -> Result<(), portcullis_store_sqlx::ConfigError> {
    /// use portcullis_store_sqlx::{PostgresStore, SqlSettings};
    ///
    /// let steps = PostgresStore::schema(&SqlSettings::new().with_namespace("shop")?);
    /// assert!(steps.contains("CREATE TABLE \"shop_records\""));
    /// # Ok(()) }
    /// # #[cfg(feature = "postgres")]
    /// # example().unwrap();
    /// ```
    #[must_use]
    pub fn schema(settings: &SqlSettings) -> String {
        start::schema::<DB>(&settings.names)
    }

    pub(crate) async fn over(lanes: Lanes<DB>, settings: SqlSettings) -> Result<Self, StoreError> {
        let lanes = Arc::new(lanes);
        let profile = start::profile(&lanes, &settings).await?;
        let sweeping = settings
            .sweeps_every
            .map(|interval| sweeper::start(Arc::clone(&lanes), Arc::clone(&settings.clock), interval));
        Ok(Self { lanes, clock: settings.clock, profile, swept: AtomicU64::new(0), sweeping })
    }

    fn check_payload(&self, draft: &Draft) -> Result<(), StoreError> {
        if draft.payload.len() > self.profile.largest_payload_bytes {
            Err(StoreError::too_large())
        } else {
            Ok(())
        }
    }
}

#[async_trait]
impl<DB: Engine> Store for SqlStore<DB> {
    fn peek(&self, _: &RecordKey, _: Freshness) -> Peek {
        Peek::Unknown
    }

    async fn load(&self, key: &RecordKey, _: Freshness) -> Result<Option<Record>, StoreError> {
        self.lanes.read(Load { key: *key }, self.clock.now()).await
    }

    async fn create(&self, key: &RecordKey, draft: Draft) -> Result<CreateOutcome, StoreError> {
        self.check_payload(&draft)?;
        if draft.owner.is_some_and(|owner| owner.partition() != key.partition()) {
            return Err(StoreError::misconfigured(
                "the draft's owner lies in another partition than the key",
            ));
        }
        self.lanes.write(Create { key: *key, draft }, self.clock.now()).await
    }

    async fn replace(
        &self,
        key: &RecordKey,
        expected: Version,
        draft: Draft,
    ) -> Result<ReplaceOutcome, StoreError> {
        self.check_payload(&draft)?;
        self.lanes.write(Replace { key: *key, expected, draft }, self.clock.now()).await
    }

    async fn extend(&self, key: &RecordKey, expires_at: Timestamp) -> Result<ExtendOutcome, StoreError> {
        self.lanes.write(Extend { key: *key, expires_at }, self.clock.now()).await
    }

    async fn remove(&self, key: &RecordKey, expected: Option<Version>) -> Result<RemoveOutcome, StoreError> {
        self.lanes.write(Remove { key: *key, expected }, self.clock.now()).await
    }

    async fn list(&self, owner: &Owner, space: Space, page: Page) -> Result<Listing, StoreError> {
        let after = page.after.as_ref().map(cursor::parse_cursor).transpose()?;
        let limit = page.limit.max(1);
        self.lanes.read(List { owner: *owner, space, after, limit }, self.clock.now()).await
    }

    async fn remove_all(&self, owner: &Owner, spaces: &[Space]) -> Result<RemoveAllOutcome, StoreError> {
        if spaces.is_empty() {
            return Ok(RemoveAllOutcome::new(Vec::new(), 0));
        }
        let mut spaces = spaces.to_vec();
        // In one order, so that two of these never wait for each other.
        spaces.sort_unstable();
        spaces.dedup();
        self.lanes.write(RemoveAll { owner: *owner, spaces }, self.clock.now()).await
    }

    /// Goes over the table once at most, from where the last call ended.
    async fn sweep(&self, budget: usize) -> Result<usize, StoreError> {
        let began = self.swept.load(Ordering::Relaxed);
        let (mut from, mut reclaimed, mut is_round) = (began, 0, false);
        while reclaimed < budget && !(is_round && from >= began) {
            let part = Sweep { budget: (budget - reclaimed).min(sweeper::BATCH), from };
            let swept = self.lanes.write(part, self.clock.now()).await?;
            reclaimed += swept.reclaimed;
            is_round |= swept.next.is_none();
            from = swept.next.unwrap_or_default();
            self.swept.store(from, Ordering::Relaxed);
            if is_round && began == 0 {
                break;
            }
        }
        Ok(reclaimed)
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.lanes.read(Check, self.clock.now()).await.map(drop)
    }

    fn profile(&self) -> Profile {
        self.profile
    }
}

impl<DB: Engine> Drop for SqlStore<DB> {
    fn drop(&mut self) {
        if let Some(sweeping) = &self.sweeping {
            sweeping.abort();
        }
    }
}

impl<DB: Engine> fmt::Debug for SqlStore<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SqlStore<{}>", DB::NAME)
    }
}
