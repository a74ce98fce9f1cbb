use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use fastrand::Rng;
use portcullis_core::{
    CreateOutcome, Draft, ExtendOutcome, Freshness, Listing, Owner, Page, Peek, Profile, Record, RecordKey,
    RemoveAllOutcome, RemoveOutcome, ReplaceOutcome, SharedStore, Space, Store, StoreError, Timestamp,
    Version,
};

use super::{
    Fault, Operation, Trips,
    script::{Rule, Script, When},
};

/// Stands before a store, goes wrong on demand, and counts how often it was asked.
///
/// A cheap clone: give one to the layer under test and keep one to set [faults](Fault) with, also while the store is in
/// use. Without faults it answers as the store beneath does. Where several faults are set for an operation, the one set
/// first strikes.
///
/// While a fault is set that concerns loads, [`peek`](Store::peek) answers `Unknown`, so that the load after it meets
/// the fault.
///
/// # Example
///
/// ```
/// use portcullis_core::{MemoryStore, SharedStore, StoreErrorKind};
/// use portcullis_testkit::{Fault, FaultyStore, Operation};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let faulty = FaultyStore::new(MemoryStore::new());
/// let store = SharedStore::from(faulty.clone()); // what a layer is given
///
/// faulty.fail(Operation::ALL, Fault::refused(StoreErrorKind::Unavailable));
/// assert!(store.check().await.is_err());
///
/// faulty.clear();
/// assert!(store.check().await.is_ok());
/// # }
/// ```
#[derive(Clone)]
pub struct FaultyStore {
    beneath: SharedStore,
    script: Arc<Mutex<Script>>,
}

impl FaultyStore {
    /// Stands before `store`, without faults.
    pub fn new(store: impl Into<SharedStore>) -> Self {
        Self { beneath: store.into(), script: Arc::new(Mutex::new(Script::new())) }
    }

    /// Lets `fault` strike every one of `operations` until the faults are [cleared](Self::clear).
    pub fn fail(&self, operations: impl IntoIterator<Item = Operation>, fault: Fault) {
        self.add(operations, fault, When::UntilCleared);
    }

    /// Lets `fault` strike the next `times` calls of any of `operations`.
    ///
    /// # Example
    ///
    /// ```
    /// use portcullis_core::{Effect, MemoryStore, Store, StoreErrorKind};
    /// use portcullis_testkit::{Fault, FaultyStore, Operation};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// let store = FaultyStore::new(MemoryStore::new());
    /// store.fail_next(1, [Operation::Sweep], Fault::answer_lost(StoreErrorKind::Timeout));
    /// assert_eq!(store.sweep(1).await.unwrap_err().effect(), Effect::Unknown);
    /// assert!(store.sweep(1).await.is_ok());
    /// # }
    /// ```
    pub fn fail_next(&self, times: usize, operations: impl IntoIterator<Item = Operation>, fault: Fault) {
        self.add(operations, fault, When::Next(times));
    }

    /// Lets `fault` strike each call of `operations` with `probability`, in an order that `seed` decides, until the faults
    /// are [cleared](Self::clear).
    pub fn fail_at_random(
        &self,
        seed: u64,
        probability: f64,
        operations: impl IntoIterator<Item = Operation>,
        fault: Fault,
    ) {
        self.add(operations, fault, When::AtRandom { rng: Rng::with_seed(seed), probability });
    }

    /// Lets every call yield up to `most_yields` times before it takes effect, and again before it answers.
    ///
    /// How often is drawn from `seed`, so futures that are polled in turn on one thread meet each other in an order that
    /// the seed decides and repeats: run a scenario over many seeds, and print the one that failed. Meanwhile
    /// [`peek`](Store::peek) answers `Unknown`. Ends when [cleared](Self::clear).
    pub fn interleave(&self, seed: u64, most_yields: usize) {
        self.script().interleave(seed, most_yields);
    }

    /// Ends all faults and interleaving, and lets calls that hang go on.
    pub fn clear(&self) {
        self.script().clear();
    }

    /// How often each operation was called since the store was made or the counts were [taken](Self::take_trips).
    #[must_use]
    pub fn trips(&self) -> Trips {
        self.script().trips.clone()
    }

    /// The counts until now; counting begins anew.
    pub fn take_trips(&self) -> Trips {
        std::mem::take(&mut self.script().trips)
    }

    fn add(&self, operations: impl IntoIterator<Item = Operation>, fault: Fault, when: When) {
        self.script().add(Rule { operations: operations.into_iter().collect(), fault, when });
    }

    async fn carry<T>(
        &self,
        operation: Operation,
        call: impl Future<Output = Result<T, StoreError>> + Send,
    ) -> Result<T, StoreError> {
        let mut plan = self.script().plan(operation);
        plan.before().await?;
        let answer = call.await;
        plan.after().await?;
        answer
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for FaultyStore {
    fn peek(&self, key: &RecordKey, freshness: Freshness) -> Peek {
        if self.script().concerns_loads() {
            return Peek::Unknown;
        }
        let answer = self.beneath.peek(key, freshness);
        if answer != Peek::Unknown {
            self.script().trips.count(Operation::Load);
        }
        answer
    }

    async fn load(&self, key: &RecordKey, freshness: Freshness) -> Result<Option<Record>, StoreError> {
        self.carry(Operation::Load, self.beneath.load(key, freshness)).await
    }

    async fn create(&self, key: &RecordKey, draft: Draft) -> Result<CreateOutcome, StoreError> {
        self.carry(Operation::Create, self.beneath.create(key, draft)).await
    }

    async fn replace(
        &self,
        key: &RecordKey,
        expected: Version,
        draft: Draft,
    ) -> Result<ReplaceOutcome, StoreError> {
        self.carry(Operation::Replace, self.beneath.replace(key, expected, draft)).await
    }

    async fn extend(&self, key: &RecordKey, expires_at: Timestamp) -> Result<ExtendOutcome, StoreError> {
        self.carry(Operation::Extend, self.beneath.extend(key, expires_at)).await
    }

    async fn remove(&self, key: &RecordKey, expected: Option<Version>) -> Result<RemoveOutcome, StoreError> {
        self.carry(Operation::Remove, self.beneath.remove(key, expected)).await
    }

    async fn list(&self, owner: &Owner, space: Space, page: Page) -> Result<Listing, StoreError> {
        self.carry(Operation::List, self.beneath.list(owner, space, page)).await
    }

    async fn remove_all(&self, owner: &Owner, spaces: &[Space]) -> Result<RemoveAllOutcome, StoreError> {
        self.carry(Operation::RemoveAll, self.beneath.remove_all(owner, spaces)).await
    }

    async fn sweep(&self, budget: usize) -> Result<usize, StoreError> {
        self.carry(Operation::Sweep, self.beneath.sweep(budget)).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.carry(Operation::Check, self.beneath.check()).await
    }

    fn profile(&self) -> Profile {
        self.beneath.profile()
    }
}

impl fmt::Debug for FaultyStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FaultyStore").field("beneath", &self.beneath).finish_non_exhaustive()
    }
}
