use std::{error::Error, time::Duration};

use libtest_mimic::Failed;
use portcullis_core::{
    Clock, CreateOutcome, Draft, Freshness, Owner, RecordId, RecordKey, SharedStore, Space, StoreError,
    SystemClock, Version,
};
use portcullis_store_redis::{RedisSettings, RedisStore};
use tokio::time::{Instant, sleep};

pub(crate) type Verdict = Result<(), Failed>;

pub(crate) async fn connect(url: &str) -> Result<SharedStore, Failed> {
    connect_with(url, |settings| settings).await
}

pub(crate) async fn connect_with(
    url: &str,
    set: impl FnOnce(RedisSettings) -> RedisSettings,
) -> Result<SharedStore, Failed> {
    let store = RedisStore::connect(set(url.parse()?)).await;
    store.map(Into::into).map_err(|error| Failed::from(told(&error)))
}

/// The error and all that caused it.
pub(crate) fn told(error: &dyn Error) -> String {
    error.source().map_or_else(|| error.to_string(), |source| format!("{error}: {}", told(source)))
}

pub(crate) fn any_key() -> RecordKey {
    RecordKey::unowned(Space::Session, any_id())
}

pub(crate) fn any_mark() -> RecordKey {
    RecordKey::unowned(Space::Revoked, any_id())
}

pub(crate) fn key_of(owner: &Owner) -> RecordKey {
    RecordKey::owned(Space::Session, owner, any_id())
}

fn any_id() -> RecordId {
    RecordId::from_bytes([(); 32].map(|()| fastrand::u8(..)))
}

pub(crate) fn any_owner() -> Owner {
    Owner::from_bytes([(); 16].map(|()| fastrand::u8(..)))
}

pub(crate) fn draft(payload: &str) -> Draft {
    Draft::new(payload.to_owned(), Version::unique(), SystemClock.now() + Duration::from_secs(3_600))
}

pub(crate) async fn created(store: &SharedStore) -> Result<RecordKey, StoreError> {
    let key = any_key();
    assert_eq!(store.create(&key, draft("kept")).await?, CreateOutcome::Created);
    Ok(key)
}

pub(crate) async fn is_there(store: &SharedStore, key: &RecordKey) -> Result<bool, StoreError> {
    Ok(store.load(key, Freshness::Strong).await?.is_some())
}

/// Until `store` serves again; for as long as the promise is at most.
pub(crate) async fn served_within(
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

pub(crate) const SOON: Duration = Duration::from_secs(5);
/// What a call may take longer than its deadline, on a machine that others use too.
pub(crate) const SLACK: Duration = Duration::from_millis(250);
