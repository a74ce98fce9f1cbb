use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use fastrand::Rng;
use portcullis_core::{
    Clock, CreateOutcome, Cursor, Draft, Effect, Epoch, Freshness, Owner, Page, Record, RecordId, RecordKey,
    SharedStore, Space, StoreError, StoreErrorKind, Timestamp, Version,
};

use crate::TestClock;

/// What a law answers: an error when the back-end failed. A law that is broken panics.
pub type Verdict = Result<(), StoreError>;

/// A store on trial, with the clock it was given and the randomness of the trial.
#[derive(Debug)]
pub struct Case {
    store: SharedStore,
    clock: TestClock,
    rounds: usize,
    seed: u64,
    rng: Mutex<Rng>,
}

impl Case {
    /// Puts `store`, which goes by `clock`, on trial with a random seed.
    pub fn new(store: impl Into<SharedStore>, clock: TestClock) -> Self {
        let seed = fastrand::u64(..);
        Self { store: store.into(), clock, rounds: 100, seed, rng: Mutex::new(Rng::with_seed(seed)) }
    }

    /// Repeats randomised laws so many times.
    #[must_use]
    pub fn with_rounds(self, rounds: usize) -> Self {
        Self { rounds, ..self }
    }

    /// Draws from `seed`.
    #[must_use]
    pub fn with_seed(self, seed: u64) -> Self {
        Self { seed, rng: Mutex::new(Rng::with_seed(seed)), ..self }
    }

    /// The seed that repeats what was drawn.
    #[must_use]
    pub fn seed(&self) -> u64 {
        self.seed
    }

    pub(super) fn store(&self) -> &SharedStore {
        &self.store
    }

    pub(super) fn clock(&self) -> &TestClock {
        &self.clock
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn rounds(&self) -> usize {
        self.rounds
    }

    /// Randomness of one's own, drawn from the case's.
    pub(super) fn rng(&self) -> Rng {
        self.rng.lock().unwrap_or_else(PoisonError::into_inner).fork()
    }

    pub(super) fn id(&self) -> RecordId {
        let mut rng = self.rng();
        RecordId::from_bytes([(); RecordId::LENGTH_BYTES].map(|()| rng.u8(..)))
    }

    pub(super) fn key(&self) -> RecordKey {
        RecordKey::unowned(Space::Session, self.id())
    }

    pub(super) fn owner(&self) -> Owner {
        let mut rng = self.rng();
        Owner::from_bytes([(); Owner::LENGTH_BYTES].map(|()| rng.u8(..)))
    }

    /// A draft of some payload that expires in an [`HOUR`].
    pub(super) fn draft(&self) -> Draft {
        let mut rng = self.rng();
        let payload: Vec<u8> = (0..rng.usize(1..64)).map(|_| rng.u8(..)).collect();
        Draft::new(payload, Version::unique(), self.now() + HOUR)
    }

    /// Creates a record that belongs to nobody, and answers what it must be.
    pub(super) async fn created(&self) -> Result<Record, StoreError> {
        self.created_from(self.draft()).await
    }

    /// Creates a record of nobody's from `draft`, and answers what it must be.
    pub(super) async fn created_from(&self, draft: Draft) -> Result<Record, StoreError> {
        let key = self.key();
        let record = Record::created(key, draft.clone(), self.now(), Epoch::UNOWNED);
        assert_eq!(self.store.create(&key, draft).await?, CreateOutcome::Created);
        Ok(record)
    }

    /// Creates a record of `owner`'s, and answers it as it was loaded.
    pub(super) async fn created_for(&self, owner: &Owner, space: Space) -> Result<Record, StoreError> {
        let key = RecordKey::owned(space, owner, self.id());
        assert_eq!(self.store.create(&key, self.draft().owned_by(*owner)).await?, CreateOutcome::Created);
        Ok(self
            .load(&key)
            .await?
            .unwrap_or_else(|| panic!("a record is there once its creation was answered")))
    }

    pub(super) async fn load(&self, key: &RecordKey) -> Result<Option<Record>, StoreError> {
        self.store.load(key, Freshness::Strong).await
    }

    /// All records of `owner` in `space`, read in pages of `limit`; `None` if the store keeps no index and says so.
    pub(super) async fn listed(
        &self,
        owner: &Owner,
        space: Space,
        limit: usize,
    ) -> Result<Option<Vec<Record>>, StoreError> {
        let mut records = Vec::new();
        let mut page = Page::first(limit);
        loop {
            let listing = match self.store.list(owner, space, page).await {
                Ok(listing) => listing,
                Err(error) if !self.store.profile().owner_index => {
                    assert_eq!(
                        (error.kind(), error.effect()),
                        (StoreErrorKind::Unsupported, Effect::NotApplied)
                    );
                    return Ok(None);
                }
                Err(error) => return Err(error),
            };
            assert!(self.store.profile().owner_index, "a store that lists says so in its profile");
            assert!(listing.records.len() <= limit.max(1), "a page holds no more than was asked for");
            records.extend(listing.records);
            match listing.next {
                Some(next) => page = Page::after(Cursor::new(next.place().clone()), limit),
                None => return Ok(Some(records)),
            }
        }
    }
}

pub(super) const HOUR: Duration = Duration::from_secs(3_600);
pub(super) const MILLISECOND: Duration = Duration::from_millis(1);
