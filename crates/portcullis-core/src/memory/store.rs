use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use bytes::Bytes;

use super::{
    limits::{Budget, MemoryLimits},
    shard::{Place, Shard},
};
use crate::{
    Clock, CreateOutcome, Cursor, Draft, ExtendOutcome, Freshness, Linearizability, Listing, Owner, Page,
    Partition, Peek, Profile, Record, RecordId, RecordKey, RemoveAllOutcome, RemoveOutcome, ReplaceOutcome,
    Space, Store, StoreError, SystemClock, Timestamp, Version,
};

/// Keeps records in this process: the embedded default, and the reference semantics of the contract.
///
/// Sharded by partition, with one lock over a shard's records, owner index and epochs that is never held across an
/// await. Bounded by [`MemoryLimits`]: when full, a creation is answered with
/// [`Overloaded`](crate::StoreErrorKind::Overloaded) and what is there goes on being served. Expired records are
/// reclaimed on the way of writes.
///
/// Everything is lost with the process, and two processes share nothing.
///
/// # Example
///
/// ```
/// use portcullis_core::{MemoryStore, SharedStore};
///
/// let store: SharedStore = MemoryStore::new().into();
/// # let _ = store;
/// ```
pub struct MemoryStore {
    shards: Box<[Padded]>,
    budget: Budget,
    clock: Arc<dyn Clock>,
}

impl MemoryStore {
    /// An empty store on the system's clock with the default limits.
    #[must_use]
    pub fn new() -> Self {
        let shards = (0..SHARDS).map(|_| Padded::default()).collect();
        Self { shards, budget: Budget::new(MemoryLimits::default()), clock: Arc::new(SystemClock) }
    }

    /// Decides expiry by `clock`.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Holds no more than `limits`.
    #[must_use]
    pub const fn with_limits(mut self, limits: MemoryLimits) -> Self {
        self.budget.limits = limits;
        self
    }

    fn lock(&self, partition: Partition) -> MutexGuard<'_, Shard> {
        #[expect(clippy::indexing_slicing, reason = "the remainder is less than the number of shards")]
        let shard = &self.shards[usize::from(partition.number()) % SHARDS];
        shard.lock()
    }

    fn find(&self, key: &RecordKey) -> Option<(Record, Timestamp)> {
        let now = self.clock.now();
        let record = self.lock(key.partition()).live(key, now).cloned()?;
        Some((record, now))
    }

    /// Makes a change, and, if there is no room for it, once more after reclaiming what has expired anywhere.
    fn with_room<T>(
        &self,
        partition: Partition,
        mut change: impl FnMut(&mut Shard, Timestamp) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let now = self.clock.now();
        let attempt = {
            let mut shard = self.lock(partition);
            shard.reclaim(RECLAIMED_PER_WRITE, now, &self.budget);
            change(&mut shard, now)
        };
        match attempt {
            Err(full) if self.reclaim_everywhere(RECLAIMED_WHEN_FULL, now) == 0 => Err(full),
            Err(_) => change(&mut self.lock(partition), now),
            Ok(done) => Ok(done),
        }
    }

    fn reclaim_everywhere(&self, budget: usize, now: Timestamp) -> usize {
        self.shards.iter().fold(0, |reclaimed, shard| {
            let left = budget.saturating_sub(reclaimed);
            reclaimed + if left == 0 { 0 } else { shard.lock().reclaim(left, now, &self.budget) }
        })
    }
}

#[async_trait]
impl Store for MemoryStore {
    fn peek(&self, key: &RecordKey, _: Freshness) -> Peek {
        self.find(key).map_or(Peek::Absent, |(record, now)| Peek::Hit(record, now))
    }

    async fn load(&self, key: &RecordKey, _: Freshness) -> Result<Option<Record>, StoreError> {
        Ok(self.find(key).map(|(record, _)| record))
    }

