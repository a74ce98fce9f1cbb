//! `replace`: compare-and-swap, and never a creation.

use portcullis_core::{
    CreateOutcome, Draft, Epoch, Freshness, RecordKey, ReplaceOutcome, SharedStore, Space, StoreError,
    Timestamp, Version,
};

use super::{
    case::{Case, HOUR, MILLISECOND, Verdict},
    contenders::at_once,
};

/// The expected version is replaced; any other is a conflict that shows the record as it is and leaves it so.
pub async fn replace_is_compare_and_swap(case: &Case) -> Verdict {
    let record = case.created().await?;
    let draft = case.draft();
    let replaced = record.clone().replaced(draft.clone());
    assert_eq!(
        case.store().replace(&record.key, record.version, draft.clone()).await?,
        ReplaceOutcome::Replaced
    );
    assert_eq!(case.load(&record.key).await?.as_ref(), Some(&replaced));

    for (expected, again) in
        [(record.version, case.draft()), (Version::unique(), case.draft()), (record.version, draft)]
    {
        let outcome = case.store().replace(&record.key, expected, again).await?;
        assert_eq!(outcome, ReplaceOutcome::Conflict(replaced.clone()));
    }
    assert_eq!(case.load(&record.key).await?, Some(replaced));
    Ok(())
}

/// A record that is not there is `Gone`, and still not there.
pub async fn replace_never_creates(case: &Case) -> Verdict {
    let key = case.key();
    assert_eq!(case.store().replace(&key, Version::unique(), case.draft()).await?, ReplaceOutcome::Gone);
    assert_eq!(case.load(&key).await?, None);

    let owner = case.owner();
    let owned = RecordKey::owned(Space::Session, &owner, case.id());
    let draft = case.draft().owned_by(owner);
    assert_eq!(case.store().replace(&owned, draft.version, draft).await?, ReplaceOutcome::Gone);
    assert_eq!(case.load(&owned).await?, None);
    Ok(())
}

/// A record keeps its key, owner, epoch and time of creation; the draft's owner and fence are not looked at.
pub async fn replace_keeps_key_owner_epoch_and_birth(case: &Case) -> Verdict {
    let (owner, other) = (case.owner(), case.owner());
    let mut record = case.created_for(&owner, Space::Session).await?;
    let behind = Epoch::from_count(0);
    for draft in [case.draft(), case.draft().owned_by(other), case.draft().owned_by(owner).fenced(behind)] {
        case.clock().advance(MILLISECOND);
        let replaced = record.clone().replaced(draft.clone());
        assert_eq!(case.store().replace(&record.key, record.version, draft).await?, ReplaceOutcome::Replaced);
        assert_eq!(case.load(&record.key).await?.as_ref(), Some(&replaced));
        record = replaced;
    }
    if let Some(records) = case.listed(&other, Space::Session, 10).await? {
        assert_eq!(records, []);
    }
    if let Some(records) = case.listed(&owner, Space::Session, 10).await? {
        assert_eq!(records, [record]);
    }

    let unowned = case.created().await?;
    case.store().replace(&unowned.key, unowned.version, case.draft().owned_by(other)).await?;
    assert_eq!(case.load(&unowned.key).await?.and_then(|record| record.owner), None);
    Ok(())
}

/// A version identifies one write: a payload that came back is not the write it looks like.
pub async fn the_same_payload_in_another_version_conflicts(case: &Case) -> Verdict {
    let draft = |payload| Draft::new(payload, Version::unique(), case.now() + HOUR);
    let first = case.created_from(draft("a")).await?;
    let (second, third) = (draft("b"), draft("a"));
    case.store().replace(&first.key, first.version, second.clone()).await?;
    case.store().replace(&first.key, second.version, third.clone()).await?;
    match case.store().replace(&first.key, first.version, draft("c")).await? {
        ReplaceOutcome::Conflict(current) => {
            assert_eq!((current.version, current.payload), (third.version, third.payload))
        }
        other => panic!("the version, not the payload, is compared: {other:?}"),
    }
    Ok(())
}

/// A replacement sets the expiry, be it sooner or later than before.
pub async fn replace_moves_the_expiry_either_way(case: &Case) -> Verdict {
    let expiring = |at: Timestamp| Draft::new("payload", Version::unique(), at);
    let (shorter, longer) = (case.created().await?, case.created().await?);
    let (soon, late) = (case.now() + HOUR / 2, case.now() + 2 * HOUR);
    case.store().replace(&shorter.key, shorter.version, expiring(soon)).await?;
    case.store().replace(&longer.key, longer.version, expiring(late)).await?;

    case.clock().set(soon.before(MILLISECOND));
    assert_eq!(case.load(&shorter.key).await?.map(|record| record.expires_at), Some(soon));
    case.clock().set(soon);
    assert_eq!(case.load(&shorter.key).await?, None);
    case.clock().set(late.before(MILLISECOND));
    assert_eq!(case.load(&longer.key).await?.map(|record| record.expires_at), Some(late));
    case.clock().set(late);
    assert_eq!(case.load(&longer.key).await?, None);
    Ok(())
}

/// No increment is lost where each is retried until its compare-and-swap succeeds.
pub async fn concurrent_counters_add_up(case: &Case) -> Verdict {
    for _ in 0..case.rounds().div_ceil(10) {
        let key = case.key();
        let zero = Draft::new(0_u64.to_be_bytes().to_vec(), Version::unique(), case.now() + HOUR);
        assert_eq!(case.store().create(&key, zero).await?, CreateOutcome::Created);
        let contenders = (0..CONTENDERS).map(|_| {
            let (store, expires_at) = (case.store().clone(), case.now() + HOUR);
            async move {
                for _ in 0..INCREMENTS {
                    increment(&store, &key, expires_at).await?;
                }
                Ok(())
            }
        });
        at_once(case.rng(), contenders).await.into_iter().collect::<Result<Vec<()>, StoreError>>()?;
        let total = case.load(&key).await?.map(|record| count(&record.payload));
        assert_eq!(total, Some(CONTENDERS * INCREMENTS));
    }
    Ok(())
}

async fn increment(store: &SharedStore, key: &RecordKey, expires_at: Timestamp) -> Verdict {
    let loaded = store.load(key, Freshness::Strong).await?;
    let mut record = loaded.unwrap_or_else(|| panic!("the counter is there"));
    loop {
        let next = (count(&record.payload) + 1).to_be_bytes().to_vec();
        match store.replace(key, record.version, Draft::new(next, Version::unique(), expires_at)).await? {
            ReplaceOutcome::Replaced => return Ok(()),
            ReplaceOutcome::Conflict(current) => record = current,
            ReplaceOutcome::Gone => panic!("the counter is there"),
        }
    }
}

fn count(payload: &[u8]) -> u64 {
    payload.try_into().map_or_else(|_| panic!("a counter is eight bytes"), u64::from_be_bytes)
}

const CONTENDERS: u64 = 4;
const INCREMENTS: u64 = 10;
