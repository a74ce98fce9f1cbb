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

use std::{error::Error, process::ExitCode};

use libtest_mimic::Failed;
use portcullis::store::{MemoryStore, SharedStore};
use portcullis_store_redis::{RedisSettings, RedisStore};
use portcullis_testkit::{
    TestClock,
    servers::{self, Shape, on_a_runtime, redis_url},
};
use stores::{commands, sessions, tokens};
use support::Site;

fn main() -> ExitCode {
    let layers = sessions::TRIALS.into_iter().chain(tokens::TRIALS);
    let matrix = layers.flat_map(|(name, trial)| {
        Kept::ALL.map(|kept| (format!("{}::{name}", kept.name()), boxed(move || trial(kept))))
    });
    let commands = commands::TRIALS.map(|(name, trial)| (format!("redis::{name}"), boxed(trial)));
    servers::run(matrix.chain(commands))
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
}

impl Kept {
    const ALL: [Self; 4] =
        [Self::Memory, Self::Redis(Shape::Node), Self::Redis(Shape::Sentinel), Self::Redis(Shape::Cluster)];

    const fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Redis(Shape::Node) => "redis",
            Self::Redis(Shape::Sentinel) => "redis_sentinel",
            Self::Redis(Shape::Cluster) => "redis_cluster",
        }
    }

    /// A store for one trial, which goes by `clock`.
    pub(crate) async fn open(self, clock: TestClock) -> Result<SharedStore, Failed> {
        match self {
            Self::Memory => Ok(MemoryStore::new().with_clock(clock).into()),
            Self::Redis(shape) => open_redis(&redis_url(shape)?, clock).await,
        }
    }

    /// A site for one trial.
    pub(crate) fn try_site(self, trial: impl AsyncFnOnce(Site)) -> Result<(), Failed> {
        on_a_runtime(async {
            let clock = TestClock::new();
            let store = self.open(clock.clone()).await?;
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
