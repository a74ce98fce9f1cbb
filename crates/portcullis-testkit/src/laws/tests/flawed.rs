use std::{collections::HashMap, sync::Mutex, time::Duration};

use async_trait::async_trait;
use portcullis_core::{
    Clock, CreateOutcome, Draft, ExtendOutcome, Freshness, Linearizability, Listing, MemoryStore, Owner,
    Page, Peek, Profile, Record, RecordId, RecordKey, RemoveAllOutcome, RemoveOutcome, ReplaceOutcome, Space,
    Store, StoreError, Timestamp, Version,
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
    RemoveIgnoresItsVersion,
    RemoveAllGoesSpaceBySpace,
    ExtendMovesBack,
    SweepIgnoresItsBudget,
    /// None: it promises less than it might, and says so.
    PromisesLittle,
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
        Self { beneath, flaw, remembered: Mutex::default(), connection: tokio::sync::Mutex::default() }
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
                self.remembered.lock().unwrap().extend(record.clone().map(|record| (*key, record)));
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
        if self.flaw == Flaw::ExtendMovesBack
            && let Some(record) = self.there(key).await?
            && expires_at < record.expires_at
        {
            let draft = Draft::new(record.payload, record.version, expires_at);
            self.beneath.replace(key, record.version, draft).await?;
            return Ok(ExtendOutcome::NotNeeded);
        }
        self.beneath.extend(key, expires_at).await
    }

    async fn remove(&self, key: &RecordKey, expected: Option<Version>) -> Result<RemoveOutcome, StoreError> {
        let expected = expected.filter(|_| self.flaw != Flaw::RemoveIgnoresItsVersion);
        self.beneath.remove(key, expected).await
    }

    async fn list(&self, owner: &Owner, space: Space, page: Page) -> Result<Listing, StoreError> {
        if self.flaw == Flaw::PromisesLittle {
            return Err(StoreError::unsupported());
        }
        let mut listing = self.beneath.list(owner, space, page).await?;
        if self.flaw == Flaw::ListingEndsEarly {
            listing.records.truncate(2);
            listing.next = None;
        }
        Ok(listing)
    }

    async fn remove_all(&self, owner: &Owner, spaces: &[Space]) -> Result<RemoveAllOutcome, StoreError> {
        if self.flaw != Flaw::RemoveAllGoesSpaceBySpace {
            return self.beneath.remove_all(owner, spaces).await;
        }
        let mut outcome = RemoveAllOutcome::new(Vec::new(), 0);
        for space in spaces {
            let one = self.beneath.remove_all(owner, &[*space]).await?;
            outcome.epochs.extend(one.epochs);
            outcome.removed += one.removed;
        }
        Ok(outcome)
    }

    async fn sweep(&self, budget: usize) -> Result<usize, StoreError> {
        let budget = if self.flaw == Flaw::SweepIgnoresItsBudget { usize::MAX } else { budget };
        self.beneath.sweep(budget).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.beneath.check().await
    }

    fn profile(&self) -> Profile {
        let profile = self.beneath.profile();
        match self.flaw {
            Flaw::PromisesLittle => Profile::new(Linearizability::BestEffort, profile.largest_payload_bytes),
            _ => profile,
        }
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
