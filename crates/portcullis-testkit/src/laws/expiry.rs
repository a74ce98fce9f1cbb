//! Expiry: the clock decides, to the millisecond.

use portcullis_core::{
    CreateOutcome, Draft, ExtendOutcome, Freshness, Peek, RemoveOutcome, ReplaceOutcome, Space, Timestamp,
    Version,
};

use super::case::{Case, HOUR, MILLISECOND, Verdict};

/// One millisecond before its expiry everything finds the record; at its expiry `load` and `peek` do not.
pub async fn a_record_is_there_until_its_expiry_and_not_at_it(case: &Case) -> Verdict {
    let (record, replaced, extended, removed) =
        (case.created().await?, case.created().await?, case.created().await?, case.created().await?);
    let owner = case.owner();
    let listed = case.created_for(&owner, Space::Session).await?;

    case.clock().set(record.expires_at.before(MILLISECOND));
    assert_eq!(case.load(&record.key).await?.as_ref(), Some(&record));
    assert_eq!(case.store().create(&record.key, case.draft()).await?, CreateOutcome::Exists);
    assert_eq!(
        case.store().replace(&replaced.key, replaced.version, case.draft()).await?,
        ReplaceOutcome::Replaced
    );
    assert_eq!(case.store().extend(&extended.key, case.now() + HOUR).await?, ExtendOutcome::Extended);
    assert_eq!(case.store().remove(&removed.key, None).await?, RemoveOutcome::Removed(removed));
    if let Some(records) = case.listed(&owner, Space::Session, 10).await? {
        assert_eq!(records, [listed]);
    }

    case.clock().set(record.expires_at);
    assert_eq!(case.load(&record.key).await?, None);
    assert!(!matches!(case.store().peek(&record.key, Freshness::Strong), Peek::Hit(..)));
    assert!(case.load(&replaced.key).await?.is_some(), "a replacement set another expiry");
    assert!(case.load(&extended.key).await?.is_some(), "an extension set another expiry");
    Ok(())
}

/// At its expiry a record is absent to `replace`, `extend`, `remove` and `list` too, reclaimed or not.
pub async fn nothing_finds_an_expired_record(case: &Case) -> Verdict {
    let owner = case.owner();
    let record = case.created_for(&owner, Space::Session).await?;
    case.clock().set(record.expires_at);
    // Each is asked more than once, lest the first of them made the record look alive; `replace` last, since it may reclaim.
    for _ in 0..2 {
        assert_eq!(case.store().extend(&record.key, case.now() + HOUR).await?, ExtendOutcome::Gone);
        assert_eq!(case.store().remove(&record.key, Some(Version::unique())).await?, RemoveOutcome::Absent);
        assert_eq!(case.store().remove(&record.key, None).await?, RemoveOutcome::Absent);
        assert_eq!(
            case.store().replace(&record.key, record.version, case.draft()).await?,
            ReplaceOutcome::Gone
        );
        // Not even the wrong version brings it back to be shown.
        assert_eq!(
            case.store().replace(&record.key, Version::unique(), case.draft()).await?,
            ReplaceOutcome::Gone
        );
        assert_eq!(case.load(&record.key).await?, None);
        if let Some(records) = case.listed(&owner, Space::Session, 10).await? {
            assert_eq!(records, []);
        }
    }
    Ok(())
}

/// A key whose record has expired can be created again, and the new record is wholly the new one's.
pub async fn an_expired_record_makes_room(case: &Case) -> Verdict {
    let owner = case.owner();
    let first = case.created_for(&owner, Space::Session).await?;
    case.clock().set(first.expires_at);
    let draft = case.draft();
    assert_eq!(case.store().create(&first.key, draft.clone()).await?, CreateOutcome::Created);
    let second = case.load(&first.key).await?.unwrap_or_else(|| panic!("a record is there once created"));
    assert_eq!(
        (second.version, second.payload, second.created_at),
        (draft.version, draft.payload, case.now())
    );
    assert_eq!(second.owner, None, "nothing of the expired record is left");
    if let Some(records) = case.listed(&owner, Space::Session, 10).await? {
        assert_eq!(records, [], "the new record is not the first owner's");
    }
    Ok(())
}

/// A creation or replacement that expires at once succeeds and is absent: a slow request is no error.
pub async fn a_record_born_expired_is_absent(case: &Case) -> Verdict {
    for expires_at in [case.now(), case.now().before(HOUR), Timestamp::from_unix_millis(0)] {
        let born = || Draft::new("late", Version::unique(), expires_at);
        let key = case.key();
        assert_eq!(case.store().create(&key, born()).await?, CreateOutcome::Created);
        assert_eq!(case.load(&key).await?, None);

        let record = case.created().await?;
        assert_eq!(
            case.store().replace(&record.key, record.version, born()).await?,
            ReplaceOutcome::Replaced
        );
        assert_eq!(case.load(&record.key).await?, None);
        assert_eq!(case.store().extend(&record.key, case.now() + HOUR).await?, ExtendOutcome::Gone);
    }
    Ok(())
}

/// An expiry may be the last instant there is; no arithmetic of the engine turns it into the past.
pub async fn the_last_instant_is_an_expiry_like_any_other(case: &Case) -> Verdict {
    let record = case.created_from(Draft::new("long", Version::unique(), Timestamp::MAX)).await?;
    assert!(case.load(&record.key).await?.is_some());

    let extended = case.created().await?;
    assert_eq!(case.store().extend(&extended.key, Timestamp::MAX).await?, ExtendOutcome::Extended);
    case.clock().advance(1_000_000 * HOUR);
    assert!(case.load(&record.key).await?.is_some());
    assert!(case.load(&extended.key).await?.is_some());
    Ok(())
}
