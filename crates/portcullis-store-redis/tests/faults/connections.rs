use std::time::Duration;

use portcullis_core::{Effect, Freshness, ReplaceOutcome, SharedStore, StoreErrorKind, Version};
use portcullis_testkit::{
    Proxy,
    servers::{RedisNode, on_a_runtime},
};
use tokio::time::{Instant, sleep, timeout};

use super::support::{
    SLACK, SOON, Verdict, any_key, connect, connect_with, created, draft, is_there, served_within, told,
};

pub(crate) fn a_stopped_server_holds_nobody_past_the_deadline() -> Verdict {
    on_a_runtime(async {
        let node = RedisNode::start(&[])?;
        let store = connect(&node.url()).await?;
        let key = created(&store).await?;
        node.stop()?;
        let outage = outage(&store).await;
        assert!(outage.is_ok(), "{outage:?}");
        node.resume()?;
        served_within(SOON, &store, &key).await?;
        assert!(is_there(&store, &key).await?);
        Ok(())
    })
}

/// Callers are answered within the deadline, and soon at once.
async fn outage(store: &SharedStore) -> Result<(), String> {
    let calls = (0..50).map(|_| async {
        let began = Instant::now();
        let failed = store.load(&any_key(), Freshness::Strong).await.err();
        (began.elapsed(), failed.map(|error| error.kind()))
    });
    for (took, kind) in futures_util::future::join_all(calls).await {
        if took > DEADLINE + SLACK
            || !matches!(kind, Some(StoreErrorKind::Timeout | StoreErrorKind::Unavailable))
        {
            return Err(format!("{took:?} {kind:?}"));
        }
    }
    let outage = Instant::now();
    loop {
        let began = Instant::now();
        let Err(error) = store.load(&any_key(), Freshness::Strong).await else {
            return Err("nobody is there, and it is answered".to_owned());
        };
        if error.effect() != Effect::NotApplied {
            return Err(told(&error));
        }
        if began.elapsed() < DEADLINE / 2 {
            return Ok(());
        }
        if outage.elapsed() > SOON {
            return Err(format!("still asked after {:?}: {}", outage.elapsed(), told(&error)));
        }
    }
}

pub(crate) fn a_black_hole_is_left_for_a_new_connection() -> Verdict {
    on_a_runtime(async {
        let node = RedisNode::start(&[])?;
        let proxy = Proxy::start(node.address()).await?;
        let store = connect(&format!("redis://{}", proxy.address())).await?;
        let key = created(&store).await?;
        proxy.black_hole();
        let outage = outage(&store).await;
        assert!(outage.is_ok(), "{outage:?}");
        let before = proxy.connections();
        proxy.forward();
        served_within(SOON, &store, &key).await?;
        assert!(proxy.connections() >= before, "a connection that was cut off is not trusted again");
        assert!(is_there(&store, &key).await?);
        Ok(())
    })
}

pub(crate) fn a_reset_or_half_closed_connection_is_made_anew() -> Verdict {
    on_a_runtime(async {
        let node = RedisNode::start(&[])?;
        let proxy = Proxy::start(node.address()).await?;
        let store = connect(&format!("redis://{}", proxy.address())).await?;
        let key = created(&store).await?;
        for fault in [Proxy::reset, Proxy::half_close] {
            fault(&proxy);
            sleep(Duration::from_millis(50)).await;
            proxy.forward();
            served_within(SOON, &store, &key).await?;
            assert!(is_there(&store, &key).await?);
        }
        proxy.delay(Duration::from_millis(20));
        assert!(is_there(&store, &key).await?, "slow is not gone");
        Ok(())
    })
}

