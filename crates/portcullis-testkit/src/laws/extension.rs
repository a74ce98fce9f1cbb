//! `extend`: a record lives longer, never shorter, and nothing else of it changes.

use std::time::Duration;

use portcullis_core::{ExtendOutcome, Space, StoreError};

use super::{
    case::{Case, HOUR, MILLISECOND, Verdict},
    contenders::at_once,
};

/// A later expiry is taken, an earlier or equal one is `NotNeeded`; version, payload, owner and epoch stay.
pub async fn extend_only_moves_forward(case: &Case) -> Verdict {
    let owner = case.owner();
    for mut record in [case.created().await?, case.created_for(&owner, Space::Session).await?] {
        for (expires_at, outcome) in [
            (record.expires_at, ExtendOutcome::NotNeeded),
            (record.expires_at.before(MILLISECOND), ExtendOutcome::NotNeeded),
            (case.now().before(HOUR), ExtendOutcome::NotNeeded),
            (record.expires_at + MILLISECOND, ExtendOutcome::Extended),
            (record.expires_at + HOUR, ExtendOutcome::Extended),
        ] {
            assert_eq!(case.store().extend(&record.key, expires_at).await?, outcome);
            record.expires_at = record.expires_at.max(expires_at);
            assert_eq!(case.load(&record.key).await?.as_ref(), Some(&record));
        }
        // What was read before an extension can still be replaced after it.
        case.store().replace(&record.key, record.version, case.draft()).await?;
        assert_ne!(case.load(&record.key).await?.map(|current| current.version), Some(record.version));
    }
    Ok(())
}

/// A record that is not there is `Gone`, and still not there.
pub async fn extend_never_creates(case: &Case) -> Verdict {
    let key = case.key();
    assert_eq!(case.store().extend(&key, case.now() + HOUR).await?, ExtendOutcome::Gone);
    assert_eq!(case.load(&key).await?, None);
    Ok(())
}

/// Of concurrent extensions none undoes another.
pub async fn the_furthest_of_concurrent_extensions_holds(case: &Case) -> Verdict {
    let mut rng = case.rng();
    for _ in 0..case.rounds() {
        let record = case.created().await?;
        let asked = [(); 4].map(|()| record.expires_at + Duration::from_millis(rng.u64(1..1_000)));
        let contenders = asked.map(|expires_at| {
            let (store, key) = (case.store().clone(), record.key);
            async move { store.extend(&key, expires_at).await }
        });
        let outcomes =
            at_once(case.rng(), contenders).await.into_iter().collect::<Result<Vec<_>, StoreError>>()?;
        assert!(
            outcomes.contains(&ExtendOutcome::Extended) && !outcomes.contains(&ExtendOutcome::Gone),
            "{outcomes:?}"
        );
        let expires_at = case.load(&record.key).await?.map(|record| record.expires_at);
        assert_eq!(expires_at, asked.into_iter().max());
    }
    Ok(())
}
