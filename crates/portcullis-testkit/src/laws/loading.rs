//! `load` and `peek`: what is read is what was written, under that key.

use std::time::Duration;

use portcullis_core::{
    CreateOutcome, Epoch, Freshness, Partition, Peek, Record, RecordKey, RemoveOutcome, ReplaceOutcome, Space,
};

use super::case::{Case, HOUR, MILLISECOND, Verdict};

/// A record names its key, payload, version, expiry, time of creation, owner and epoch, in every space.
pub async fn a_record_says_what_was_written(case: &Case) -> Verdict {
    for space in SPACES {
        case.clock().advance(MILLISECOND);
        let key = RecordKey::unowned(space, case.id());
        let draft = case.draft();
        let written = Record::created(key, draft.clone(), case.now(), Epoch::UNOWNED);
        assert_eq!(case.store().create(&key, draft).await?, CreateOutcome::Created);

        let owner = case.owner();
        let owned_key = RecordKey::owned(space, &owner, case.id());
        let owned = case.draft().owned_by(owner);
        assert_eq!(case.store().create(&owned_key, owned.clone()).await?, CreateOutcome::Created);
        let created_at = case.now();

        case.clock().advance(MILLISECOND);
        assert_eq!(case.load(&key).await?, Some(written));
        let record = case.load(&owned_key).await?.unwrap_or_else(|| panic!("an owned record is there"));
        assert_eq!(record, Record::created(owned_key, owned, created_at, record.epoch));
    }
    Ok(())
}

/// The same id in another space or partition is another record.
pub async fn a_key_is_its_space_partition_and_id_together(case: &Case) -> Verdict {
    let record = case.created().await?;
    let (id, partition) = (*record.key.id(), record.key.partition());
    let elsewhere = Partition::new((partition.number() + 1) % Partition::COUNT);
    let elsewhere = elsewhere.unwrap_or_else(|| panic!("a remainder numbers a partition"));
    for other in [
        RecordKey::new(Space::Grant, partition, id),
        RecordKey::new(Space::Revoked, partition, id),
        RecordKey::new(Space::Session, elsewhere, id),
    ] {
        assert_eq!(case.load(&other).await?, None);
        assert_eq!(case.store().remove(&other, None).await?, RemoveOutcome::Absent);
        let draft = case.draft();
        let beside = Record::created(other, draft.clone(), case.now(), Epoch::UNOWNED);
        assert_eq!(case.store().create(&other, draft).await?, CreateOutcome::Created);
        assert_eq!(case.load(&other).await?, Some(beside));
    }
    assert_eq!(case.load(&record.key).await?, Some(record));
    Ok(())
}

/// A peek that answers says what a load would have said, at the clock's time.
pub async fn peek_agrees_with_load(case: &Case) -> Verdict {
    let never = case.key();
    compare(case, &never).await?;

    let record = case.created().await?;
    compare(case, &record.key).await?;
    assert_eq!(
        case.store().replace(&record.key, record.version, case.draft()).await?,
        ReplaceOutcome::Replaced
    );
    compare(case, &record.key).await?;
    case.store().extend(&record.key, case.now() + 2 * HOUR).await?;
    compare(case, &record.key).await?;
    case.store().remove(&record.key, None).await?;
    compare(case, &record.key).await?;

    let expiring = case.created().await?;
    case.clock().advance(HOUR - MILLISECOND);
    compare(case, &expiring.key).await?;
    case.clock().advance(MILLISECOND);
    compare(case, &expiring.key).await?;

    let owner = case.owner();
    let revoked = case.created_for(&owner, Space::Session).await?;
    compare(case, &revoked.key).await?;
    case.store().remove_all(&owner, &[Space::Session]).await?;
    compare(case, &revoked.key).await
}

async fn compare(case: &Case, key: &RecordKey) -> Verdict {
    let loaded = case.load(key).await?;
    match case.store().peek(key, Freshness::Strong) {
        Peek::Hit(record, now) => assert_eq!((Some(record), now), (loaded, case.now())),
        Peek::Absent => assert_eq!(None, loaded),
        Peek::Unknown => {}
    }
    Ok(())
}

/// A load that may be `d` old sees every write acknowledged more than `d` ago.
pub async fn a_stale_answer_is_no_older_than_was_asked(case: &Case) -> Verdict {
    let stale = |allowed| Freshness::BoundedStale(allowed);
    for allowed in [Duration::ZERO, Duration::from_secs(1), Duration::from_secs(60)] {
        let record = case.created().await?;
        case.clock().advance(allowed + MILLISECOND);
        assert_eq!(case.store().load(&record.key, stale(allowed)).await?.as_ref(), Some(&record));

        let draft = case.draft();
        let replaced = record.clone().replaced(draft.clone());
        case.store().replace(&record.key, record.version, draft).await?;
        case.clock().advance(allowed + MILLISECOND);
        assert_eq!(case.store().load(&record.key, stale(allowed)).await?.as_ref(), Some(&replaced));

        case.store().remove(&record.key, None).await?;
        case.clock().advance(allowed + MILLISECOND);
        assert_eq!(case.store().load(&record.key, stale(allowed)).await?, None);
        let peeked = case.store().peek(&record.key, stale(allowed));
        assert!(matches!(peeked, Peek::Absent | Peek::Unknown), "{peeked:?}");
    }
    Ok(())
}

const SPACES: [Space; 3] = [Space::Session, Space::Grant, Space::Revoked];
