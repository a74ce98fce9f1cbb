use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use async_trait::async_trait;
use portcullis_core::{
    CreateOutcome, Draft, ExtendOutcome, Freshness, Listing, Owner, Page, Peek, Profile, Record, RecordKey,
    RemoveAllOutcome, RemoveOutcome, ReplaceOutcome, SharedStore, Space, Store, StoreError, Timestamp,
    Version,
};

/// A store that counts how often it is asked. It stands before another one where trips are counted, and not where time is measured.
#[derive(Clone, Debug)]
pub(crate) struct CountingStore {
    inner: SharedStore,
    trips: Arc<AtomicU32>,
}

impl CountingStore {
    pub(crate) fn new(inner: SharedStore) -> Self {
        Self { inner, trips: Arc::default() }
    }

    /// How many there were since this was asked last.
    pub(crate) fn take(&self) -> u32 {
        self.trips.swap(0, Ordering::Relaxed)
    }

    fn asked(&self) -> &SharedStore {
        self.trips.fetch_add(1, Ordering::Relaxed);
        &self.inner
    }
}

#[async_trait]
impl Store for CountingStore {
    /// Where it cannot tell, the load that follows is the trip.
    fn peek(&self, key: &RecordKey, freshness: Freshness) -> Peek {
        let peeked = self.inner.peek(key, freshness);
        if !matches!(peeked, Peek::Unknown) {
            self.trips.fetch_add(1, Ordering::Relaxed);
        }
        peeked
    }

    async fn load(&self, key: &RecordKey, freshness: Freshness) -> Result<Option<Record>, StoreError> {
        self.asked().load(key, freshness).await
    }

    async fn create(&self, key: &RecordKey, draft: Draft) -> Result<CreateOutcome, StoreError> {
        self.asked().create(key, draft).await
    }

    async fn replace(
        &self,
        key: &RecordKey,
        expected: Version,
        draft: Draft,
    ) -> Result<ReplaceOutcome, StoreError> {
        self.asked().replace(key, expected, draft).await
    }

    async fn extend(&self, key: &RecordKey, expires_at: Timestamp) -> Result<ExtendOutcome, StoreError> {
        self.asked().extend(key, expires_at).await
    }

    async fn remove(&self, key: &RecordKey, expected: Option<Version>) -> Result<RemoveOutcome, StoreError> {
        self.asked().remove(key, expected).await
    }

    async fn list(&self, owner: &Owner, space: Space, page: Page) -> Result<Listing, StoreError> {
        self.asked().list(owner, space, page).await
    }

    async fn remove_all(&self, owner: &Owner, spaces: &[Space]) -> Result<RemoveAllOutcome, StoreError> {
        self.asked().remove_all(owner, spaces).await
    }

    async fn sweep(&self, budget: usize) -> Result<usize, StoreError> {
        self.asked().sweep(budget).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.asked().check().await
    }

    fn profile(&self) -> Profile {
        self.inner.profile()
    }
}
