//! What several calls promise together, however they meet.

use std::hint::spin_loop;

use portcullis_core::{
    CreateOutcome, Epoch, Freshness, Owner, Page, Record, RecordKey, SharedStore, Space, StoreError,
};

use super::{
    case::{Case, MILLISECOND, Verdict},
    contenders::at_once,
};

/// *Log out everywhere* against renewals: a record renewed from one that was revoked is refused or revoked too.
pub async fn no_renewal_survives_a_concurrent_remove_all(case: &Case) -> Verdict {
    let mut rng = case.rng();
    for round in 0..case.rounds() {
        let owner = case.owner();
        let old = case.created_for(&owner, Space::Session).await?;
        let renewed: Vec<RecordKey> =
            (0..3).map(|_| RecordKey::owned(Space::Session, &owner, case.id())).collect();
        let contenders = (0..4_usize).map(|contender| {
            let (store, old, head_start) = (case.store().clone(), old.clone(), rng.u32(0..2_000));
            let renewal = contender.checked_sub(1).and_then(|index| renewed.get(index)).copied();
            let draft = case.draft().owned_by(owner);
            async move {
                hesitate(head_start);
                let Some(key) = renewal else {
                    return store.remove_all(&owner, &[Space::Session]).await.map(drop);
                };
                // As a request does: the epoch is the one of the record it has read, now or a while ago.
                let Some(epoch) = epoch_of(&store, &old, contender == 1).await? else {
                    return Ok(());
                };
                match store.create(&key, draft.fenced(epoch)).await? {
                    CreateOutcome::Created => store.remove(&old.key, None).await.map(drop),
                    CreateOutcome::Fenced => Ok(()),
                    CreateOutcome::Exists => panic!("an id that was never used exists"),
                }
            }
        });
        at_once(case.rng(), contenders).await.into_iter().collect::<Result<Vec<()>, StoreError>>()?;
        for key in renewed {
            assert_eq!(case.load(&key).await?, None, "a renewal survived in round {round}");
        }
        if let Some(listed) = case.listed(&owner, Space::Session, 10).await? {
            assert_eq!(listed, [], "a renewal is listed in round {round}");
        }
    }
    Ok(())
}

async fn epoch_of(store: &SharedStore, old: &Record, read_now: bool) -> Result<Option<Epoch>, StoreError> {
    if !read_now {
        return Ok(Some(old.epoch));
    }
    Ok(store.load(&old.key, Freshness::Strong).await?.map(|record| record.epoch))
}

/// Each `remove_all` raises the epoch by itself: no two answer the same, and the last one stands.
pub async fn concurrent_removals_of_all_raise_one_after_the_other(case: &Case) -> Verdict {
    for _ in 0..case.rounds() {
        let owner = case.owner();
        let spaces = [Space::Session, Space::Grant];
        let contenders = (0..3).map(|_| {
            let store = case.store().clone();
            async move { store.remove_all(&owner, &spaces).await }
        });
        let answers =
            at_once(case.rng(), contenders).await.into_iter().collect::<Result<Vec<_>, StoreError>>()?;
        for space in spaces {
            let mut epochs: Vec<_> = answers.iter().map(|answer| answer.epoch(space)).collect();
            epochs.sort_unstable();
            epochs.dedup();
            assert_eq!(epochs.len(), 3, "two answered the same epoch: {answers:?}");
            let current = case.created_for(&owner, space).await?.epoch;
            assert_eq!(epochs.last().copied().flatten(), Some(current));
        }
    }
    Ok(())
}

/// A limit of *N*: create, list, remove what ranks beyond. Whoever lists last sees all, so the *N* last remain.
pub async fn at_most_the_limit_remains(case: &Case) -> Verdict {
    let mut rng = case.rng();
    for round in 0..case.rounds() {
        let owner = case.owner();
        if case.listed(&owner, Space::Session, 1).await?.is_none() {
            return Ok(());
        }
        let contenders = (0..5).map(|_| {
            let (store, clock, head_start, ticks) =
                (case.store().clone(), case.clock().clone(), rng.u32(0..2_000), rng.bool());
            let (key, draft) =
                (RecordKey::owned(Space::Session, &owner, case.id()), case.draft().owned_by(owner));
            async move {
                hesitate(head_start);
                if ticks {
                    clock.advance(MILLISECOND);
                }
                store.create(&key, draft).await?;
                remove_beyond_the_limit(&store, &owner).await?;
                Ok(key)
            }
        });
        let created =
            at_once(case.rng(), contenders).await.into_iter().collect::<Result<Vec<_>, StoreError>>()?;
        let mut left = 0;
        for key in &created {
            left += usize::from(case.load(key).await?.is_some());
        }
        assert_eq!(left, LIMIT, "of {} created in round {round}", created.len());
    }
    Ok(())
}

async fn remove_beyond_the_limit(store: &SharedStore, owner: &Owner) -> Verdict {
    let records = store.list(owner, Space::Session, Page::first(100)).await?.records;
    let beyond = records.len().saturating_sub(LIMIT);
    for record in records.into_iter().take(beyond) {
        store.remove(&record.key, None).await?;
    }
    Ok(())
}

/// Lets the others go ahead by a moment far shorter than a thread's sleep.
fn hesitate(spins: u32) {
    for _ in 0..spins {
        spin_loop();
    }
}

const LIMIT: usize = 2;