    async fn create(&self, key: &RecordKey, draft: Draft) -> Result<CreateOutcome, StoreError> {
        check_payload(&draft)?;
        if draft.owner.is_some_and(|owner| owner.partition() != key.partition()) {
            return Err(StoreError::misconfigured(
                "the draft's owner lies in another partition than the key",
            ));
        }
        self.with_room(key.partition(), |shard, now| shard.create(key, draft.clone(), now, &self.budget))
    }

    async fn replace(
        &self,
        key: &RecordKey,
        expected: Version,
        draft: Draft,
    ) -> Result<ReplaceOutcome, StoreError> {
        check_payload(&draft)?;
        self.with_room(key.partition(), |shard, now| {
            shard.replace(key, expected, draft.clone(), now, &self.budget)
        })
    }

    async fn extend(&self, key: &RecordKey, expires_at: Timestamp) -> Result<ExtendOutcome, StoreError> {
        let now = self.clock.now();
        Ok(self.lock(key.partition()).extend(key, expires_at, now))
    }

    async fn remove(&self, key: &RecordKey, expected: Option<Version>) -> Result<RemoveOutcome, StoreError> {
        let now = self.clock.now();
        Ok(self.lock(key.partition()).remove(key, expected, now, &self.budget))
    }

    async fn list(&self, owner: &Owner, space: Space, page: Page) -> Result<Listing, StoreError> {
        let after = page.after.as_ref().map(|cursor| parse_cursor(space, cursor)).transpose()?;
        let now = self.clock.now();
        let (records, more) = self.lock(owner.partition()).list(owner, space, after, page.limit.max(1), now);
        let next = records.last().filter(|_| more).map(cursor_after);
        Ok(Listing::new(records, next))
    }

    async fn remove_all(&self, owner: &Owner, spaces: &[Space]) -> Result<RemoveAllOutcome, StoreError> {
        let now = self.clock.now();
        let (epochs, removed) = self.lock(owner.partition()).remove_all(owner, spaces, now, &self.budget);
        Ok(RemoveAllOutcome::new(epochs, removed))
    }

    async fn sweep(&self, budget: usize) -> Result<usize, StoreError> {
        Ok(self.reclaim_everywhere(budget, self.clock.now()))
    }

    async fn check(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn profile(&self) -> Profile {
        Profile::new(Linearizability::Always, LARGEST_PAYLOAD_BYTES).with_owner_index()
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").field("records", &self.budget.records()).finish_non_exhaustive()
    }
}

/// A shard on cache lines of its own, so that two threads in two shards do not slow each other.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Padded(Mutex<Shard>);

impl Padded {
    /// A panic while the lock is held is a defect of ours; serving the records that are there beats refusing everybody.
    fn lock(&self) -> MutexGuard<'_, Shard> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn check_payload(draft: &Draft) -> Result<(), StoreError> {
    if draft.payload.len() > LARGEST_PAYLOAD_BYTES { Err(StoreError::too_large()) } else { Ok(()) }
}

fn cursor_after(record: &Record) -> Cursor {
    let mut place = Vec::with_capacity(8 + RecordId::LENGTH_BYTES);
    place.extend_from_slice(&record.created_at.unix_millis().to_be_bytes());
    place.extend_from_slice(record.key.id().bytes());
    Cursor::new(Bytes::from(place))
}

fn parse_cursor(space: Space, cursor: &Cursor) -> Result<Place, StoreError> {
    let place = cursor.place().split_first_chunk::<8>().and_then(|(created_at, id)| {
        let created_at = Timestamp::from_unix_millis(u64::from_be_bytes(*created_at));
        Some(Place { space, created_at, id: RecordId::from_bytes(id.try_into().ok()?) })
    });
    place.ok_or_else(|| StoreError::misconfigured("the cursor is not one of this store's"))
}

const SHARDS: usize = 64;
const RECLAIMED_PER_WRITE: usize = 4;
const RECLAIMED_WHEN_FULL: usize = 1_024;
const LARGEST_PAYLOAD_BYTES: usize = 1 << 20;
