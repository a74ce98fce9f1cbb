//! Writes whose answer may be lost.
//!
//! A write is known by its version, so asking again with the same one is safe: it happens once, and the second answer says
//! whether the first call had succeeded.

use portcullis_core::{
    CreateOutcome, Draft, Effect, Freshness, RecordKey, RemoveOutcome, ReplaceOutcome, SharedStore,
    StoreError, Version,
};

/// What became of a replacement.
#[derive(Debug)]
pub(super) enum Replaced {
    Done,
    /// Another write came first.
    Conflict(Box<portcullis_core::Record>),
    /// Another write is there, and whether ours was before it nobody can tell.
    Unclear(Box<portcullis_core::Record>, StoreError),
    Gone,
}

pub(super) async fn create(
    store: &SharedStore,
    key: &RecordKey,
    draft: Draft,
) -> Result<CreateOutcome, StoreError> {
    let version = draft.version;
    match store.create(key, draft.clone()).await {
        Err(lost) if lost.effect() == Effect::Applied => Ok(CreateOutcome::Created),
        Err(lost) if lost.effect() == Effect::Unknown => match store.create(key, draft).await? {
            CreateOutcome::Exists => {
                let found = store.load(key, Freshness::Strong).await?;
                let ours = found.is_some_and(|record| record.version == version);
                Ok(if ours {
                    CreateOutcome::Created
                } else {
                    CreateOutcome::Exists
                })
            }
            answer => Ok(answer),
        },
        answer => answer,
    }
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
        Ok(ReplaceOutcome::Conflict(current)) => return Ok(Replaced::Conflict(Box::new(current))),
        Ok(ReplaceOutcome::Gone) => return Ok(Replaced::Gone),
        Err(lost) => lost,
    };
    match lost.effect() {
        Effect::NotApplied => Err(lost),
        Effect::Applied => Ok(Replaced::Done),
        Effect::Unknown => Ok(match store.replace(key, expected, draft).await? {
            ReplaceOutcome::Replaced => Replaced::Done,
            ReplaceOutcome::Conflict(current) if current.version == version => Replaced::Done,
            ReplaceOutcome::Conflict(current) => Replaced::Unclear(Box::new(current), lost),
            ReplaceOutcome::Gone => Replaced::Gone,
        }),
    }
}

/// Removal is idempotent: if its answer is lost it is asked for again. `Absent` may then be our own doing.
pub(super) async fn remove(
    store: &SharedStore,
    key: &RecordKey,
    expected: Option<Version>,
) -> Result<RemoveOutcome, StoreError> {
    match store.remove(key, expected).await {
        Err(lost) if lost.effect() == Effect::Applied => Ok(RemoveOutcome::Removed),
        Err(lost) if lost.effect() == Effect::Unknown => store.remove(key, expected).await,
        answer => answer,
    }
}
