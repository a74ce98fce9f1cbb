//! `create`: insert if absent.

use portcullis_core::{
    CreateOutcome, Draft, Effect, Epoch, Partition, RecordKey, ReplaceOutcome, Space, StoreErrorKind, Version,
};

use super::{
    case::{Case, HOUR, Verdict},
    contenders::at_once,
};

/// A second creation answers `Exists` and leaves the first record as it was.
pub async fn create_never_overwrites(case: &Case) -> Verdict {
    let record = case.created().await?;
    assert_eq!(case.store().create(&record.key, case.draft()).await?, CreateOutcome::Exists);
    assert_eq!(case.load(&record.key).await?, Some(record));
    Ok(())
}

/// Of concurrent creations of one key exactly one answers `Created`, and its record is the one that is there.
pub async fn one_of_many_concurrent_creations_wins(case: &Case) -> Verdict {
    for _ in 0..case.rounds() {
        let key = case.key();
        let contenders = (0..4).map(|_| {
            let (store, draft) = (case.store().clone(), case.draft());
            async move { (draft.version, store.create(&key, draft).await) }
        });
        let mut winners = Vec::new();
        for (version, outcome) in at_once(case.rng(), contenders).await {
            match outcome? {
                CreateOutcome::Created => winners.push(version),
                CreateOutcome::Exists => {}
                CreateOutcome::Fenced => panic!("a creation without a fence was fenced"),
            }
        }
        let there = case.load(&key).await?.map(|record| record.version);
        assert_eq!(winners, Vec::from_iter(there), "exactly one creation wins and is there");
    }
    Ok(())
}

/// A payload may be empty and may hold any byte.
pub async fn any_bytes_may_be_kept(case: &Case) -> Verdict {
    for payload in [Vec::new(), (0..=u8::MAX).collect(), vec![0], b"\r\nEND\r\n".to_vec()] {
        let record = case.created_from(Draft::new(payload, Version::unique(), case.now() + HOUR)).await?;
        assert_eq!(case.load(&record.key).await?, Some(record));
    }
    Ok(())
}

/// The profile's largest payload can be kept; one byte more is `TooLarge` and was not applied.
///
/// A limit beyond 16 MiB is not tried out.
pub async fn the_largest_payload_fits_and_a_longer_one_is_refused(case: &Case) -> Verdict {
    let largest = case.store().profile().largest_payload_bytes;
    let of_length = |length| Draft::new(vec![b'x'; length], Version::unique(), case.now() + HOUR);
    let record = case.created_from(of_length(largest.min(LARGEST_TRIED_BYTES))).await?;
    assert_eq!(case.load(&record.key).await?.as_ref(), Some(&record));
    if largest >= LARGEST_TRIED_BYTES {
        return Ok(());
    }
    let key = case.key();
    for refused in [
        case.store().create(&key, of_length(largest + 1)).await.map(drop),
        case.store().replace(&record.key, record.version, of_length(largest + 1)).await.map(drop),
    ] {
        let error = refused.err().map(|error| (error.kind(), error.effect()));
        assert_eq!(error, Some((StoreErrorKind::TooLarge, Effect::NotApplied)));
    }
    assert_eq!(case.load(&key).await?, None);
    assert_eq!(
        case.store().replace(&record.key, record.version, case.draft()).await?,
        ReplaceOutcome::Replaced
    );
    Ok(())
}

/// An owner's record can only be created in the owner's partition.
pub async fn an_owner_in_another_partition_is_misconfigured(case: &Case) -> Verdict {
    let owner = case.owner();
    let elsewhere = (owner.partition().number() + 1) % Partition::COUNT;
    let elsewhere = Partition::new(elsewhere).unwrap_or_else(|| panic!("a remainder numbers a partition"));
    let key = RecordKey::new(Space::Session, elsewhere, case.id());
    let refused = case.store().create(&key, case.draft().owned_by(owner)).await;
    let error = refused.err().map(|error| (error.kind(), error.effect()));
    assert_eq!(error, Some((StoreErrorKind::Misconfigured, Effect::NotApplied)));
    assert_eq!(case.load(&key).await?, None);
    Ok(())
}

/// A record that belongs to nobody has no epoch to be behind of.
pub async fn a_fence_without_an_owner_is_not_looked_at(case: &Case) -> Verdict {
    let record = case.created_from(case.draft().fenced(Epoch::from_count(7))).await?;
    assert_eq!(case.load(&record.key).await?, Some(record));
    Ok(())
}

const LARGEST_TRIED_BYTES: usize = 16 << 20;
