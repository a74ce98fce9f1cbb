use std::time::Duration;

use portcullis_core::{Effect, StoreErrorKind};
use portcullis_testkit::servers::{Load, SqlEngine, SqlServer, on_a_runtime};
use tokio::time::{Instant, sleep};

use super::support::{
    DEADLINE, SLACK, SOON, Verdict, any_key, connect_with, created, draft, is_there, served_within, told,
};

pub(crate) fn s48_a_server_killed_under_load_loses_nothing_that_it_acknowledged(
    engine: SqlEngine,
) -> Verdict {
    on_a_runtime(async {
        let mut server = SqlServer::start(engine, &[])?;
        let store = connect_with(&server.url(), |settings| settings.with_deadline(DEADLINE)).await?;
        let kept = created(&store).await?;
        for _ in 0..2 {
            let load = Load::of(&store, 8, DEADLINE);
            sleep(Duration::from_millis(300)).await;
            server.kill()?;
            let outage = store.create(&any_key(), draft("x")).await.expect_err("nobody is there");
            assert!(
                [StoreErrorKind::Unavailable, StoreErrorKind::Timeout].contains(&outage.kind()),
                "{}",
                told(&outage)
            );
            assert_ne!(outage.effect(), Effect::Applied);
            sleep(Duration::from_millis(300)).await;
            server.restart()?;
            served_within(SOON, &store, &kept).await?;
            assert!(is_there(&store, &kept).await?);
            sleep(Duration::from_millis(300)).await;
            let (told, removed) = load.end().await;
            assert_eq!((told.lost, told.late), (vec![], vec![]), "{:?}", told.errors);
            assert!(told.answers > 100 && !told.errors.is_empty(), "{} answers", told.answers);
            for key in removed {
                assert!(!is_there(&store, &key).await?, "{key:?} is back");
            }
        }
        Ok(())
    })
}

pub(crate) fn s48_a_server_stopped_under_load_holds_nobody_past_the_deadline(engine: SqlEngine) -> Verdict {
    on_a_runtime(async {
        let server = SqlServer::start(engine, &[])?;
        let store = connect_with(&server.url(), |settings| settings.with_deadline(DEADLINE)).await?;
        let kept = created(&store).await?;
        let load = Load::of(&store, 8, DEADLINE);
        sleep(Duration::from_millis(300)).await;
        server.stop()?;
        let began = Instant::now();
        let outage = is_there(&store, &kept).await.expect_err("nobody answers");
        assert_eq!(outage.kind(), StoreErrorKind::Timeout, "{}", told(&outage));
        assert!(began.elapsed() < DEADLINE + SLACK, "{:?}", began.elapsed());
        sleep(DEADLINE).await;
        server.resume()?;
        let took = served_within(SOON, &store, &kept).await?;
        assert!(took < Duration::from_secs(2), "{took:?}");
        sleep(Duration::from_millis(300)).await;
        let (told, removed) = load.end().await;
        // A write that was not answered in time was done when the server went on, by its version or not at all.
        assert_eq!((told.lost, told.late), (vec![], vec![]), "{:?}", told.errors);
        for key in removed {
            assert!(!is_there(&store, &key).await?, "{key:?} is back");
        }
        Ok(())
    })
}

pub(crate) fn s48_a_server_that_has_become_a_replica_is_asked_nothing(engine: SqlEngine) -> Verdict {
    on_a_runtime(async {
        let mut server = SqlServer::start(engine, &[])?;
        let store = connect_with(&server.url(), |settings| settings.with_deadline(DEADLINE)).await?;
        let key = created(&store).await?;
        server.restart_as_replica()?;
        for _ in 0..3 {
            let refused = is_there(&store, &key).await.expect_err("a logout would not be seen there");
            assert_eq!(refused.kind(), StoreErrorKind::Unavailable, "{}", told(&refused));
            assert_eq!(refused.effect(), Effect::NotApplied, "{}", told(&refused));
        }
        let Err(refused) = connect_with(&server.url(), |settings| settings).await else {
            return Err("a replica is no store".into());
        };
        assert!(refused.message().is_some_and(|said| said.contains("replica")), "{refused:?}");
        Ok(())
    })
}
