//! Writes whose answer may be lost.
//!
//! A replacement is known by its version, so asking again with the same one is safe: it happens once, and the second answer says
//! whether the first call had succeeded. A creation is never asked for again under the same id: the first call may still be on its
//! way, and would bring back what was removed meanwhile.

use portcullis_core::{
    CreateOutcome, Draft, Effect, Owner, RandomnessError, Record, RecordKey, RemoveAllOutcome, RemoveOutcome,
    ReplaceOutcome, SharedStore, Space, StoreError, Version,
};

use super::error::SessionError;

/// What became of a creation.
#[derive(Debug)]
pub(super) enum Created<T> {
    New(T),
    Fenced,
}

/// Creates the record that `fresh` drafts, under an id nobody ever had.
pub(super) async fn create<T>(
    store: &SharedStore,
    mut fresh: impl FnMut() -> Result<(RecordKey, Draft, T), RandomnessError>,
) -> Result<Created<T>, SessionError> {
    let mut failure = StoreError::corrupt("new ids are taken");
    for _ in 0..ATTEMPTS {
        let (key, draft, made) = fresh()?;
        match store.create(&key, draft).await {
            Ok(CreateOutcome::Created) => return Ok(Created::New(made)),
            Ok(CreateOutcome::Fenced) => return Ok(Created::Fenced),
            Ok(CreateOutcome::Exists) => {}
            Err(lost) if lost.effect() == Effect::Applied => return Ok(Created::New(made)),
            Err(lost) if lost.effect() == Effect::Unknown => failure = lost,
            Err(refused) => return Err(refused.into()),
        }
    }
    Err(failure.into())
}

/// What became of a replacement.
#[derive(Debug)]
pub(super) enum Replaced {
    Done,
    /// Another write came first.
    Conflict(Record),
    /// Another write is there, and whether ours was before it nobody can tell.
    Unclear(Record, StoreError),
    Gone,
}

pub(super) async fn replace(
    store: &SharedStore,
    key: &RecordKey,
    expected: Version,
    draft: Draft,
) -> Result<Replaced, StoreError> {
    let version = draft.version;
    let lost = match store.replace(key, expected, draft.clone()).await {
        Ok(ReplaceOutcome::Replaced) => return Ok(Replaced::Done),
        Ok(ReplaceOutcome::Conflict(current)) => return Ok(Replaced::Conflict(current)),
        Ok(ReplaceOutcome::Gone) => return Ok(Replaced::Gone),
        Err(lost) => lost,
    };
    match lost.effect() {
        Effect::NotApplied => Err(lost),
        Effect::Applied => Ok(Replaced::Done),
        // Whatever the second call fails with, the first may have been applied.
        Effect::Unknown => match store.replace(key, expected, draft).await {
            Ok(ReplaceOutcome::Replaced) => Ok(Replaced::Done),
            Ok(ReplaceOutcome::Conflict(current)) if current.version == version => Ok(Replaced::Done),
            Ok(ReplaceOutcome::Conflict(current)) => Ok(Replaced::Unclear(current, lost)),
            Ok(ReplaceOutcome::Gone) => Ok(Replaced::Gone),
            Err(again) => Err(again.with_effect(Effect::Unknown)),
        },
    }
}

/// Removal is idempotent: if its answer is lost it is asked for again. `Absent` may then be our own doing.
pub(super) async fn remove(
    store: &SharedStore,
    key: &RecordKey,
    expected: Option<Version>,
) -> Result<RemoveOutcome, StoreError> {
    match store.remove(key, expected).await {
        Err(lost) if lost.effect() != Effect::NotApplied => {
            store.remove(key, expected).await.map_err(|again| again.with_effect(Effect::Unknown))
        }
        answer => answer,
    }
}

/// Removal of everything is asked for again too; what was begun between the two goes with the rest.
pub(super) async fn remove_all(
    store: &SharedStore,
    owner: &Owner,
    spaces: &[Space],
) -> Result<RemoveAllOutcome, StoreError> {
    match store.remove_all(owner, spaces).await {
        Err(lost) if lost.effect() != Effect::NotApplied => {
            store.remove_all(owner, spaces).await.map_err(|again| again.with_effect(Effect::Unknown))
        }
        answer => answer,
    }
}

/// Two ids of 256 bits never collide, and a store that loses three answers in a row is out.
const ATTEMPTS: usize = 3;
