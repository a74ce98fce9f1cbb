use std::time::Duration;

use libtest_mimic::Failed;
use portcullis_core::{Clock, CreateOutcome, Draft, SharedStore, StoreErrorKind, Version};
use portcullis_store_sqlx::{Engine, SqlSettings, SqlStore};
use portcullis_testkit::{
    TestClock,
    servers::{SqlEngine, SqlServer, on_a_runtime},
};
use sqlx::{AssertSqlSafe, Connection, Row, raw_sql};
use tokio::time::{Instant, sleep};

use super::support::{Kept, SOON, Verdict, any_key, connect, connect_with, created, is_there, told};

pub(crate) fn tables_are_made_by_many_at_once_and_once(kept: Kept) -> Verdict {
    on_a_runtime(async {
        let folder = tempfile::tempdir()?;
        let url = kept.url(folder.path())?;
        let opening: Vec<_> = (0..8)
            .map(|_| {
                let url = url.clone();
                tokio::spawn(async move { connect(&url).await })
            })
            .collect();
        let mut stores = Vec::new();
        for opened in opening {
            stores.push(opened.await??);
        }
        for store in &stores {
            let key = created(store).await?;
            for other in &stores {
                assert!(is_there(other, &key).await?);
            }
        }
        Ok(())
    })
}

pub(crate) fn two_namespaces_keep_apart(kept: Kept) -> Verdict {
    on_a_runtime(async {
        let folder = tempfile::tempdir()?;
        let url = kept.url(folder.path())?;
        let shop = connect(&url).await?;
        let other =
            connect_with(&url, |settings| settings.with_namespace("other-Shop_2").expect("a name")).await?;
        let key = created(&shop).await?;
        assert!(is_there(&shop, &key).await? && !is_there(&other, &key).await?);
        Ok(())
    })
}

pub(crate) fn one_process_of_many_sweeps(kept: Kept) -> Verdict {
    on_a_runtime(async {
        let folder = tempfile::tempdir()?;
        let url = kept.url(folder.path())?;
        let clock = TestClock::new();
        let by_the_clock = |settings: SqlSettings| settings.with_clock(clock.clone());
        let store = connect_with(&url, |settings| by_the_clock(settings).without_sweeping()).await?;
        let expire = || async {
            for _ in 0..10 {
                let draft = Draft::new("over", Version::unique(), clock.now());
                assert_eq!(store.create(&any_key(), draft).await?, CreateOutcome::Created);
            }
            Ok::<(), Failed>(())
        };
        expire().await?;
        assert_eq!(rows(kept, &url).await?, 10);
        // The clock stands, so what one has claimed nobody claims again.
        let interval = Duration::from_millis(30);
        let mut sweeping = Vec::new();
        for _ in 0..3 {
            sweeping.push(
                connect_with(&url, |settings| by_the_clock(settings).with_sweep_interval(interval)).await?,
            );
        }
        swept(kept, &url).await?;
        expire().await?;
        sleep(interval * 10).await;
        assert_eq!(rows(kept, &url).await?, 10, "one of three sweeps once in an interval");
        clock.advance(interval * 2);
        swept(kept, &url).await
    })
}

async fn swept(kept: Kept, url: &str) -> Verdict {
    let began = Instant::now();
    while rows(kept, url).await? > 0 {
        assert!(began.elapsed() < SOON, "nobody sweeps");
        sleep(Duration::from_millis(10)).await;
    }
    Ok(())
}

/// How many rows there are, dead or alive.
async fn rows(kept: Kept, url: &str) -> Result<i64, Failed> {
    let namespace = url.split_once("namespace=").map_or("portcullis", |(_, namespace)| namespace);
    macro_rules! counted {
        ($engine:ty, $quote:literal) => {{
            let (options, _) = SqlStore::<$engine>::parse(url)?;
            let mut connection = <$engine as sqlx::Database>::Connection::connect_with(&options).await?;
            let count = format!("SELECT count(*) FROM {0}{namespace}_records{0}", $quote);
            raw_sql(AssertSqlSafe(count)).fetch_one(&mut connection).await?.try_get(0)?
        }};
    }
    Ok(match kept {
        Kept::File => counted!(sqlx::Sqlite, '"'),
        Kept::Server(SqlEngine::Postgres) => counted!(sqlx::Postgres, '"'),
        Kept::Server(SqlEngine::MariaDb) => counted!(sqlx::MySql, '`'),
    })
}

pub(crate) fn who_may_not_make_tables_is_told_and_is_served_once_they_are_there(
    engine: SqlEngine,
) -> Verdict {
    on_a_runtime(async {
        let server = SqlServer::start(engine, &[])?;
        match engine {
            SqlEngine::Postgres => {
                served_by_a_dba::<sqlx::Postgres>(
                    &server,
                    "CREATE ROLE app LOGIN",
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app",
                )
                .await
            }
            SqlEngine::MariaDb => {
                served_by_a_dba::<sqlx::MySql>(
                    &server,
                    "CREATE USER app@localhost",
                    "GRANT SELECT, INSERT, UPDATE, DELETE ON portcullis.* TO app@localhost",
                )
                .await
            }
        }
    })
}

async fn served_by_a_dba<DB: Engine>(server: &SqlServer, user: &str, grant: &str) -> Verdict
where
    for<'c> &'c mut DB::Connection: sqlx::Executor<'c, Database = DB>,
{
    let (administrator, settings) = SqlStore::<DB>::parse(&server.url())?;
    let (app, _) = SqlStore::<DB>::parse(&server.url().replacen("portcullis@", "app@", 1))?;
    let mut connection = DB::Connection::connect_with(&administrator).await?;
    raw_sql(AssertSqlSafe(user)).execute(&mut connection).await?;

    if let Ok(store) = SqlStore::<DB>::connect(app.clone(), settings.clone()).await {
        return Err(format!("{store:?}: it may not make tables").into());
    }
    let without = settings.clone().without_migrations();
    let refused =
        SqlStore::<DB>::connect(administrator.clone(), without.clone()).await.expect_err("no tables");
    assert_eq!(refused.kind(), StoreErrorKind::Misconfigured);
    assert!(told(&refused).contains("SqlStore::schema"), "{}", told(&refused));

    raw_sql(AssertSqlSafe(SqlStore::<DB>::schema(&settings))).execute(&mut connection).await?;
    // As often as one likes, and by either way.
    for _ in 0..2 {
        SqlStore::<DB>::migrate(administrator.clone(), &settings).await?;
    }
    raw_sql(AssertSqlSafe(grant)).execute(&mut connection).await?;
    for settings in [without, settings] {
        let store = SqlStore::<DB>::connect(app.clone(), settings).await.map_err(|error| told(&error))?;
        let store = SharedStore::from(store);
        let key = created(&store).await?;
        assert!(is_there(&store, &key).await?);
    }
    Ok(())
}
