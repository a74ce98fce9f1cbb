//! What several calls promise together, however they meet.

use std::hint::spin_loop;

use portcullis_core::{
    CreateOutcome, Epoch, ExtendOutcome, Freshness, Owner, Page, Record, RecordKey, RemoveOthersOutcome,
    RemoveOutcome, ReplaceOutcome, SharedStore, Space, StoreError, Version,
};

use super::{
    case::{Case, HOUR, MILLISECOND, Verdict},
    contenders::at_once,
};

/// *Log out everywhere* against renewals: a record renewed from one that was revoked is refused or revoked too.
pub async fn no_renewal_survives_a_concurrent_remove_all(case: &Case) -> Verdict {
    for round in 0..case.rounds() {
        let (owner, store) = (case.owner(), case.store().clone());
        let revocation = async move { store.remove_all(&owner, &[Space::Session]).await.map(drop) };
        for key in renew_during(case, &owner, revocation).await? {
            assert_eq!(case.load(&key).await?, None, "a renewal survived in round {round}");
        }
        if let Some(listed) = case.listed(&owner, Space::Session, 10).await? {
            assert_eq!(listed, [], "a renewal is listed in round {round}");
        }
    }
    Ok(())
}

/// *Log out others* against renewals of the others: they are refused or revoked, and the caller's own record remains.
pub async fn no_renewal_survives_a_concurrent_remove_others(case: &Case) -> Verdict {
    for round in 0..case.rounds() {
        let owner = case.owner();
        let (store, own, version) =
            (case.store().clone(), case.created_for(&owner, Space::Session).await?, Version::unique());
        let key = own.key;
        let revocation = async move {
            let outcome = store.remove_others(&key, own.version, version, &[Space::Session]).await?;
            assert!(matches!(outcome, RemoveOthersOutcome::Removed(_)), "{outcome:?}");
            Ok(())
        };
        for key in renew_during(case, &owner, revocation).await? {
            assert_eq!(case.load(&key).await?, None, "a renewal survived in round {round}");
        }
        let there = case.load(&key).await?;
        assert_eq!(there.as_ref().map(|record| record.version), Some(version), "in round {round}");
        if let Some(listed) = case.listed(&owner, Space::Session, 10).await? {
            assert_eq!(listed, Vec::from_iter(there), "a renewal is listed in round {round}");
        }
    }
    Ok(())
}

