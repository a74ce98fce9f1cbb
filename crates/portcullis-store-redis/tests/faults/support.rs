use libtest_mimic::Failed;
use portcullis_core::SharedStore;
use portcullis_store_redis::{RedisSettings, RedisStore};
pub(crate) use portcullis_testkit::servers::records::*;

pub(crate) type Verdict = Result<(), Failed>;

pub(crate) async fn connect(url: &str) -> Result<SharedStore, Failed> {
    connect_with(url, |settings| settings).await
}

pub(crate) async fn connect_with(
    url: &str,
    set: impl FnOnce(RedisSettings) -> RedisSettings,
) -> Result<SharedStore, Failed> {
    let store = RedisStore::connect(set(url.parse()?)).await;
    store.map(Into::into).map_err(|error| Failed::from(told(&error)))
}
