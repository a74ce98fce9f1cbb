//! `remove_others`: one record is spared, and it alone goes on.

use std::slice;

use portcullis_core::{
    CreateOutcome, Effect, Epoch, ExtendOutcome, Freshness, Owner, Peek, Record, RecordKey, RemoveAllOutcome,
    RemoveOthersOutcome, RemoveOutcome, ReplaceOutcome, Space, StoreError, StoreErrorKind, Version,
};

use super::case::{Case, HOUR, MILLISECOND, Verdict};

/// The named spaces are emptied but for the one, and counted without it; other spaces and other owners are as they were.
pub async fn remove_others_ends_the_named_spaces_but_for_one_record(case: &Case) -> Verdict {
    let (owner, other) = (case.owner(), case.owner());
    let mut doomed = Vec::new();
    for _ in 0..3 {
        doomed.push(case.created_for(&owner, Space::Session).await?);
        doomed.push(case.created_for(&owner, Space::Grant).await?);
    }
    let record = case.created_for(&owner, Space::Session).await?;
    doomed.push(case.created_for(&owner, Space::Session).await?);
    let bystanders = [
        case.created_for(&owner, Space::Revoked).await?,
        case.created_for(&other, Space::Session).await?,
        case.created_for(&other, Space::Grant).await?,
        case.created().await?,
    ];
    let (spared, outcome) = spare(case, &record, &[Space::Grant, Space::Session]).await?;
    let spaces: Vec<Space> = outcome.epochs.iter().map(|(space, _)| *space).collect();
    assert_eq!(spaces, [Space::Grant, Space::Session]);
    for record in &doomed {
        assert!(outcome.epoch(record.key.space()) > Some(record.epoch), "the epoch rose");
        assert_eq!(case.load(&record.key).await?, None);
    }
    if case.store().profile().owner_index {
        assert_eq!(outcome.removed, doomed.len() as u64);
    }
    assert_there(case, &spared).await?;
    if let Some(listed) = case.listed(&owner, Space::Grant, 10).await? {
        assert_eq!(listed, []);
    }
    for record in bystanders {
        assert_there(case, &record).await?;
    }
    Ok(())
}

/// Key, payload, expiry, time of creation and owner stay, however often the record is spared.
pub async fn a_spared_record_changes_version_and_epoch_alone(case: &Case) -> Verdict {
    let owner = case.owner();
    let mut record = case.created_for(&owner, Space::Session).await?;
    assert_eq!(case.store().extend(&record.key, record.expires_at + HOUR).await?, ExtendOutcome::Extended);
    record.expires_at = record.expires_at + HOUR;
    for times_named in 1..4 {
        case.clock().advance(MILLISECOND);
        let (spared, _) = spare(case, &record, &vec![Space::Session; times_named]).await?;
        assert!(spared.epoch > record.epoch, "the epoch rose");
        assert_there(case, &spared).await?;

        let draft = case.draft();
        record = spared.clone().replaced(draft.clone());
        assert_eq!(case.store().replace(&record.key, spared.version, draft).await?, ReplaceOutcome::Replaced);
        assert_there(case, &record).await?;
    }
    Ok(())
}

