use std::time::Duration;

use portcullis_core::{CreateOutcome, Effect, Freshness, ReplaceOutcome, SharedStore, StoreErrorKind};
use portcullis_testkit::{
    Proxy,
    servers::{SqlEngine, SqlServer, on_a_runtime},
};
use tokio::time::Instant;

use super::support::{DEADLINE, SLACK, Verdict, any_key, connect_with, created, draft, is_there, told};

/// A store behind a proxy, by one connection.
async fn behind_a_proxy(server: &SqlServer) -> Result<(Proxy, SharedStore), libtest_mimic::Failed> {
    let proxy = Proxy::start(server.address()).await?;
    let settings =
        |settings: portcullis_store_sqlx::SqlSettings| settings.with_deadline(DEADLINE).with_connections(1);
    let store = connect_with(&server.url_by(proxy.address()), settings).await?;
    Ok((proxy, store))
}

pub(crate) fn a_write_whose_answer_is_cut_off_is_of_unknown_effect_and_done(engine: SqlEngine) -> Verdict {
    on_a_runtime(async {
        let server = SqlServer::start(engine, &[])?;
        let (proxy, store) = behind_a_proxy(&server).await?;
        // So that the statements are known to the connection, and each call is one request.
        let first = created(&store).await?;
        let version = store.load(&first, Freshness::Strong).await?.expect("made").version;
        assert_eq!(store.replace(&first, version, draft("warm")).await?, ReplaceOutcome::Replaced);

        let (key, made) = (any_key(), draft("made"));
        proxy.cut_before_the_next_answer();
        let lost = store.create(&key, made.clone()).await.expect_err("the answer was cut off");
        assert_eq!(
            (lost.kind(), lost.effect()),
            (StoreErrorKind::Unavailable, Effect::Unknown),
            "{}",
            told(&lost)
        );
        assert_eq!(store.create(&key, made.clone()).await?, CreateOutcome::Exists);
        let there = store.load(&key, Freshness::Strong).await?.expect("it was done");
        assert_eq!(there.version, made.version, "whose it is says the version");

        // The new connection has to learn the statement, so it is asked in vain once.
        assert!(matches!(
            store.replace(&key, lost_version(), draft("no")).await?,
            ReplaceOutcome::Conflict(_)
        ));
        let changed = draft("changed");
        proxy.cut_before_the_next_answer();
        let lost = store.replace(&key, made.version, changed.clone()).await.expect_err("cut off");
        assert_eq!(lost.effect(), Effect::Unknown);
        match store.replace(&key, made.version, changed.clone()).await? {
            ReplaceOutcome::Conflict(current) => assert_eq!(current.version, changed.version),
            other => panic!("{other:?}"),
        }
        Ok(())
    })
}

fn lost_version() -> portcullis_core::Version {
    portcullis_core::Version::unique()
}

pub(crate) fn a_black_hole_is_a_timeout_and_left_for_a_new_connection(engine: SqlEngine) -> Verdict {
    on_a_runtime(async {
        let server = SqlServer::start(engine, &[])?;
        let (proxy, store) = behind_a_proxy(&server).await?;
        let key = created(&store).await?;
        proxy.black_hole();
        for _ in 0..3 {
            let began = Instant::now();
            let outage = is_there(&store, &key).await.expect_err("nobody answers");
            assert_eq!(outage.kind(), StoreErrorKind::Timeout, "{}", told(&outage));
            assert!(began.elapsed() < DEADLINE + SLACK, "{:?}", began.elapsed());
        }
        proxy.forward();
        let began = Instant::now();
        assert!(is_there(&store, &key).await?, "at once, by a connection that is new");
        assert!(began.elapsed() < DEADLINE, "{:?}", began.elapsed());
        Ok(())
    })
}

pub(crate) fn a_reset_or_half_closed_connection_is_made_anew(engine: SqlEngine) -> Verdict {
    on_a_runtime(async {
        let server = SqlServer::start(engine, &[])?;
        let (proxy, store) = behind_a_proxy(&server).await?;
        let key = created(&store).await?;
        for break_it in [Proxy::reset, Proxy::half_close] {
            break_it(&proxy);
            tokio::time::sleep(Duration::from_millis(50)).await;
            let outage = is_there(&store, &key).await.expect_err("there is no way");
            assert!(
                [StoreErrorKind::Unavailable, StoreErrorKind::Timeout].contains(&outage.kind()),
                "{}",
                told(&outage)
            );
            proxy.forward();
            assert!(is_there(&store, &key).await?);
        }
        Ok(())
    })
}
