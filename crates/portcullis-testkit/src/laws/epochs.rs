//! `remove_all`: epochs rise, and nothing from before them is left or comes back.

use portcullis_core::{
    CreateOutcome, Epoch, ExtendOutcome, Freshness, Owner, Peek, RecordKey, RemoveOutcome, ReplaceOutcome,
    Space, StoreError,
};

use super::case::{Case, HOUR, MILLISECOND, Verdict};

/// The named spaces are emptied and counted; other spaces and other owners are as they were.
pub async fn remove_all_ends_the_named_spaces_and_no_other(case: &Case) -> Verdict {
    let (owner, other) = (case.owner(), case.owner());
    let mut doomed = Vec::new();
    for _ in 0..5 {
        doomed.push(case.created_for(&owner, Space::Session).await?);
        doomed.push(case.created_for(&owner, Space::Grant).await?);
    }
    let spared = [
        case.created_for(&owner, Space::Revoked).await?,
        case.created_for(&other, Space::Session).await?,
        case.created_for(&other, Space::Grant).await?,
        case.created().await?,
    ];
    let outcome = case.store().remove_all(&owner, &[Space::Session, Space::Grant]).await?;
    let spaces: Vec<Space> = outcome.epochs.iter().map(|(space, _)| *space).collect();
    assert_eq!(spaces, [Space::Session, Space::Grant]);
    for record in &doomed {
        assert!(outcome.epoch(record.key.space()) > Some(record.epoch), "the epoch rose");
        assert_eq!(case.load(&record.key).await?, None);
    }
    if case.store().profile().owner_index {
        assert_eq!(outcome.removed, doomed.len() as u64);
    }
    for record in spared {
        assert_eq!(case.load(&record.key).await?.as_ref(), Some(&record));
        if let Some(owner) = record.owner
            && let Some(listed) = case.listed(&owner, record.key.space(), 10).await?
        {
            assert_eq!(listed, [record]);
        }
    }
    let none = case.store().remove_all(&owner, &[]).await?;
    assert_eq!((none.epochs, none.removed), (Vec::new(), 0), "no space was named");
    Ok(())
}

/// `load`, `peek`, `replace`, `extend`, `remove` and `list` find nothing from before.
pub async fn what_was_revoked_is_absent_to_everything(case: &Case) -> Verdict {
    let owner = case.owner();
    let record = case.created_for(&owner, Space::Session).await?;
    case.store().remove_all(&owner, &[Space::Session]).await?;
    for _ in 0..2 {
        assert_eq!(
            case.store().replace(&record.key, record.version, case.draft()).await?,
            ReplaceOutcome::Gone
        );
        assert_eq!(case.store().extend(&record.key, case.now() + 2 * HOUR).await?, ExtendOutcome::Gone);
        assert_eq!(case.load(&record.key).await?, None);
        assert!(!matches!(case.store().peek(&record.key, Freshness::Strong), Peek::Hit(..)));
        assert_eq!(case.store().remove(&record.key, None).await?, RemoveOutcome::Absent);
        if let Some(listed) = case.listed(&owner, Space::Session, 10).await? {
            assert_eq!(listed, []);
        }
        // Nor once the owner has come back.
        case.created_for(&case.owner(), Space::Session).await?;
        let returned = case.created_for(&owner, Space::Session).await?;
        assert_eq!(case.load(&record.key).await?, None);
        case.store().remove(&returned.key, None).await?;
    }
    Ok(())
}

