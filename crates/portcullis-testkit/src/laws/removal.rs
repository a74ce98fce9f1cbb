//! `remove`: what is gone stays gone.

use portcullis_core::{
    ExtendOutcome, Freshness, Peek, RecordKey, RemoveOutcome, ReplaceOutcome, SharedStore, Space, StoreError,
    Version,
};

use super::{
    case::{Case, HOUR, Verdict},
    contenders::at_once,
};

/// The first removal answers `Removed` with what went, every other `Absent`.
pub async fn remove_is_idempotent(case: &Case) -> Verdict {
    assert_eq!(case.store().remove(&case.key(), None).await?, RemoveOutcome::Absent);
    for named in [false, true] {
        let record = case.created().await?;
        assert_eq!(case.load(&record.key).await?.as_ref(), Some(&record));
        let expected = named.then_some(record.version);
        assert_eq!(case.store().remove(&record.key, expected).await?, RemoveOutcome::Removed(record.clone()));
        assert_eq!(case.store().remove(&record.key, expected).await?, RemoveOutcome::Absent);
        assert_eq!(case.store().remove(&record.key, None).await?, RemoveOutcome::Absent);
        assert_eq!(case.load(&record.key).await?, None);
    }
    Ok(())
}

/// Another version than the one named is shown and left as it is.
pub async fn remove_of_another_version_conflicts(case: &Case) -> Verdict {
    let record = case.created().await?;
    let outcome = case.store().remove(&record.key, Some(Version::unique())).await?;
    assert_eq!(outcome, RemoveOutcome::Conflict(record.clone()));
    assert_eq!(case.load(&record.key).await?.as_ref(), Some(&record));

    let draft = case.draft();
    let replaced = record.clone().replaced(draft.clone());
    case.store().replace(&record.key, record.version, draft).await?;
    let outcome = case.store().remove(&record.key, Some(record.version)).await?;
    assert_eq!(outcome, RemoveOutcome::Conflict(replaced.clone()));
    assert_eq!(case.store().remove(&record.key, None).await?, RemoveOutcome::Removed(replaced));
    Ok(())
}

/// Neither `replace` nor `extend` nor a look brings a removed record back.
pub async fn nothing_revives_a_removed_record(case: &Case) -> Verdict {
    let owner = case.owner();
    let record = case.created_for(&owner, Space::Session).await?;
    assert_eq!(case.store().remove(&record.key, None).await?, RemoveOutcome::Removed(record.clone()));
    for _ in 0..2 {
        assert_eq!(case.store().extend(&record.key, case.now() + 2 * HOUR).await?, ExtendOutcome::Gone);
        assert_eq!(
            case.store().replace(&record.key, record.version, case.draft()).await?,
            ReplaceOutcome::Gone
        );
        assert_gone(case.store(), &record.key).await?;
        if let Some(records) = case.listed(&owner, Space::Session, 10).await? {
            assert_eq!(records, []);
        }
    }
    Ok(())
}

/// However a removal meets writes that are under way, after its answer nothing finds the record.
pub async fn no_concurrent_write_revives_a_removed_record(case: &Case) -> Verdict {
    for _ in 0..case.rounds() {
        let record = case.created().await?;
        let contenders = (0..4).map(|contender| {
            let (store, key, version, draft) =
                (case.store().clone(), record.key, record.version, case.draft());
            let expires_at = case.now() + 2 * HOUR;
            async move {
                match contender {
                    0 => {
                        // The slower writes below answer later than this, and must not undo it.
                        let outcome = store.remove(&key, None).await?;
                        assert!(matches!(outcome, RemoveOutcome::Removed(_)), "{outcome:?}");
                        assert_gone(&store, &key).await
                    }
                    1 => store.extend(&key, expires_at).await.map(drop),
                    _ => store.replace(&key, version, draft).await.map(drop),
                }
            }
        });
        at_once(case.rng(), contenders).await.into_iter().collect::<Result<Vec<()>, StoreError>>()?;
        assert_gone(case.store(), &record.key).await?;
    }
    Ok(())
}

async fn assert_gone(store: &SharedStore, key: &RecordKey) -> Verdict {
    assert_eq!(store.load(key, Freshness::Strong).await?, None);
    let peeked = store.peek(key, Freshness::Strong);
    assert!(!matches!(peeked, Peek::Hit(..)), "{peeked:?}");
    Ok(())
}
