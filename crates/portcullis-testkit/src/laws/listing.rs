//! `list`: an owner's living records in one space, in order, page by page.
//!
//! A store without an owner index answers every listing with `Unsupported`; then that is what is asserted.

use bytes::Bytes;
use portcullis_core::{Cursor, Owner, Page, Record, RecordId, Space, StoreError, StoreErrorKind, Timestamp};

use super::case::{Case, HOUR, MILLISECOND, Verdict};

/// The order is that of creation, and of ids where the clock stood still; pages of every size hold the same.
pub async fn a_listing_is_in_the_order_created_then_id(case: &Case) -> Verdict {
    let owner = case.owner();
    let mut records = Vec::new();
    for created in 0..9 {
        // Three at a time share an instant.
        if created % 3 == 0 {
            case.clock().advance(MILLISECOND);
        }
        records.push(case.created_for(&owner, Space::Session).await?);
    }
    records.sort_by_key(place);
    for limit in [0, 1, 2, 4, 9, 1_000] {
        if let Some(listed) = case.listed(&owner, Space::Session, limit).await? {
            assert_eq!(listed, records, "in pages of {limit}");
        }
    }
    Ok(())
}

/// Other owners, other spaces, and what was removed or has expired are in no page.
pub async fn a_listing_holds_one_owner_one_space_and_nothing_dead(case: &Case) -> Verdict {
    let (owner, other) = (case.owner(), case.owner());
    // Of two owners in one partition each sees only its own.
    let neighbour = neighbour_of(&owner);
    for (owner, space) in [(&other, Space::Session), (&neighbour, Space::Session), (&owner, Space::Grant)] {
        case.created_for(owner, space).await?;
    }
    let expired = case.created_for(&owner, Space::Session).await?;
    case.clock().set(expired.expires_at);
    let mut living = Vec::new();
    for _ in 0..3 {
        living.push(case.created_for(&owner, Space::Session).await?);
        let removed = case.created_for(&owner, Space::Session).await?;
        case.store().remove(&removed.key, None).await?;
    }
    case.created().await?;
    living.sort_by_key(place);
    for limit in [1, 2, 100] {
        if let Some(listed) = case.listed(&owner, Space::Session, limit).await? {
            assert_eq!(listed, living, "in pages of {limit}");
        }
    }
    if let Some(listed) = case.listed(&case.owner(), Space::Session, 1).await? {
        assert_eq!(listed, [], "an owner that never was owns nothing");
    }
    Ok(())
}

/// Between pages records come, go and change; what lives throughout is seen once, and nothing is seen twice.
pub async fn what_lives_throughout_the_pages_is_in_exactly_one(case: &Case) -> Verdict {
    let mut rng = case.rng();
    for _ in 0..case.rounds().div_ceil(10) {
        let owner = case.owner();
        let (mut living, mut seen) = (Vec::new(), Vec::new());
        for _ in 0..12 {
            case.clock().advance(MILLISECOND * rng.u32(0..2));
            living.push(case.created_for(&owner, Space::Session).await?);
        }
        let limit = rng.usize(1..5);
        let mut page = Page::first(limit);
        while let Some((records, next)) = listed(case, &owner, page).await? {
            seen.extend(records);
            let Some(next) = next else {
                break;
            };
            if living.len() > 4 {
                case.created_for(&owner, Space::Session).await?;
                let removed = living.swap_remove(rng.usize(0..living.len()));
                case.store().remove(&removed.key, None).await?;
            }
            if let Some(changed) = rng.choice(&living) {
                case.store().extend(&changed.key, changed.expires_at + HOUR).await?;
            }
            page = Page::after(next, limit);
        }
        if !case.store().profile().owner_index {
            return Ok(());
        }
        let mut ids: Vec<_> = seen.iter().map(|record| *record.key.id()).collect();
        assert!(living.iter().all(|record| ids.contains(record.key.id())), "a record was omitted");
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), seen.len(), "a record was repeated");
    }
    Ok(())
}

/// A cursor that the store did not write is refused, not guessed at.
pub async fn a_cursor_of_somebody_else_is_misconfigured(case: &Case) -> Verdict {
    let owner = case.owner();
    case.created_for(&owner, Space::Session).await?;
    let indexed = case.store().profile().owner_index;
    for place in [Bytes::new(), Bytes::from_static(b"elsewhere"), Bytes::from(vec![0xff; 300])] {
        let page = Page::after(Cursor::new(place), 1);
        let refused = case.store().list(&owner, Space::Session, page).await;
        let expected = if indexed { StoreErrorKind::Misconfigured } else { StoreErrorKind::Unsupported };
        assert_eq!(refused.err().map(|error| error.kind()), Some(expected));
    }
    Ok(())
}

async fn listed(
    case: &Case,
    owner: &Owner,
    page: Page,
) -> Result<Option<(Vec<Record>, Option<Cursor>)>, StoreError> {
    match case.store().list(owner, Space::Session, page).await {
        Ok(listing) => Ok(Some((listing.records, listing.next))),
        Err(error) if error.kind() == StoreErrorKind::Unsupported && !case.store().profile().owner_index => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn place(record: &Record) -> (Timestamp, RecordId) {
    (record.created_at, *record.key.id())
}

/// Another owner whose records lie in the same partition.
fn neighbour_of(owner: &Owner) -> Owner {
    let mut bytes = *owner.bytes();
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    let neighbour = Owner::from_bytes(bytes);
    assert_eq!(neighbour.partition(), owner.partition());
    neighbour
}