/// A creation fenced by the owner's epoch, or by none, is created; one from before a `remove_all` is not.
pub async fn a_fence_admits_the_current_epoch_and_no_older(case: &Case) -> Verdict {
    let owner = case.owner();
    let before = case.created_for(&owner, Space::Session).await?.epoch;
    let grant = case.created_for(&owner, Space::Grant).await?.epoch;
    let renewed = create(case, &owner, Space::Session, Some(before)).await?;
    assert_eq!(renewed, CreateOutcome::Created);

    case.store().remove_all(&owner, &[Space::Session]).await?;
    let key = RecordKey::owned(Space::Session, &owner, case.id());
    let late = case.draft().owned_by(owner).fenced(before);
    assert_eq!(case.store().create(&key, late).await?, CreateOutcome::Fenced);
    assert_eq!(case.load(&key).await?, None, "a fenced creation writes nothing");
    if let Some(listed) = case.listed(&owner, Space::Session, 10).await? {
        assert_eq!(listed, [], "a fenced creation is not listed");
    }
    assert_eq!(create(case, &owner, Space::Grant, Some(grant)).await?, CreateOutcome::Created);

    let fresh = case.created_for(&owner, Space::Session).await?;
    assert!(fresh.epoch > before);
    assert_eq!(create(case, &owner, Space::Session, Some(fresh.epoch)).await?, CreateOutcome::Created);
    assert_eq!(create(case, &owner, Space::Session, Some(before)).await?, CreateOutcome::Fenced);
    Ok(())
}

/// The epoch that `remove_all` answers admits a creation for an hour, also of an owner that has no record, and though the
/// space was named twice.
pub async fn an_answered_epoch_admits_its_caller(case: &Case) -> Verdict {
    for (records, spaces) in
        [(0, &[Space::Session][..]), (2, &[Space::Session]), (2, &[Space::Session, Space::Session])]
    {
        let owner = case.owner();
        for _ in 0..records {
            case.created_for(&owner, Space::Session).await?;
        }
        let answered = case.store().remove_all(&owner, spaces).await?.epoch(Space::Session);
        case.clock().advance(HOUR - MILLISECOND);
        sweep_all(case).await?;
        let key = RecordKey::owned(Space::Session, &owner, case.id());
        let mut draft = case.draft().owned_by(owner);
        draft.fence = answered;
        assert_eq!(case.store().create(&key, draft).await?, CreateOutcome::Created);
        assert_eq!(case.load(&key).await?.map(|record| record.epoch), answered);
        if let Some(listed) = case.listed(&owner, Space::Session, 10).await? {
            assert_eq!(listed.len(), 1);
        }
        let again = case.store().remove_all(&owner, &[Space::Session]).await?.epoch(Space::Session);
        assert!(again > answered);
        assert_eq!(create(case, &owner, Space::Session, answered).await?, CreateOutcome::Fenced);
    }
    Ok(())
}

/// An epoch never repeats, however long nothing of the owner was left and whatever was reclaimed meanwhile.
pub async fn epochs_only_rise_even_when_forgotten(case: &Case) -> Verdict {
    let owner = case.owner();
    let mut last = case.created_for(&owner, Space::Session).await?.epoch;
    for pause in [0, 1, 24, 24 * 400] {
        case.clock().advance(HOUR * pause);
        sweep_all(case).await?;
        let current = case.created_for(&owner, Space::Session).await?.epoch;
        assert!(current >= last, "{current:?} after {last:?}");
        let answered = case.store().remove_all(&owner, &[Space::Session]).await?.epoch(Space::Session);
        assert!(answered > Some(current), "{answered:?} after {current:?}");
        for older in [last, current] {
            assert_eq!(create(case, &owner, Space::Session, Some(older)).await?, CreateOutcome::Fenced);
        }
        last = answered.unwrap_or(current);

        case.clock().advance(HOUR * pause);
        sweep_all(case).await?;
        let returned = case.created_for(&owner, Space::Session).await?;
        assert!(returned.epoch >= last, "{:?} after {last:?}", returned.epoch);
        case.store().remove(&returned.key, None).await?;
        last = returned.epoch;
    }
    Ok(())
}

async fn create(
    case: &Case,
    owner: &Owner,
    space: Space,
    fence: Option<Epoch>,
) -> Result<CreateOutcome, StoreError> {
    let key = RecordKey::owned(space, owner, case.id());
    let mut draft = case.draft().owned_by(*owner);
    draft.fence = fence;
    case.store().create(&key, draft).await
}

async fn sweep_all(case: &Case) -> Verdict {
    for _ in 0..10 {
        case.store().sweep(1_000).await?;
    }
    Ok(())
}