/// It is extended, expires and is removed as any other, and ends when everything is removed or another record is spared.
pub async fn a_spared_record_ends_as_any_other(case: &Case) -> Verdict {
    for end in 0..4 {
        let owner = case.owner();
        let record = case.created_for(&owner, Space::Session).await?;
        let (mut spared, _) = spare(case, &record, &[Space::Session]).await?;
        spared.expires_at = spared.expires_at + HOUR;
        assert_eq!(case.store().extend(&record.key, spared.expires_at).await?, ExtendOutcome::Extended);
        case.clock().advance(2 * HOUR - MILLISECOND);
        assert_there(case, &spared).await?;
        let mut left = Vec::new();
        match end {
            0 => case.clock().advance(MILLISECOND),
            1 => {
                let outcome = case.store().remove(&spared.key, Some(spared.version)).await?;
                assert_eq!(outcome, RemoveOutcome::Removed(spared.clone()));
            }
            2 => {
                let epoch = case.store().remove_all(&owner, &[Space::Session]).await?.epoch(Space::Session);
                assert!(epoch > Some(spared.epoch), "the epoch rose");
            }
            _ => {
                let another = case.created_for(&owner, Space::Session).await?;
                left.push(spare(case, &another, &[Space::Session]).await?.0);
            }
        }
        assert_absent(case, &spared).await?;
        if let Some(listed) = case.listed(&owner, Space::Session, 10).await? {
            assert_eq!(listed, left);
        }
    }
    Ok(())
}

/// `load`, `peek`, `replace`, `extend`, `remove` and `list` find none of the others, nor does sparing one of them.
pub async fn what_was_not_spared_is_absent_to_everything(case: &Case) -> Verdict {
    let owner = case.owner();
    let record = case.created_for(&owner, Space::Session).await?;
    let other = case.created_for(&owner, Space::Session).await?;
    let (spared, _) = spare(case, &record, &[Space::Session]).await?;
    for _ in 0..2 {
        assert_absent(case, &other).await?;
        // Nor once the owner has logged in anew.
        let newer = case.created_for(&owner, Space::Session).await?;
        assert_absent(case, &other).await?;
        case.store().remove(&newer.key, None).await?;
        assert_there(case, &spared).await?;
    }
    Ok(())
}

/// A creation fenced by an epoch from before is refused, in each of the spaces; one fenced by an epoch answered is created,
/// for an hour also when the spared record is gone.
pub async fn a_fence_from_before_remove_others_is_refused(case: &Case) -> Verdict {
    let owner = case.owner();
    let record = case.created_for(&owner, Space::Session).await?;
    let grant = case.created_for(&owner, Space::Grant).await?;
    let (spared, outcome) = spare(case, &record, &[Space::Session, Space::Grant]).await?;
    for before in [&record, &grant] {
        let space = before.key.space();
        assert_eq!(create(case, &owner, space, Some(before.epoch)).await?, CreateOutcome::Fenced);
        assert_eq!(create(case, &owner, space, outcome.epoch(space)).await?, CreateOutcome::Created);
    }
    assert_eq!(create(case, &owner, Space::Session, Some(spared.epoch)).await?, CreateOutcome::Created);

    let alone = case.owner();
    let record = case.created_for(&alone, Space::Session).await?;
    let (spared, _) = spare(case, &record, &[Space::Session]).await?;
    case.store().remove(&spared.key, None).await?;
    case.clock().advance(HOUR - MILLISECOND);
    case.store().sweep(1_000).await?;
    assert_eq!(create(case, &alone, Space::Session, Some(record.epoch)).await?, CreateOutcome::Fenced);
    assert_eq!(create(case, &alone, Space::Session, Some(spared.epoch)).await?, CreateOutcome::Created);
    Ok(())
}

/// Whoever still holds the version from before is told of the one it goes on under.
pub async fn a_write_from_before_remove_others_conflicts(case: &Case) -> Verdict {
    let record = case.created_for(&case.owner(), Space::Session).await?;
    let (spared, _) = spare(case, &record, &[Space::Session]).await?;
    let outcome = case.store().replace(&record.key, record.version, case.draft()).await?;
    assert_eq!(outcome, ReplaceOutcome::Conflict(spared.clone()));
    let outcome = case.store().remove(&record.key, Some(record.version)).await?;
    assert_eq!(outcome, RemoveOutcome::Conflict(spared.clone()));
    assert_there(case, &spared).await
}

