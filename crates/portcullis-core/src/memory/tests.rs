use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use super::{
    limits::{Budget, MemoryLimits},
    shard::Shard,
};
use crate::{
    Clock, CreateOutcome, Draft, Freshness, MemoryStore, Owner, RecordId, RecordKey, ReplaceOutcome, Space,
    Store, StoreErrorKind, Timestamp, Version,
};

const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);
const MINUTE: Duration = Duration::from_secs(60);
const LONG_AFTER: Timestamp = Timestamp::from_unix_seconds(1_000_000);

/// The testkit's clock is one of another build of this crate, as unit tests see it.
#[derive(Clone, Debug, Default)]
struct HeldClock(Arc<AtomicU64>);

impl HeldClock {
    fn advance(&self, duration: Duration) {
        self.0.fetch_add(duration.as_millis() as u64, Ordering::Relaxed);
    }
}

impl Clock for HeldClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_millis(self.0.load(Ordering::Relaxed))
    }
}

fn owner(subject: &str) -> Owner {
    Owner::new("https://id.example", subject)
}

fn id(number: u8) -> RecordId {
    RecordId::from_bytes([number; RecordId::LENGTH_BYTES])
}

fn draft(payload_bytes: usize) -> Draft {
    Draft::new(vec![0; payload_bytes], Version::unique(), NOW + MINUTE)
}

#[test]
fn everything_is_reclaimed_in_the_end() {
    let (mut shard, budget) = (Shard::default(), Budget::new(MemoryLimits::default()));
    let (ada, alan, grace) = (owner("ada"), owner("alan"), owner("grace"));
    for number in 0..20 {
        let key = RecordKey::unowned(Space::Session, id(number));
        shard.create(&key, draft(10), NOW, &budget).unwrap();
        for owner in [ada, alan] {
            let key = RecordKey::owned(Space::Grant, &owner, id(number));
            shard.create(&key, draft(10).owned_by(owner), NOW, &budget).unwrap();
            shard.extend(&key, NOW + MINUTE * u32::from(number), NOW);
        }
    }
    let longer = Draft::new("longer", Version::unique(), NOW + 2 * MINUTE);
    let key = RecordKey::unowned(Space::Session, id(0));
    let version = shard.live(&key, NOW).unwrap().version;
    shard.replace(&key, version, longer, NOW, &budget).unwrap();
    shard.remove(&RecordKey::unowned(Space::Session, id(1)), None, NOW, &budget);
    // Once with records, twice without: epochs that are kept are forgotten all the same.
    for (owner, spaces) in
        [(ada, [Space::Grant, Space::Session]), (grace, [Space::Grant; 2]), (grace, [Space::Session; 2])]
    {
        shard.remove_all(&owner, &spaces, NOW, &budget);
    }

    assert!(!shard.is_empty());
    shard.reclaim(usize::MAX, LONG_AFTER, &budget);
    assert!(shard.is_empty(), "{shard:?}");
    assert_eq!(budget.records(), 0);
}

#[test]
fn reclaiming_stops_at_its_limit_and_at_what_is_alive() {
    let (mut shard, budget) = (Shard::default(), Budget::new(MemoryLimits::default()));
    for number in 0..5 {
        shard.create(&RecordKey::unowned(Space::Session, id(number)), draft(1), NOW, &budget).unwrap();
    }
    assert_eq!(shard.reclaim(3, NOW, &budget), 0);
    assert_eq!(shard.reclaim(3, NOW + MINUTE, &budget), 3);
    assert_eq!(shard.reclaim(3, NOW + MINUTE, &budget), 2);
}

#[test]
fn epochs_of_an_owner_that_logged_in_again_outlive_their_first_due_date() {
    let (mut shard, budget) = (Shard::default(), Budget::new(MemoryLimits::default()));
    let ada = owner("ada");
    shard.remove_all(&ada, &[Space::Session], NOW, &budget);
    let (answered, _) = shard.remove_all(&ada, &[Space::Session], NOW + 50 * MINUTE, &budget);
    let (_, epoch) = answered[0];
    shard.reclaim(usize::MAX, NOW + 70 * MINUTE, &budget);
    let late = Draft::new("late", Version::unique(), LONG_AFTER).owned_by(ada).fenced(epoch);
    let key = RecordKey::owned(Space::Session, &ada, id(1));
    assert_eq!(shard.create(&key, late, NOW + 70 * MINUTE, &budget).unwrap(), CreateOutcome::Created);
}

