use async_trait::async_trait;
use redis::{AsyncCommands, ExistenceCheck, RedisError, SetExpiry, SetOptions, aio::MultiplexedConnection};
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

use crate::outcome::Outcome;

/// The peer's layer over Redis. Its own store is for an earlier release of the layer, so this is one that asks the same of the server,
/// by the client that ours is built on: `GET`; `SET` with `NX` or `XX`, and the instant at which it ends.
#[derive(Clone, Debug)]
pub(super) struct RedisStore {
    connection: MultiplexedConnection,
}

impl RedisStore {
    pub(super) async fn open(url: &str) -> Outcome<Self> {
        Ok(Self { connection: redis::Client::open(url)?.get_multiplexed_async_connection().await? })
    }

    async fn set(&self, record: &Record, only_if: ExistenceCheck) -> Result<bool> {
        let value = serde_json::to_vec(record).map_err(|error| Error::Encode(error.to_string()))?;
        let ends_at = u64::try_from(record.expiry_date.unix_timestamp()).unwrap_or(0);
        let options =
            SetOptions::default().with_expiration(SetExpiry::EXAT(ends_at)).conditional_set(only_if);
        self.connection.clone().set_options(record.id.to_string(), value, options).await.map_err(failed)
    }
}

#[async_trait]
impl SessionStore for RedisStore {
    async fn create(&self, record: &mut Record) -> Result<()> {
        while !self.set(record, ExistenceCheck::NX).await? {
            record.id = Id::default();
        }
        Ok(())
    }

    async fn save(&self, record: &Record) -> Result<()> {
        self.set(record, ExistenceCheck::XX).await.map(|_written| ())
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let value: Option<Vec<u8>> = self.connection.clone().get(id.to_string()).await.map_err(failed)?;
        value
            .map(|value| serde_json::from_slice(&value))
            .transpose()
            .map_err(|error| Error::Decode(error.to_string()))
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        self.connection.clone().del(id.to_string()).await.map_err(failed)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` gives it")]
fn failed(error: RedisError) -> Error {
    Error::Backend(error.to_string())
}