/// At another version the record is shown, everybody stays, and no epoch rises.
pub async fn remove_others_of_another_version_changes_nothing(case: &Case) -> Verdict {
    let owner = case.owner();
    let old = case.created_for(&owner, Space::Session).await?;
    let grant = case.created_for(&owner, Space::Grant).await?;
    let draft = case.draft();
    let record = old.clone().replaced(draft.clone());
    case.store().replace(&old.key, old.version, draft).await?;
    for (expected, version) in [
        (old.version, Version::unique()),
        (old.version, record.version),
        (Version::unique(), Version::unique()),
    ] {
        let outcome = remove_others(case, &record.key, expected, version).await?;
        assert_eq!(outcome, RemoveOthersOutcome::Conflict(record.clone()));
        assert_untouched(case, &owner, &[&record, &grant]).await?;
    }
    Ok(())
}

/// Where there is no record none comes to be, everybody stays, and no epoch rises.
pub async fn remove_others_of_what_is_gone_changes_nothing(case: &Case) -> Verdict {
    for end in 0..4 {
        let owner = case.owner();
        let key = RecordKey::owned(Space::Session, &owner, case.id());
        let mut draft = case.draft().owned_by(owner);
        draft.expires_at = case.now() + if end == 0 { MILLISECOND } else { HOUR };
        let expected = draft.version;
        if end < 3 {
            assert_eq!(case.store().create(&key, draft).await?, CreateOutcome::Created);
        }
        match end {
            1 => drop(case.store().remove(&key, None).await?),
            2 => drop(case.store().remove_all(&owner, &[Space::Session]).await?),
            _ => {}
        }
        let session = case.created_for(&owner, Space::Session).await?;
        let grant = case.created_for(&owner, Space::Grant).await?;
        // The first has expired by now, and nothing was written since that might have reclaimed it.
        case.clock().advance(MILLISECOND);
        let outcome = remove_others(case, &key, expected, Version::unique()).await?;
        assert_eq!(outcome, RemoveOthersOutcome::Gone);
        assert_eq!(case.load(&key).await?, None);
        assert_untouched(case, &owner, &[&session, &grant]).await?;
    }
    Ok(())
}

/// Asked again it shows the record at its own version, and spares what was created since.
pub async fn remove_others_asked_again_shows_its_own_version(case: &Case) -> Verdict {
    let owner = case.owner();
    let record = case.created_for(&owner, Space::Session).await?;
    let version = Version::unique();
    let outcome = remove_others(case, &record.key, record.version, version).await?;
    let epoch = raised(&outcome).epoch(Space::Session).unwrap_or(record.epoch);
    let spared = record.clone().spared(version, epoch);
    let (session, grant) =
        (case.created_for(&owner, Space::Session).await?, case.created_for(&owner, Space::Grant).await?);
    for _ in 0..2 {
        let outcome = remove_others(case, &record.key, record.version, version).await?;
        assert_eq!(outcome, RemoveOthersOutcome::Conflict(spared.clone()));
    }
    assert_untouched(case, &owner, &[&spared, &session, &grant]).await
}

/// A record of nobody's, and spaces without the record's own, are refused before anything is done.
pub async fn an_unowned_record_or_a_foreign_space_is_misconfigured(case: &Case) -> Verdict {
    let unowned = case.created().await?;
    for expected in [unowned.version, Version::unique()] {
        let refused = remove_others(case, &unowned.key, expected, Version::unique()).await;
        assert_misconfigured(refused);
    }
    assert_there(case, &unowned).await?;

    let owner = case.owner();
    let session = case.created_for(&owner, Space::Session).await?;
    let other = case.created_for(&owner, Space::Session).await?;
    let grant = case.created_for(&owner, Space::Grant).await?;
    for spaces in [&[Space::Grant][..], &[Space::Grant, Space::Revoked], &[]] {
        let refused =
            case.store().remove_others(&session.key, session.version, Version::unique(), spaces).await;
        assert_misconfigured(refused);
    }
    assert_untouched(case, &owner, &[&session, &other, &grant]).await
}

