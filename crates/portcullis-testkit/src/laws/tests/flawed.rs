use std::{collections::HashMap, sync::Mutex, time::Duration};

use async_trait::async_trait;
use portcullis_core::{
    Clock, CreateOutcome, Draft, ExtendOutcome, Freshness, Listing, MemoryStore, Owner, Page, Peek, Profile,
    Record, RecordId, RecordKey, RemoveAllOutcome, RemoveOutcome, ReplaceOutcome, Space, Store, StoreError,
    Timestamp, Version,
};

use crate::{FaultyStore, TestClock};

/// What real stores have got wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Flaw {
    CreateOverwrites,
    CreateLooksFirst,
    ReplaceIsAnUpsert,
    LastWriterWins,
    ReplaceLooksFirst,
    ExpiresOneMillisecondLate,
    FenceIsIgnored,
    FenceLooksFirst,
    LoadsAreRemembered,
    DroppedRepliesAreKept,
    ListingEndsEarly,
}

/// A memory store, its calls drawn out, with one flaw.
#[derive(Debug)]
pub(super) struct FlawedStore {
    beneath: FaultyStore,
    flaw: Flaw,
    remembered: Mutex<HashMap<RecordKey, Record>>,
    /// The one connection, and the question on it whose reply nobody read.
    connection: tokio::sync::Mutex<Option<RecordKey>>,
}

impl FlawedStore {
    pub(super) fn new(flaw: Flaw, clock: TestClock) -> Self {
        let late = Duration::from_millis(u64::from(flaw == Flaw::ExpiresOneMillisecondLate));
        let beneath = FaultyStore::new(MemoryStore::new().with_clock(LateClock(clock, late)));
        beneath.interleave(7, 3);
        Self {
            beneath,
            flaw,
            remembered: Mutex::default(),
            connection: tokio::sync::Mutex::default(),
        }
    }

    async fn there(&self, key: &RecordKey) -> Result<Option<Record>, StoreError> {
        self.beneath.load(key, Freshness::Strong).await
    }
}

#[async_trait]
impl Store for FlawedStore {
    fn peek(&self, key: &RecordKey, _: Freshness) -> Peek {
        match self.remembered.lock().unwrap().get(key) {
            Some(record) => Peek::Hit(record.clone(), record.created_at),
            None => Peek::Unknown,
        }
    }

    async fn load(&self, key: &RecordKey, freshness: Freshness) -> Result<Option<Record>, StoreError> {
        match self.flaw {
            Flaw::LoadsAreRemembered => {
                if let Some(record) = self.remembered.lock().unwrap().get(key).cloned() {
                    return Ok(Some(record));
                }
                let record = self.beneath.load(key, freshness).await?;
                self.remembered
                    .lock()
                    .unwrap()
                    .extend(record.clone().map(|record| (*key, record)));
                Ok(record)
            }
            Flaw::DroppedRepliesAreKept => {
                let mut connection = self.connection.lock().await;
                let next_reply = connection.replace(*key).unwrap_or(*key);
                let record = self.beneath.load(&next_reply, freshness).await;
                *connection = None;
                record
            }
            _ => self.beneath.load(key, freshness).await,
        }
    }

    async fn create(&self, key: &RecordKey, mut draft: Draft) -> Result<CreateOutcome, StoreError> {
        match self.flaw {
            Flaw::CreateOverwrites => {
                self.beneath.remove(key, None).await?;
            }
            Flaw::CreateLooksFirst => {
                if self.there(key).await?.is_some() {
                    return Ok(CreateOutcome::Exists);
                }
                self.beneath.remove(key, None).await?;
            }
            Flaw::FenceIsIgnored => draft.fence = None,
            Flaw::FenceLooksFirst if draft.fence.is_some() => {
                let probe = RecordKey::new(Space::Session, key.partition(), RecordId::from_bytes([0; 32]));
                if self.beneath.create(&probe, draft.clone()).await? == CreateOutcome::Fenced {
                    return Ok(CreateOutcome::Fenced);
                }
                self.beneath.remove(&probe, None).await?;
                draft.fence = None;
            }
            _ => {}
        }
        self.beneath.create(key, draft).await
    }

    async fn replace(
        &self,
        key: &RecordKey,
        expected: Version,
        draft: Draft,
    ) -> Result<ReplaceOutcome, StoreError> {
        let there = match self.flaw {
            Flaw::ReplaceIsAnUpsert | Flaw::LastWriterWins | Flaw::ReplaceLooksFirst => {
                self.there(key).await?
            }
            _ => None,
        };
        match (self.flaw, there) {
            (Flaw::ReplaceIsAnUpsert, None) => {
                self.beneath.create(key, draft).await?;
                Ok(ReplaceOutcome::Replaced)
            }
            (Flaw::ReplaceLooksFirst, Some(record)) if record.version != expected => {
                Ok(ReplaceOutcome::Conflict(record))
            }
            (Flaw::LastWriterWins | Flaw::ReplaceLooksFirst, Some(_)) => {
                // Whatever is there by now is replaced.
                while let Some(current) = self.there(key).await? {
                    let outcome = self.beneath.replace(key, current.version, draft.clone()).await?;
                    if !matches!(outcome, ReplaceOutcome::Conflict(_)) {
                        return Ok(outcome);
                    }
                }
                Ok(ReplaceOutcome::Gone)
            }
            _ => self.beneath.replace(key, expected, draft).await,
        }
    }

    async fn extend(&self, key: &RecordKey, expires_at: Timestamp) -> Result<ExtendOutcome, StoreError> {
        self.beneath.extend(key, expires_at).await
    }

    async fn remove(&self, key: &RecordKey, expected: Option<Version>) -> Result<RemoveOutcome, StoreError> {
        self.beneath.remove(key, expected).await
    }

    async fn list(&self, owner: &Owner, space: Space, page: Page) -> Result<Listing, StoreError> {
        let mut listing = self.beneath.list(owner, space, page).await?;
        if self.flaw == Flaw::ListingEndsEarly {
            listing.records.truncate(2);
            listing.next = None;
        }
        Ok(listing)
    }

    async fn remove_all(&self, owner: &Owner, spaces: &[Space]) -> Result<RemoveAllOutcome, StoreError> {
        self.beneath.remove_all(owner, spaces).await
    }

    async fn sweep(&self, budget: usize) -> Result<usize, StoreError> {
        self.beneath.sweep(budget).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.beneath.check().await
    }

    fn profile(&self) -> Profile {
        self.beneath.profile()
    }
}

/// A clock that is behind.
#[derive(Debug)]
struct LateClock(TestClock, Duration);

impl Clock for LateClock {
    fn now(&self) -> Timestamp {
        self.0.now().before(self.1)
    }
}
