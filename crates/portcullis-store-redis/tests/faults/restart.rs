use portcullis_core::{CreateOutcome, Freshness, ReplaceOutcome, Space};
use portcullis_testkit::servers::{RedisNode, on_a_runtime};

use super::support::{
    SOON, Verdict, any_mark, any_owner, connect, created, draft, is_there, key_of, served_within,
};

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

/// Marks that were made, and one that was raised over what two processes had written there.
pub(crate) fn a_revocation_that_a_restart_undid_is_made_again() -> Verdict {
    on_a_runtime(async {
        let mut node = RedisNode::start(&[])?;
        let (store, another) = (connect(&node.url()).await?, connect(&node.url()).await?);
        let (witness, saved, lost) = (created(&store).await?, any_mark(), any_mark());
        let marks = ["first", "second", "third"].map(draft);
        let [first, second, third] = marks.each_ref().map(|mark| mark.version);
        for key in [&saved, &lost] {
            let [one, other, last] = marks.clone();
            assert_eq!(store.create(key, one).await?, CreateOutcome::Created);
            if *key == saved {
                node.command(&["SAVE"])?;
            }
            assert_eq!(another.replace(key, first, other).await?, ReplaceOutcome::Replaced);
            assert_eq!(store.replace(key, second, last).await?, ReplaceOutcome::Replaced);
        }
        drop(another);
        node.kill()?;
        node.restart()?;
        served_within(SOON, &store, &witness).await?;
        for key in [&saved, &lost] {
            let mark = store.load(key, Freshness::Strong).await?.ok_or("it was acknowledged")?;
            assert_eq!((&mark.payload[..], mark.version), (&b"third"[..], third));
        }
        // What somebody wrote since is not overwritten.
        let newer = draft("newer");
        let version = newer.version;
        let far = connect(&node.url()).await?;
        assert_eq!(far.replace(&saved, third, newer).await?, ReplaceOutcome::Replaced);
        node.command(&["SAVE"])?;
        drop(far);
        node.kill()?;
        node.restart()?;
        served_within(SOON, &store, &witness).await?;
        let mark = store.load(&saved, Freshness::Strong).await?.ok_or("it was saved")?;
        assert_eq!(mark.version, version);
        Ok(())
    })
}