/// Spares `record`, and answers what it must be now.
async fn spare(
    case: &Case,
    record: &Record,
    spaces: &[Space],
) -> Result<(Record, RemoveAllOutcome), StoreError> {
    let version = Version::unique();
    let outcome = case.store().remove_others(&record.key, record.version, version, spaces).await?;
    let outcome = raised(&outcome);
    let epoch = outcome.epoch(record.key.space());
    let epoch = epoch.unwrap_or_else(|| panic!("the epoch of the record's space was raised: {outcome:?}"));
    Ok((record.clone().spared(version, epoch), outcome.clone()))
}

fn raised(outcome: &RemoveOthersOutcome) -> &RemoveAllOutcome {
    match outcome {
        RemoveOthersOutcome::Removed(outcome) => outcome,
        untouched => panic!("the record is there in the version named: {untouched:?}"),
    }
}

async fn remove_others(
    case: &Case,
    key: &RecordKey,
    expected: Version,
    version: Version,
) -> Result<RemoveOthersOutcome, StoreError> {
    case.store().remove_others(key, expected, version, &[Space::Session, Space::Grant]).await
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

/// The record is found by every look, and is its owner's only one in its space.
async fn assert_there(case: &Case, record: &Record) -> Verdict {
    assert_eq!(case.load(&record.key).await?.as_ref(), Some(record));
    match case.store().peek(&record.key, Freshness::Strong) {
        Peek::Hit(peeked, _) => assert_eq!(&peeked, record),
        Peek::Absent => panic!("peek does not find what load finds"),
        Peek::Unknown => {}
    }
    if let Some(owner) = record.owner
        && let Some(listed) = case.listed(&owner, record.key.space(), 10).await?
    {
        assert_eq!(listed, slice::from_ref(record));
    }
    Ok(())
}

async fn assert_absent(case: &Case, record: &Record) -> Verdict {
    let store = case.store();
    assert_eq!(case.load(&record.key).await?, None);
    assert!(!matches!(store.peek(&record.key, Freshness::Strong), Peek::Hit(..)));
    assert_eq!(store.replace(&record.key, record.version, case.draft()).await?, ReplaceOutcome::Gone);
    assert_eq!(store.extend(&record.key, case.now() + 2 * HOUR).await?, ExtendOutcome::Gone);
    assert_eq!(
        remove_others(case, &record.key, record.version, Version::unique()).await?,
        RemoveOthersOutcome::Gone
    );
    assert_eq!(store.remove(&record.key, None).await?, RemoveOutcome::Absent);
    if let Some(owner) = record.owner
        && let Some(listed) = case.listed(&owner, record.key.space(), 10).await?
    {
        assert!(!listed.iter().any(|listed| listed.key == record.key), "what is absent is not listed");
    }
    Ok(())
}

/// No epoch has risen, so that a renewal begun before still succeeds; and the owner's records are as they were.
async fn assert_untouched(case: &Case, owner: &Owner, records: &[&Record]) -> Verdict {
    for record in records {
        let renewal = RecordKey::owned(record.key.space(), owner, case.id());
        let draft = case.draft().owned_by(*owner).fenced(record.epoch);
        assert_eq!(
            case.store().create(&renewal, draft).await?,
            CreateOutcome::Created,
            "no epoch was raised"
        );
        case.store().remove(&renewal, None).await?;
    }
    for record in records {
        assert_eq!(case.load(&record.key).await?.as_ref(), Some(*record));
    }
    Ok(())
}

fn assert_misconfigured(refused: Result<RemoveOthersOutcome, StoreError>) {
    match refused {
        Ok(outcome) => panic!("a call that the contract forbids was answered: {outcome:?}"),
        Err(error) => assert_eq!(
            (error.kind(), error.effect()),
            (StoreErrorKind::Misconfigured, Effect::NotApplied),
            "{error:?}"
        ),
    }
}
