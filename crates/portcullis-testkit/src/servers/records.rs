//! Records for trials over real servers, and what such a trial asks again and again.

use std::{error::Error, time::Duration};

use libtest_mimic::Failed;
use portcullis_core::{
    Clock, CreateOutcome, Draft, Freshness, Owner, RecordId, RecordKey, SharedStore, Space, StoreError,
    SystemClock, Version,
};
use tokio::time::{Instant, sleep};

/// The error and all that caused it.
#[must_use]
pub fn told(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {}", told(source)))
}

/// A session's key that is nobody's.
#[must_use]
pub fn any_key() -> RecordKey {
    RecordKey::unowned(Space::Session, any_id())
}

/// The key of a revocation.
#[must_use]
pub fn any_mark() -> RecordKey {
    RecordKey::unowned(Space::Revoked, any_id())
}

/// The key of a session of `owner`.
#[must_use]
pub fn key_of(owner: &Owner) -> RecordKey {
    RecordKey::owned(Space::Session, owner, any_id())
}

fn any_id() -> RecordId {
    RecordId::from_bytes([(); 32].map(|()| fastrand::u8(..)))
}

/// An owner of nothing yet.
#[must_use]
pub fn any_owner() -> Owner {
    Owner::from_bytes([(); 16].map(|()| fastrand::u8(..)))
}

/// What lives for an hour by the system's clock.
#[must_use]
pub fn draft(payload: &str) -> Draft {
    Draft::new(payload.to_owned(), Version::unique(), SystemClock.now() + Duration::from_secs(3_600))
}

/// The key of a record that was just made.
///
/// # Errors
///
/// The store failed.
///
/// # Panics
///
/// It has a record under a key that was drawn just now.
pub async fn created(store: &SharedStore) -> Result<RecordKey, StoreError> {
    let key = any_key();
    assert_eq!(store.create(&key, draft("kept")).await?, CreateOutcome::Created);
    Ok(key)
}

/// Whether a strong load finds a record.
///
/// # Errors
///
/// The store failed.
pub async fn is_there(store: &SharedStore, key: &RecordKey) -> Result<bool, StoreError> {
    Ok(store.load(key, Freshness::Strong).await?.is_some())
}

/// How long it took until `store` serves again.
///
/// # Errors
///
/// Longer than `patience`.
pub async fn served_within(
    patience: Duration,
    store: &SharedStore,
    key: &RecordKey,
) -> Result<Duration, Failed> {
    let began = Instant::now();
    loop {
        match is_there(store, key).await {
            Ok(_) => return Ok(began.elapsed()),
            Err(error) if began.elapsed() > patience => return Err(told(&error).into()),
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
    }
}

/// As long as a server that is there again may take to be found.
pub const SOON: Duration = Duration::from_secs(5);
/// What a call may take longer than its deadline, on a machine that others use too.
pub const SLACK: Duration = Duration::from_millis(250);