#[tokio::test]
async fn a_full_store_refuses_to_create_and_goes_on_serving() {
    let store = MemoryStore::new().with_limits(MemoryLimits::default().with_records(2));
    let lasting = || Draft::new("lasting", Version::unique(), Timestamp::MAX);
    let [first, second, third] = [1, 2, 3].map(|number| RecordKey::unowned(Space::Session, id(number)));
    for key in [&first, &second] {
        assert_eq!(store.create(key, lasting()).await.unwrap(), CreateOutcome::Created);
    }
    assert_eq!(store.create(&third, lasting()).await.unwrap_err().kind(), StoreErrorKind::Overloaded);

    let record = store.load(&first, Freshness::Strong).await.unwrap().unwrap();
    assert_eq!(store.replace(&first, record.version, lasting()).await.unwrap(), ReplaceOutcome::Replaced);
    store.remove(&second, None).await.unwrap();
    assert_eq!(store.create(&third, lasting()).await.unwrap(), CreateOutcome::Created);
}

#[tokio::test]
async fn a_full_store_makes_room_from_what_has_expired_in_any_shard() {
    let store = MemoryStore::new().with_limits(MemoryLimits::default().with_records(100));
    for number in 0..100 {
        let expired = Draft::new("expired", Version::unique(), NOW);
        let key = RecordKey::unowned(Space::Session, id(number));
        assert_eq!(store.create(&key, expired).await.unwrap(), CreateOutcome::Created);
    }
    let key = RecordKey::unowned(Space::Session, id(200));
    let lasting = Draft::new("lasting", Version::unique(), Timestamp::MAX);
    assert_eq!(store.create(&key, lasting).await.unwrap(), CreateOutcome::Created);
}

#[tokio::test]
async fn bytes_are_given_back_when_a_payload_shrinks_or_goes() {
    let store = MemoryStore::new().with_limits(MemoryLimits::default().with_bytes(10_000));
    let of_length = |bytes: usize| Draft::new(vec![0; bytes], Version::unique(), Timestamp::MAX);
    let [first, second] = [1, 2].map(|number| RecordKey::unowned(Space::Session, id(number)));
    let large = of_length(9_000);
    store.create(&first, large.clone()).await.unwrap();
    assert_eq!(store.create(&second, of_length(5_000)).await.unwrap_err().kind(), StoreErrorKind::Overloaded);
    // A refused growth leaves the record, and the count, as they were.
    let grown = store.replace(&first, large.version, of_length(20_000)).await;
    assert_eq!(grown.unwrap_err().kind(), StoreErrorKind::Overloaded);
    assert_eq!(store.load(&first, Freshness::Strong).await.unwrap().unwrap().version, large.version);

    assert_eq!(store.replace(&first, large.version, of_length(10)).await.unwrap(), ReplaceOutcome::Replaced);
    assert_eq!(store.create(&second, of_length(5_000)).await.unwrap(), CreateOutcome::Created);
    store.remove(&second, None).await.unwrap();
    assert_eq!(store.create(&second, of_length(9_000)).await.unwrap(), CreateOutcome::Created);
}

#[tokio::test]
async fn limits_set_on_a_used_store_count_what_is_there() {
    let store = MemoryStore::new();
    let [first, second] = [1, 2].map(|number| RecordKey::unowned(Space::Session, id(number)));
    let lasting = || Draft::new("lasting", Version::unique(), Timestamp::MAX);
    store.create(&first, lasting()).await.unwrap();
    let store = store.with_limits(MemoryLimits::default().with_records(1));
    assert_eq!(store.create(&second, lasting()).await.unwrap_err().kind(), StoreErrorKind::Overloaded);
    store.remove(&first, None).await.unwrap();
    assert_eq!(store.create(&second, lasting()).await.unwrap(), CreateOutcome::Created);
}

/// An owner revoked a thousand times is one thing to remember, and does not stand before what has expired.
#[tokio::test]
async fn epochs_kept_do_not_hinder_reclamation() {
    let clock = HeldClock::default();
    let store =
        MemoryStore::new().with_clock(clock.clone()).with_limits(MemoryLimits::default().with_records(1));
    let ada = Owner::new("urn:test", "ada");
    for _ in 0..2_000 {
        store.remove_all(&ada, &[Space::Session]).await.unwrap();
        clock.advance(Duration::from_millis(1));
    }
    let key = |number| RecordKey::new(Space::Session, ada.partition(), id(number));
    let expiring = Draft::new("expiring", Version::unique(), clock.now() + Duration::from_secs(3_700));
    store.create(&key(1), expiring).await.unwrap();
    clock.advance(Duration::from_secs(4_000));
    assert_eq!(store.sweep(1).await.unwrap(), 1);
    assert_eq!(store.sweep(1).await.unwrap(), 0);
    let lasting = Draft::new("lasting", Version::unique(), Timestamp::MAX);
    assert_eq!(store.create(&key(2), lasting).await.unwrap(), CreateOutcome::Created);
}
