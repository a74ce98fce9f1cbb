use std::time::Duration;

use portcullis_core::{CreateOutcome, Effect, Page, SharedStore, Space, StoreErrorKind};
use portcullis_store_sqlx::{Engine, SqlSettings, SqlStore};
use portcullis_testkit::servers::{SqlEngine, SqlServer, on_a_runtime, sql_url};
use sqlx::pool::PoolOptions;
use tokio::time::Instant;

use super::support::{
    DEADLINE, Kept, Verdict, any_owner, connect, connect_with, created, draft, is_there, key_of, told,
};

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

/// What is not deleted with the statement that ends it has ended all the same.
pub(crate) fn s59_an_owner_of_thousands_is_logged_out_in_one_step(kept: Kept) -> Verdict {
    on_a_runtime(async {
        let folder = tempfile::tempdir()?;
        let store = connect(&kept.url(folder.path())?).await?;
        let owner = any_owner();
        let keys: Vec<_> = (0..2_500).map(|_| key_of(&owner)).collect();
        for some in keys.chunks(16) {
            let made = some.iter().map(|key| store.create(key, draft("kept").owned_by(owner)));
            for made in futures_util::future::join_all(made).await {
                assert_eq!(made?, CreateOutcome::Created);
            }
        }
        let outcome = store.remove_all(&owner, &[Space::Session]).await?;
        assert_eq!(outcome.removed, 2_500);
        for key in &keys {
            assert!(!is_there(&store, key).await?);
        }
        assert!(store.list(&owner, Space::Session, Page::first(10)).await?.records.is_empty());
        // The place of one that ended is free, whether or not it is deleted yet.
        for key in keys.iter().rev().take(10) {
            assert_eq!(store.create(key, draft("new").owned_by(owner)).await?, CreateOutcome::Created);
            assert!(is_there(&store, key).await?);
        }
        assert_eq!(store.remove_all(&owner, &[Space::Session]).await?.removed, 10);
        Ok(())
    })
}
