//! Redis keeps every law as one node, with Sentinels and as a Cluster.

use std::process::ExitCode;

use portcullis_store_redis::{RedisSettings, RedisStore};
use portcullis_testkit::{
    TestClock,
    laws::{self, Backend, Missing},
    servers::{self, Shape},
};

fn main() -> ExitCode {
    laws::run([
        backend("redis", Shape::Node),
        backend("redis_sentinel", Shape::Sentinel),
        backend("redis_cluster", Shape::Cluster),
    ])
}

fn backend(name: &str, shape: Shape) -> Backend {
    Backend::new(name, async move |clock: TestClock| {
        let url = servers::redis_url(shape)?;
        let settings: RedisSettings = url.parse().map_err(|error| Missing::new(format!("{url}: {error}")))?;
        let namespace = format!("laws-{:x}", fastrand::u64(..));
        let settings = settings.with_namespace(namespace).map_err(|error| Missing::new(error.to_string()))?;
        let store = RedisStore::connect(settings.with_clock(clock)).await;
        store
            .map(Into::into)
            .map_err(|error| Missing::new(format!("{url}: {error}: {:?}", std::error::Error::source(&error))))
    })
}