pub(crate) fn connections_that_the_server_kills_are_made_anew() -> Verdict {
    on_a_runtime(async {
        let node = RedisNode::start(&[])?;
        let store = connect(&node.url()).await?;
        let key = created(&store).await?;
        for _ in 0..20 {
            let reading = (0..20).map(|_| is_there(&store, &key));
            let (read, _) = tokio::join!(futures_util::future::join_all(reading), async {
                node.command(&["CLIENT", "KILL", "TYPE", "normal"])
            });
            for there in read {
                // What is only read is asked for again, and nobody hears of it.
                assert!(there.map_err(|error| told(&error))?);
            }
        }
        Ok(())
    })
}

pub(crate) fn a_paused_server_is_a_timeout_and_no_hang() -> Verdict {
    on_a_runtime(async {
        let node = RedisNode::start(&[])?;
        let store = connect(&node.url()).await?;
        let key = created(&store).await?;
        node.command(&["CLIENT", "PAUSE", "1500", "ALL"])?;
        let began = Instant::now();
        let error = is_there(&store, &key).await.err().ok_or("it is answered")?;
        assert!(began.elapsed() < DEADLINE + SLACK, "{:?}", began.elapsed());
        assert_eq!(error.kind(), StoreErrorKind::Timeout);
        served_within(SOON, &store, &key).await?;
        Ok(())
    })
}

pub(crate) fn a_write_whose_answer_is_cut_off_is_of_unknown_effect_and_done() -> Verdict {
    on_a_runtime(async {
        let node = RedisNode::start(&[])?;
        let proxy = Proxy::start(node.address()).await?;
        let url = format!("redis://{}", proxy.address());
        let store = connect_with(&url, |settings| settings.with_connections(1)).await?;
        for _ in 0..10 {
            let key = created(&store).await?;
            let old = store.load(&key, Freshness::Strong).await?.ok_or("gone")?;
            let new = draft("new");
            proxy.cut_before_the_next_answer();
            match store.replace(&key, old.version, new.clone()).await {
                Err(error) => assert_eq!(error.effect(), Effect::Unknown, "{}", told(&error)),
                // A probe came in between, and it was its answer that was cut off.
                Ok(outcome) => assert_eq!(outcome, ReplaceOutcome::Replaced),
            }
            served_within(SOON, &store, &key).await?;
            let there = store.load(&key, Freshness::Strong).await?.ok_or("gone")?;
            assert_eq!(there.version, new.version, "whose write won is told by its version");
        }
        Ok(())
    })
}

pub(crate) fn a_server_that_forgot_the_scripts_is_told_again() -> Verdict {
    on_a_runtime(async {
        let node = RedisNode::start(&[])?;
        let store = connect(&node.url()).await?;
        for _ in 0..10 {
            let key = created(&store).await?;
            node.command(&["SCRIPT", "FLUSH"])?;
            let old = store.load(&key, Freshness::Strong).await?.ok_or("gone")?;
            let replaced = store.replace(&key, old.version, draft("new")).await?;
            assert_eq!(replaced, ReplaceOutcome::Replaced);
        }
        Ok(())
    })
}

pub(crate) fn more_calls_than_may_be_in_flight_are_refused_at_once() -> Verdict {
    on_a_runtime(async {
        let node = RedisNode::start(&[])?;
        let store = connect_with(&node.url(), |settings| settings.with_calls_in_flight(4)).await?;
        let key = created(&store).await?;
        node.command(&["CLIENT", "PAUSE", "300", "WRITE"])?;
        let held = (0..4).map(|_| store.replace(&key, Version::unique(), draft("late")));
        let held = futures_util::future::join_all(held);
        let shed = async {
            sleep(Duration::from_millis(50)).await;
            timeout(Duration::from_millis(50), store.load(&key, Freshness::Strong)).await
        };
        let (_, shed) = tokio::join!(held, shed);
        let error = shed?.err().ok_or("it is answered")?;
        assert_eq!((error.kind(), error.effect()), (StoreErrorKind::Overloaded, Effect::NotApplied));
        served_within(SOON, &store, &key).await?;
        Ok(())
    })
}

/// The default.
const DEADLINE: Duration = Duration::from_millis(500);
