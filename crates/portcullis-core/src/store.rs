use std::fmt::Debug;

use async_trait::async_trait;

use crate::{
    CreateOutcome, Draft, Epoch, ExtendOutcome, Freshness, Listing, Owner, Page, Peek, Profile, Record,
    RecordKey, RemoveAllOutcome, RemoveOutcome, ReplaceOutcome, Space, StoreError, Timestamp, Version,
};

/// Moves versioned, expiring, owned records of bytes. It knows nothing of sessions.
///
/// Each method's docs state its *law*; `portcullis-testkit` runs every law against a store. Three hold throughout:
///
/// * **Create never overwrites; nothing else creates.** There is no `put`: an unconditional write is how sessions come
///   back from the dead.
/// * **The clock given at construction decides** what has expired; an engine's own TTL only reclaims, with slack.
/// * **Outcomes are values.** `Err` means that the back-end failed, and its [`effect`](StoreError::effect) says whether
///   the call took effect. A payload longer than the profile's limit is refused as
///   [`TooLarge`](crate::StoreErrorKind::TooLarge) before it is sent.
///
/// # Cancel safety
///
/// A future may be dropped at any await. The call it made may have taken effect or not, as with a lost answer; no
/// other caller ever receives its reply.
#[async_trait]
pub trait Store: Debug + Send + Sync + 'static {
    /// Answers at once if it can without waiting, else [`Peek::Unknown`].
    ///
    /// *Law*: what it answers, [`load`](Self::load) would have answered.
    fn peek(&self, key: &RecordKey, freshness: Freshness) -> Peek;

    /// The record under `key`, if there is one.
    ///
    /// *Law*: never an expired record, nor one under an older epoch of its owner. The record names its own key, and the
    /// store has checked that it is `key`. A [`Strong`](Freshness::Strong) load sees every write acknowledged before it.
    ///
    /// # Errors
    ///
    /// The back-end failed.
    async fn load(&self, key: &RecordKey, freshness: Freshness) -> Result<Option<Record>, StoreError>;

    /// Inserts `draft` if `key` has no live record.
    ///
    /// *Law*: of concurrent creations of one key exactly one answers `Created`. An owned record joins its owner's index in
    /// the same step, under the owner's current epoch; with a fence it is `Fenced` if that epoch has moved past it.
    ///
    /// # Errors
    ///
    /// The back-end failed; it is full; or the draft's owner lies in another partition than `key` (`Misconfigured`).
    async fn create(&self, key: &RecordKey, draft: Draft) -> Result<CreateOutcome, StoreError>;

    /// Puts `draft` in place of the record whose version is `expected`.
    ///
    /// *Law*: compare-and-swap; it **never creates**. The record keeps its key, owner, epoch and time of creation; the
    /// draft's owner and fence are not looked at. The expiry may move either way.
    ///
    /// # Errors
    ///
    /// The back-end failed, or it is full.
    async fn replace(
        &self,
        key: &RecordKey,
        expected: Version,
        draft: Draft,
    ) -> Result<ReplaceOutcome, StoreError>;

    /// Lets the record live until `expires_at`.
    ///
    /// *Law*: only forward; keeps version and payload; it **never creates**.
    ///
    /// # Errors
    ///
    /// The back-end failed.
    async fn extend(&self, key: &RecordKey, expires_at: Timestamp) -> Result<ExtendOutcome, StoreError>;

    /// Removes the record; with `expected`, only in that version.
    ///
    /// *Law*: idempotent; of concurrent removals exactly one is answered with the record that went. No `load`, `replace` or `extend` begun after the answer finds the record. Ids are never reused.
    ///
    /// # Errors
    ///
    /// The back-end failed.
    async fn remove(&self, key: &RecordKey, expected: Option<Version>) -> Result<RemoveOutcome, StoreError>;

    /// A page of the owner's records in one space, in the order (created, id).
    ///
    /// *Law*: never a dead record. A record that lives throughout the pages is in exactly one of them.
    ///
    /// # Errors
    ///
    /// The back-end failed, has no owner index (`Unsupported`), or the cursor is not its own (`Misconfigured`).
    async fn list(&self, owner: &Owner, space: Space, page: Page) -> Result<Listing, StoreError>;

    /// Revokes everything of an owner in `spaces`.
    ///
    /// *Law*: raises the epochs of all named spaces in one atomic step, then deletes. Afterwards a record under an older
    /// epoch is absent to `load`, `replace`, `extend` and `list`, whether or not it is deleted yet, and a creation
    /// fenced by an older epoch is refused. A creation fenced by the epoch answered here is accepted until the next
    /// `remove_all`, for an hour at least: a store that holds no record of the owner may forget the epoch then, and
    /// refuses.
    ///
    /// # Errors
    ///
    /// The back-end failed.
    async fn remove_all(&self, owner: &Owner, spaces: &[Space]) -> Result<RemoveAllOutcome, StoreError>;

    /// Reclaims at most `budget` expired records and says how many.
    ///
    /// *Law*: bounded work; touches nothing that is alive. A store also reclaims by itself, and goes on doing so after
    /// errors.
    ///
    /// # Errors
    ///
    /// The back-end failed.
    async fn sweep(&self, budget: usize) -> Result<usize, StoreError>;

    /// Whether the store is ready to serve.
    ///
    /// # Errors
    ///
    /// Why it is not.
    async fn check(&self) -> Result<(), StoreError>;

    /// What the store promises.
    fn profile(&self) -> Profile;
}

/// Whether a creation fenced by `fence` is refused in an owner's `current` epoch.
///
/// A fence from an epoch the store has forgotten, or never had, is refused: fails closed.
pub(crate) fn is_fenced(fence: Option<Epoch>, current: Option<Epoch>) -> bool {
    fence.is_some_and(|fence| current != Some(fence))
}
