use std::time::Duration;

use portcullis_core::{Effect, SharedStore, StoreErrorKind};
use portcullis_store_sqlx::{Engine, SqlSettings, SqlStore};
use portcullis_testkit::servers::{SqlEngine, SqlServer, on_a_runtime, sql_url};
use sqlx::pool::PoolOptions;
use tokio::time::Instant;

use super::support::{DEADLINE, Verdict, connect_with, created, is_there, told};

pub(crate) fn an_exhausted_pool_is_overloaded_at_once(engine: SqlEngine) -> Verdict {
    on_a_runtime(async {
        let server = SqlServer::start(engine, &[])?;
        let settings = |settings: SqlSettings| {
            settings.with_deadline(DEADLINE).with_connections(2).with_waiting_calls(1)
        };
        let store = connect_with(&server.url(), settings).await?;
        let key = created(&store).await?;
        server.stop()?;
        let taken: Vec<_> = (0..3)
            .map(|_| {
                let store = store.clone();
                tokio::spawn(async move { is_there(&store, &key).await })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(100)).await;
        let began = Instant::now();
        let refused = is_there(&store, &key).await.expect_err("two are asked, and one waits");
        assert_eq!((refused.kind(), refused.effect()), (StoreErrorKind::Overloaded, Effect::NotApplied));
        assert!(began.elapsed() < Duration::from_millis(100), "{:?}", began.elapsed());
        server.resume()?;
        for call in taken {
            // It went on within their deadlines, or soon after.
            let _answered = call.await?.is_ok();
        }
        assert!(is_there(&store, &key).await?);
        Ok(())
    })
}

pub(crate) fn a_pool_of_the_application_serves_and_is_overloaded_when_it_is_taken(
    engine: SqlEngine,
) -> Verdict {
    on_a_runtime(async {
        match engine {
            SqlEngine::Postgres => over_a_pool::<sqlx::Postgres>(engine).await,
            SqlEngine::MariaDb => over_a_pool::<sqlx::MySql>(engine).await,
        }
    })
}

async fn over_a_pool<DB: Engine>(engine: SqlEngine) -> Verdict {
    let (options, settings) = SqlStore::<DB>::parse(&sql_url(engine)?)?;
    let pool = PoolOptions::<DB>::new().max_connections(2).connect_with(options).await?;
    let settings = settings
        .with_namespace(format!("faults-{:x}", fastrand::u64(..)))?
        .with_deadline(DEADLINE)
        .with_waiting_calls(0);
    let store = SqlStore::<DB>::with_pool(pool.clone(), settings).await.map_err(|error| told(&error))?;
    let store = SharedStore::from(store);
    let key = created(&store).await?;
    assert!(is_there(&store, &key).await?);
    let taken = (pool.acquire().await?, pool.acquire().await?);
    let began = Instant::now();
    let refused = is_there(&store, &key).await.expect_err("the application has both");
    assert_eq!((refused.kind(), refused.effect()), (StoreErrorKind::Overloaded, Effect::NotApplied));
    assert!(began.elapsed() < Duration::from_millis(100), "{:?}", began.elapsed());
    drop(taken);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(is_there(&store, &key).await?);
    Ok(())
}
