use std::io::Write;

use portcullis_core::{CreateOutcome, Effect, Freshness, RemoveOutcome, StoreErrorKind};
use portcullis_testkit::servers::{RedisCluster, RedisNode, RedisSentinels, on_a_runtime};
use tempfile::NamedTempFile;

use super::support::{Verdict, any_key, connect, connect_with, created, draft, told};

pub(crate) fn a_full_server_refuses_what_is_new_and_serves_what_is_there() -> Verdict {
    on_a_runtime(async {
        let node = RedisNode::start(&["--maxmemory", "4mb", "--maxmemory-policy", "noeviction"])?;
        let store = connect(&node.url()).await?;
        assert!(!store.profile().may_evict);
        let first = created(&store).await?;
        let large = "x".repeat(64 << 10);
        let mut refused = None;
        for _ in 0..200 {
            match store.create(&any_key(), draft(&large)).await {
                Ok(outcome) => assert_eq!(outcome, CreateOutcome::Created),
                Err(error) => refused = Some(error),
            }
        }
        let refused = refused.ok_or("it is never full")?;
        assert_eq!((refused.kind(), refused.effect()), (StoreErrorKind::Overloaded, Effect::NotApplied));
        let record = store.load(&first, Freshness::Strong).await?.ok_or("gone")?;
        let longer =
            store.replace(&first, record.version, draft(&large)).await.err().ok_or("there is room")?;
        assert_eq!((longer.kind(), longer.effect()), (StoreErrorKind::Overloaded, Effect::NotApplied));
        assert_eq!(store.load(&first, Freshness::Strong).await?.as_ref(), Some(&record), "as it was");
        // A logout is possible, whatever else is not.
        assert!(matches!(store.remove(&first, None).await?, RemoveOutcome::Removed(_)));
        Ok(())
    })
}

pub(crate) fn a_policy_that_evicts_is_refused_unless_it_is_admitted() -> Verdict {
    on_a_runtime(async {
        for (options, may_evict) in [
            (&["--maxmemory", "8mb", "--maxmemory-policy", "allkeys-lru"][..], true),
            (&["--maxmemory", "8mb", "--maxmemory-policy", "volatile-ttl"], true),
            (&["--maxmemory", "8mb", "--maxmemory-policy", "noeviction"], false),
            (&["--maxmemory-policy", "allkeys-lru"], false),
        ] {
            let node = RedisNode::start(options)?;
            let admitted = connect(&format!("{}?insecure_eviction=true", node.url())).await?;
            assert_eq!(admitted.profile().may_evict, may_evict, "{options:?}");
            match connect(&node.url()).await {
                Ok(store) => assert!(!may_evict && !store.profile().may_evict, "{options:?}"),
                Err(refused) => {
                    let said = refused.message().unwrap_or_default();
                    assert!(may_evict && said.contains("maxmemory-policy noeviction"), "{options:?}: {said}");
                }
            }
        }
        let node = RedisNode::start(&["--appendonly", "yes"])?;
        assert!(connect(&node.url()).await?.profile().survives_restart);
        Ok(())
    })
}

pub(crate) fn a_user_without_scripts_is_told_what_to_allow() -> Verdict {
    on_a_runtime(async {
        let node = RedisNode::start(&[])?;
        for (name, allows) in [
            ("all", &ALLOWED[..]),
            ("no-info", &ALLOWED[..7]),
            ("no-scripts", &["~portcullis:*", "+@read", "+@write"]),
        ] {
            let user = [&["ACL", "SETUSER", name, "on", ">secret"], allows].concat();
            node.command(&user)?;
        }
        let url = |user: &str| node.url().replace("redis://", &format!("redis://{user}:secret@"));
        let store = connect(&url("all")).await?;
        assert!(!store.profile().may_evict);
        created(&store).await?;
        let store = connect(&format!("{}?insecure_eviction=true", url("no-info"))).await?;
        assert!(store.profile().may_evict, "what is not known is not promised");
        created(&store).await?;
        for (user, word) in
            [("no-scripts", "+@scripting"), ("no-info", "+info"), ("nobody", "AuthenticationFailed")]
        {
            let refused = connect(&url(user)).await.err().ok_or("it is let in")?;
            let said = refused.message().unwrap_or_default();
            assert!(said.contains(word) && !said.contains("secret"), "{user}: {said}");
        }
        Ok(())
    })
}

pub(crate) fn a_user_of_a_cluster_is_told_what_to_allow() -> Verdict {
    on_a_runtime(async {
        let cluster = RedisCluster::start(&[])?;
        for node in cluster.nodes() {
            node.command(
                &[&["ACL", "SETUSER", "all", "on", ">secret", "+cluster|nodes"], &ALLOWED[..]].concat(),
            )?;
            node.command(&[&["ACL", "SETUSER", "blind", "on", ">secret"], &ALLOWED[..]].concat())?;
        }
        let url = |user: &str| cluster.url().replace("://", &format!("://{user}:secret@"));
        created(&connect(&url("all")).await?).await?;
        let refused = connect(&url("blind")).await.err().ok_or("it is let in")?;
        let said = refused.message().unwrap_or_default();
        assert!(said.contains("+cluster|nodes") && !said.contains("secret"), "{said}");
        Ok(())
    })
}

pub(crate) fn sentinels_with_users_of_their_own_are_told_who_asks() -> Verdict {
    on_a_runtime(async {
        let trio = RedisSentinels::start(&[])?;
        trio.command(&["ACL", "SETUSER", "watch", "on", ">watchword", "+sentinel|get-master-addr-by-name"])?;
        trio.command(&["ACL", "SETUSER", "default", "resetpass", ">what Sentinels ask for"])?;
        let refused =
            connect(&trio.url()).await.err().and_then(|refused| refused.message().map(str::to_owned));
        assert!(refused.is_some_and(|said| said.contains("NOAUTH")));
        let password = "what Sentinels ask for";
        let store =
            connect_with(&trio.url(), |settings| settings.with_sentinel_password(None, password)).await?;
        created(&store).await?;
        let mut file = NamedTempFile::new()?;
        writeln!(file, "watchword")?;
        let user = format!("sentinel_user=watch&sentinel_password_file={}", file.path().display());
        created(&connect(&format!("{}?{user}", trio.url())).await?).await?;
        Ok(())
    })
}

pub(crate) fn a_removal_that_too_few_replicas_have_is_an_error_that_says_it_is_made() -> Verdict {
    on_a_runtime(async {
        let node = RedisNode::start(&[])?;
        let store = connect_with(&node.url(), |settings| settings.with_replicated_removals(1)).await?;
        let key = created(&store).await?;
        let error = store.remove(&key, None).await.err().ok_or("no replica has it")?;
        assert_eq!(
            (error.kind(), error.effect()),
            (StoreErrorKind::Unavailable, Effect::Applied),
            "{}",
            told(&error)
        );
        assert_eq!(store.load(&key, Freshness::Strong).await?, None);
        Ok(())
    })
}

/// What a user of one node or of Sentinels needs, as `docs/operations.md` has it, and `+asking` besides.
const ALLOWED: [&str; 8] =
    ["~portcullis:*", "+@read", "+@write", "+@scripting", "+ping", "+wait", "+asking", "+info"];
