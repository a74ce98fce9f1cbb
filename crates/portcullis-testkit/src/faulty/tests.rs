use std::{pin::pin, time::Duration};

use portcullis_core::{
    CreateOutcome, Draft, Effect, Freshness, MemoryStore, Peek, RecordId, RecordKey, Space, Store,
    StoreErrorKind, Timestamp, Version,
};
use tokio::time::{sleep, timeout};

use super::{Fault, FaultyStore, Operation};

const KEY: RecordKey = RecordKey::unowned(Space::Session, RecordId::from_bytes([7; 32]));

fn faulty() -> FaultyStore {
    FaultyStore::new(MemoryStore::new())
}

fn draft() -> Draft {
    Draft::new("payload", Version::unique(), Timestamp::MAX)
}

#[tokio::test]
async fn an_error_strikes_before_or_after_the_call_took_effect() {
    let timeout = StoreErrorKind::Timeout;
    for (fault, effect, applied) in [
        (Fault::refused(timeout), Effect::NotApplied, false),
        (Fault::request_lost(timeout), Effect::Unknown, false),
        (Fault::answer_lost(timeout), Effect::Unknown, true),
    ] {
        let store = faulty();
        store.fail_next(1, [Operation::Create], fault);
        let error = store.create(&KEY, draft()).await.unwrap_err();
        assert_eq!((error.kind(), error.effect()), (timeout, effect), "{fault:?}");
        assert_eq!(store.load(&KEY, Freshness::Strong).await.unwrap().is_some(), applied, "{fault:?}");
    }
}

#[tokio::test]
async fn every_kind_of_error_can_be_asked_for() {
    let store = faulty();
    for kind in [
        StoreErrorKind::Unavailable,
        StoreErrorKind::Timeout,
        StoreErrorKind::Overloaded,
        StoreErrorKind::TooLarge,
        StoreErrorKind::Corrupt,
        StoreErrorKind::Unsupported,
        StoreErrorKind::Misconfigured,
    ] {
        store.fail_next(1, Operation::ALL, Fault::refused(kind));
        assert_eq!(store.check().await.unwrap_err().kind(), kind);
    }
    store.check().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_delay_falls_on_its_side_of_the_effect() {
    let second = Duration::from_secs(1);
    for (fault, applied_at_once) in [(Fault::delayed(second), false), (Fault::answer_delayed(second), true)] {
        let store = faulty();
        store.fail_next(1, [Operation::Create], fault);
        let mut create = pin!(store.create(&KEY, draft()));
        assert!(timeout(second / 2, &mut create).await.is_err());
        assert_eq!(
            store.load(&KEY, Freshness::Strong).await.unwrap().is_some(),
            applied_at_once,
            "{fault:?}"
        );
        assert_eq!(create.await.unwrap(), CreateOutcome::Created);
    }
}

#[tokio::test(start_paused = true)]
async fn what_hangs_goes_on_when_cleared() {
    for (fault, applied_at_once) in [(Fault::hung(), false), (Fault::answer_hung(), true)] {
        let store = faulty();
        store.fail([Operation::Create], fault);
        let hanging = tokio::spawn({
            let store = store.clone();
            async move { store.create(&KEY, draft()).await }
        });
        sleep(Duration::from_secs(3_600)).await;
        assert!(!hanging.is_finished());
        assert_eq!(
            store.load(&KEY, Freshness::Strong).await.unwrap().is_some(),
            applied_at_once,
            "{fault:?}"
        );
        store.clear();
        assert_eq!(hanging.await.unwrap().unwrap(), CreateOutcome::Created);
    }
}

#[tokio::test]
async fn a_peek_that_answers_is_one_load_and_one_that_cannot_is_none() {
    let store = faulty();
    assert_eq!(store.peek(&KEY, Freshness::Strong), Peek::Absent);
    store.create(&KEY, draft()).await.unwrap();
    assert!(matches!(store.peek(&KEY, Freshness::Strong), Peek::Hit(..)));
    assert_eq!(store.take_trips().of(Operation::Load), 2);

    store.fail([Operation::Load], Fault::refused(StoreErrorKind::Unavailable));
    assert_eq!(store.peek(&KEY, Freshness::Strong), Peek::Unknown);
    assert_eq!(store.trips().total(), 0);
    assert!(store.load(&KEY, Freshness::Strong).await.is_err());
    assert_eq!(store.trips().of(Operation::Load), 1);
}

#[tokio::test]
async fn a_fault_of_writes_leaves_peeks_alone() {
    let store = faulty();
    store.fail(Operation::WRITES, Fault::refused(StoreErrorKind::Unavailable));
    assert_eq!(store.peek(&KEY, Freshness::Strong), Peek::Absent);
    assert!(store.create(&KEY, draft()).await.is_err());
}

#[tokio::test]
async fn a_seed_repeats_its_faults() {
    async fn faults(seed: u64) -> Vec<bool> {
        let store = faulty();
        store.fail_at_random(seed, 0.5, [Operation::Check], Fault::refused(StoreErrorKind::Unavailable));
        let mut failed = Vec::new();
        for _ in 0..64 {
            failed.push(store.check().await.is_err());
        }
        failed
    }
    assert_eq!(faults(1).await, faults(1).await);
    assert_ne!(faults(1).await, faults(2).await);
}

#[tokio::test]
async fn a_seed_repeats_its_interleaving_and_seeds_differ() {
    async fn order(seed: u64) -> Vec<usize> {
        let store = faulty();
        store.interleave(seed, 3);
        let order = std::sync::Mutex::new(Vec::new());
        let request = async |name: usize| {
            for _ in 0..4 {
                store.check().await.unwrap();
                order.lock().unwrap().push(name);
            }
        };
        tokio::join!(request(0), request(1), request(2));
        order.into_inner().unwrap()
    }
    assert_eq!(order(1).await, order(1).await);
    assert_ne!(order(1).await, order(2).await);
}
