//! Every layer over every store: what the layers promise does not depend on which store they were given. And what a request costs
//! each store, counted by the server.

mod stores {
    /// Names each trial once: its function is its name.
    macro_rules! trials {
        ($type:ty: $($trial:ident,)*) => {
            [$((stringify!($trial), $trial as $type)),*]
        };
    }

    pub(crate) mod commands;
    pub(crate) mod sessions;
    pub(crate) mod tokens;
}

use std::{error::Error, path::Path, process::ExitCode};

use libtest_mimic::Failed;
use portcullis::store::{MemoryStore, SharedStore};
use portcullis_store_redis::{RedisSettings, RedisStore};
use portcullis_store_sqlx::{Engine, SqlStore, SqliteStore};
use portcullis_testkit::{
    TestClock,
    laws::Missing,
    servers::{self, RedisNode, Shape, SqlEngine, on_a_runtime, redis_url, sql_url},
};
use stores::{commands, sessions, tokens};
use support::Site;

fn main() -> ExitCode {
    let layers = sessions::TRIALS.into_iter().chain(tokens::TRIALS);
    let matrix = layers.flat_map(|(name, trial)| {
        Kept::ALL.map(|kept| (format!("{}::{name}", kept.name()), boxed(move || trial(kept))))
    });
    let commands = commands::TRIALS.map(|(name, trial)| (format!("redis::{name}"), boxed(trial)));
    servers::run_where(all_servers(), matrix.chain(commands))
}

fn all_servers() -> Result<(), Missing> {
    RedisNode::start(&[])?;
    SqlEngine::ALL.into_iter().try_for_each(SqlEngine::is_there)
}

fn boxed(trial: impl FnOnce() -> Result<(), Failed> + Send + 'static) -> BoxedTrial {
    Box::new(trial)
}

type BoxedTrial = Box<dyn FnOnce() -> Result<(), Failed> + Send>;

/// A trial over any store.
pub(crate) type Trial = fn(Kept) -> Result<(), Failed>;

/// Where records are kept.
#[derive(Clone, Copy)]
pub(crate) enum Kept {
    Memory,
    Redis(Shape),
    Sqlite,
    Sql(SqlEngine),
}

impl Kept {
    const ALL: [Self; 7] = [
        Self::Memory,
        Self::Redis(Shape::Node),
        Self::Redis(Shape::Sentinel),
        Self::Redis(Shape::Cluster),
        Self::Sqlite,
        Self::Sql(SqlEngine::Postgres),
        Self::Sql(SqlEngine::MariaDb),
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Redis(Shape::Node) => "redis",
            Self::Redis(Shape::Sentinel) => "redis_sentinel",
            Self::Redis(Shape::Cluster) => "redis_cluster",
            Self::Sqlite => "sqlite",
            Self::Sql(SqlEngine::Postgres) => "postgres",
            Self::Sql(SqlEngine::MariaDb) => "mariadb",
        }
    }

    /// A store for one trial, which goes by `clock` and keeps its files, if it has some, in `folder`.
    pub(crate) async fn open(self, clock: TestClock, folder: &Path) -> Result<SharedStore, Failed> {
        match self {
            Self::Memory => Ok(MemoryStore::new().with_clock(clock).into()),
            Self::Redis(shape) => open_redis(&redis_url(shape)?, clock).await,
            Self::Sqlite => {
                let (options, settings) =
                    SqliteStore::parse(&format!("sqlite:{}", folder.join("sessions.db").display()))?;
                Ok(SqliteStore::connect(options, settings.with_clock(clock)).await?.into())
            }
            Self::Sql(engine @ SqlEngine::Postgres) => {
                open_sql::<sqlx::Postgres>(&sql_url(engine)?, clock).await
            }
            Self::Sql(engine @ SqlEngine::MariaDb) => open_sql::<sqlx::MySql>(&sql_url(engine)?, clock).await,
        }
    }

    /// A site for one trial.
    pub(crate) fn try_site(self, trial: impl AsyncFnOnce(Site)) -> Result<(), Failed> {
        on_a_runtime(async {
            let clock = TestClock::new();
            let folder = tempfile::tempdir()?;
            let store = self.open(clock.clone(), folder.path()).await?;
            trial(Site::over(store, clock)).await;
            Ok(())
        })
    }
}

pub(crate) async fn open_redis(url: &str, clock: TestClock) -> Result<SharedStore, Failed> {
    let settings: RedisSettings = url.parse()?;
    let settings = settings.with_namespace(format!("stores-{:x}", fastrand::u64(..)))?.with_clock(clock);
    let store = RedisStore::connect(settings).await;
    store
        .map(Into::into)
        .map_err(|error| format!("{error}: {:?}", error.source().map(ToString::to_string)).into())
}

async fn open_sql<DB: Engine>(url: &str, clock: TestClock) -> Result<SharedStore, Failed> {
    let (options, settings) = SqlStore::<DB>::parse(url)?;
    let settings = settings.with_namespace(format!("stores-{:x}", fastrand::u64(..)))?.with_clock(clock);
    Ok(SqlStore::<DB>::connect(options, settings).await?.into())
}
