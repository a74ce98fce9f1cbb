use portcullis_core::{CreateOutcome, Space};
use portcullis_testkit::servers::{RedisNode, on_a_runtime};

use super::support::{SOON, Verdict, any_owner, connect, created, draft, is_there, key_of, served_within};

/// The server comes back with what it had saved before the removal, as a replica does that missed it.
pub(crate) fn s48_a_removal_that_a_restart_undid_is_made_again() -> Verdict {
    on_a_runtime(async {
        let mut node = RedisNode::start(&[])?;
        let (store, another) = (connect(&node.url()).await?, connect(&node.url()).await?);
        let (removed, kept) = (created(&store).await?, created(&store).await?);
        node.command(&["SAVE"])?;
        store.remove(&removed, None).await?;
        node.kill()?;
        node.restart()?;
        served_within(SOON, &store, &kept).await?;
        assert!(!is_there(&store, &removed).await?, "it was acknowledged");
        assert!(is_there(&store, &kept).await?);
        served_within(SOON, &another, &kept).await?;
        assert!(!is_there(&another, &removed).await?, "nor does another process find it then");
        Ok(())
    })
}

pub(crate) fn s48_a_removal_of_everything_that_a_restart_undid_is_made_again() -> Verdict {
    on_a_runtime(async {
        let mut node = RedisNode::start(&[])?;
        let store = connect(&node.url()).await?;
        let (owner, witness) = (any_owner(), created(&store).await?);
        let keys = [key_of(&owner), key_of(&owner)];
        for key in &keys {
            assert_eq!(store.create(key, draft("old").owned_by(owner)).await?, CreateOutcome::Created);
        }
        node.command(&["SAVE"])?;
        let old =
            store.remove_all(&owner, &[Space::Session]).await?.epoch(Space::Session).ok_or("no epoch")?;
        let new =
            store.remove_all(&owner, &[Space::Session]).await?.epoch(Space::Session).ok_or("no epoch")?;
        node.kill()?;
        node.restart()?;
        served_within(SOON, &store, &witness).await?;
        for key in &keys {
            assert!(!is_there(&store, key).await?);
        }
        for (epoch, expected) in [(old, CreateOutcome::Fenced), (new, CreateOutcome::Created)] {
            let renewed = draft("renewed").owned_by(owner).fenced(epoch);
            assert_eq!(store.create(&key_of(&owner), renewed).await?, expected, "{epoch:?}");
        }
        let next = store.remove_all(&owner, &[Space::Session]).await?.epoch(Space::Session);
        assert!(next > Some(new), "no epoch is given twice");
        Ok(())
    })
}