/// Renews a record of the owner's three times while `revocation` runs, and answers the keys that it was renewed under.
async fn renew_during(
    case: &Case,
    owner: &Owner,
    revocation: impl Future<Output = Verdict> + Send + 'static,
) -> Result<Vec<RecordKey>, StoreError> {
    let mut rng = case.rng();
    let mut revocation = Some(revocation);
    let old = case.created_for(owner, Space::Session).await?;
    let renewed: Vec<RecordKey> =
        (0..3).map(|_| RecordKey::owned(Space::Session, owner, case.id())).collect();
    let contenders = (0..4_usize).map(|contender| {
        let (store, old, head_start) = (case.store().clone(), old.clone(), rng.u32(0..2_000));
        let revocation = revocation.take();
        let renewal = contender.checked_sub(1).and_then(|index| renewed.get(index)).copied();
        let draft = case.draft().owned_by(*owner);
        async move {
            hesitate(head_start);
            if let Some(revocation) = revocation {
                return revocation.await;
            }
            let Some(key) = renewal else {
                return Ok(());
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
    Ok(renewed)
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

/// Whoever comes first removes the other, who is told so.
pub async fn of_two_that_spare_themselves_one_remains(case: &Case) -> Verdict {
    for _ in 0..case.rounds() {
        let owner = case.owner();
        let mut records = Vec::new();
        for _ in 0..2 {
            records.push(case.created_for(&owner, Space::Session).await?);
        }
        let contenders = records.clone().into_iter().map(|own| {
            let store = case.store().clone();
            let (version, spaces) = (Version::unique(), [Space::Session]);
            async move { store.remove_others(&own.key, own.version, version, &spaces).await }
        });
        let answers =
            at_once(case.rng(), contenders).await.into_iter().collect::<Result<Vec<_>, StoreError>>()?;
        let mut remaining = 0;
        for (record, answer) in records.iter().zip(&answers) {
            let there = case.load(&record.key).await?.is_some();
            assert_eq!(there, matches!(answer, RemoveOthersOutcome::Removed(_)), "{answers:?}");
            assert!(there || *answer == RemoveOthersOutcome::Gone, "{answers:?}");
            remaining += usize::from(there);
        }
        assert_eq!(remaining, 1, "{answers:?}");
    }
    Ok(())
}

/// A logout that comes while the others are logged out holds: after its answer nothing finds the record.
pub async fn no_concurrent_remove_others_revives_a_removed_record(case: &Case) -> Verdict {
    let mut rng = case.rng();
    for round in 0..case.rounds() {
        let owner = case.owner();
        let own = case.created_for(&owner, Space::Session).await?;
        case.created_for(&owner, Space::Session).await?;
        let contenders = [false, true].map(|removes| {
            let (store, own, head_start) = (case.store().clone(), own.clone(), rng.u32(0..2_000));
            async move {
                hesitate(head_start);
                if removes {
                    let outcome = store.remove(&own.key, None).await?;
                    assert!(matches!(outcome, RemoveOutcome::Removed(_)), "{outcome:?} in round {round}");
                    // The other may answer later than this, and must not undo it.
                    assert_eq!(store.load(&own.key, Freshness::Strong).await?, None, "in round {round}");
                    return Ok(());
                }
                let outcome =
                    store.remove_others(&own.key, own.version, Version::unique(), &[Space::Session]).await?;
                assert!(!matches!(outcome, RemoveOthersOutcome::Conflict(_)), "{outcome:?}");
                Ok(())
            }
        });
        at_once(case.rng(), contenders).await.into_iter().collect::<Result<Vec<()>, StoreError>>()?;
        assert_eq!(case.load(&own.key).await?, None, "the record came back in round {round}");
    }
    Ok(())
}

/// Of a `replace` and a `remove_others` of one version one conflicts; an `extend` holds whichever came first.
pub async fn a_write_that_meets_remove_others_is_not_lost(case: &Case) -> Verdict {
    let mut rng = case.rng();
    for round in 0..case.rounds() {
        let owner = case.owner();
        let own = case.created_for(&owner, Space::Session).await?;
        let other = case.created_for(&owner, Space::Session).await?;
        let (draft, version, later) = (case.draft(), Version::unique(), own.expires_at + HOUR);
        let replaces = rng.bool();
        let contenders = [false, true].map(|writes| {
            let (store, own, draft, head_start) =
                (case.store().clone(), own.clone(), draft.clone(), rng.u32(0..2_000));
            async move {
                hesitate(head_start);
                if !writes {
                    let outcome =
                        store.remove_others(&own.key, own.version, version, &[Space::Session]).await?;
                    return Ok(matches!(outcome, RemoveOthersOutcome::Removed(_)));
                }
                if replaces {
                    let outcome = store.replace(&own.key, own.version, draft).await?;
                    return Ok(outcome == ReplaceOutcome::Replaced);
                }
                Ok(store.extend(&own.key, later).await? == ExtendOutcome::Extended)
            }
        });
        let done =
            at_once(case.rng(), contenders).await.into_iter().collect::<Result<Vec<_>, StoreError>>()?;
        let there = case.load(&own.key).await?;
        let epoch = there.as_ref().map_or(own.epoch, |record| record.epoch);
        let mut spared = own.clone().spared(version, epoch);
        if !replaces {
            spared.expires_at = later;
        }
        let expected = match (&done[..], replaces) {
            ([false, true], true) => own.replaced(draft),
            ([true, false], true) | ([true, true], false) => spared,
            _ => panic!("one of two writes to one version was done, or an extension failed: {done:?}"),
        };
        assert_eq!(there, Some(expected), "in round {round}");
        assert_eq!(case.load(&other.key).await?.is_none(), done.first() == Some(&true), "in round {round}");
    }
    Ok(())
}

/// Whoever looks meanwhile finds the record as it was or as it is now.
pub async fn a_spared_record_is_never_absent(case: &Case) -> Verdict {
    let mut rng = case.rng();
    for round in 0..case.rounds() {
        let own = case.created_for(&case.owner(), Space::Session).await?;
        let version = Version::unique();
        let contenders = [false, true, true].map(|looks| {
            let (store, own, head_start) = (case.store().clone(), own.clone(), rng.u32(0..2_000));
            async move {
                hesitate(head_start);
                if !looks {
                    return store
                        .remove_others(&own.key, own.version, version, &[Space::Session])
                        .await
                        .map(drop);
                }
                for _ in 0..4 {
                    let there = store.load(&own.key, Freshness::Strong).await?;
                    let Some(there) = there else { panic!("the spared record was absent in round {round}") };
                    assert!([own.version, version].contains(&there.version), "{there:?}");
                    assert_eq!(there.version == version, there.epoch > own.epoch, "they change in one step");
                }
                Ok(())
            }
        });
        at_once(case.rng(), contenders).await.into_iter().collect::<Result<Vec<()>, StoreError>>()?;
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
