//! `sweep`: bounded, harmless, and not needed for a store to go on.

use portcullis_core::{Draft, Space, Version};

use super::case::{Case, HOUR, Verdict};

/// A sweep reclaims no more than its budget, ends, and takes nothing that is alive.
pub async fn sweep_is_bounded_and_spares_the_living(case: &Case) -> Verdict {
    let owner = case.owner();
    let mut living = Vec::new();
    for _ in 0..EXPIRING {
        case.created().await?;
        case.created_for(&owner, Space::Session).await?;
        let lasting = Draft::new("lasting", Version::unique(), case.now() + 10 * HOUR);
        living.push(case.created_from(lasting).await?);
    }
    case.clock().advance(HOUR);
    assert_eq!(case.store().sweep(0).await?, 0);
    let mut reclaimed = 0;
    for _ in 0..=2 * EXPIRING {
        let went = case.store().sweep(3).await?;
        assert!(went <= 3, "{went} were reclaimed on a budget of 3");
        reclaimed += went;
    }
    assert!(reclaimed <= 2 * EXPIRING, "more was reclaimed than had expired");
    assert_eq!(case.store().sweep(3).await?, 0, "a sweep comes to an end");
    for record in living {
        assert_eq!(case.load(&record.key).await?.as_ref(), Some(&record));
    }
    Ok(())
}

/// A store takes and serves records after all it held has expired, swept or not.
pub async fn a_store_goes_on_after_everything_expired(case: &Case) -> Verdict {
    let owner = case.owner();
    for _ in 0..3 {
        for _ in 0..EXPIRING {
            case.created_for(&owner, Space::Session).await?;
        }
        case.clock().advance(2 * HOUR);
        let record = case.created_for(&owner, Space::Session).await?;
        if let Some(listed) = case.listed(&owner, Space::Session, 4).await? {
            assert_eq!(listed, [record]);
        }
        case.store().check().await?;
    }
    Ok(())
}

const EXPIRING: usize = 20;
