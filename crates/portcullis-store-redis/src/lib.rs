//! Keeps Portcullis sessions, grants and revocations in Redis or Valkey: one node, Sentinel or a Cluster.
//!
//! ```no_run
//! use portcullis_core::SharedStore;
//! use portcullis_store_redis::RedisStore;
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store: SharedStore = RedisStore::open("redis+cluster://10.0.0.1:6379,10.0.0.2:6379").await?.into();
//! # let _ = store;
//! # Ok(()) }
//! ```
//!
//! | question | answer |
//! | --- | --- |
//! | which servers | Redis from 6.2, Valkey from 7.2 |
//! | which shapes | one node, Sentinel, Cluster: [`RedisSettings`] has the URLs; failover and resharding are followed without restart |
//! | what a request costs | a read is one `GET`; a write one script, whose keys are declared and lie in one slot; an anonymous session begins with one `SET` |
//! | what an outage is | an error within the deadline, [`Unavailable`](portcullis_core::StoreErrorKind::Unavailable) or [`Timeout`](portcullis_core::StoreErrorKind::Timeout); a server that does not answer is not asked again until it does |
//! | what a failover loses | what the old master acknowledged and no replica had; removals and revocations of the last minute are asked for again by the process that made them |
//! | what must be set | `maxmemory-policy noeviction`, where `maxmemory` is set: a server that drops records is refused at the start |
//!
//! Expiry is decided by the store's clock; the server's own only reclaims, a minute later.

mod command;
mod connection;
mod error;
mod keys;
mod question;
mod record;
mod removals;
mod script;
mod settings;
mod start;
mod store;
mod topology;

pub use error::ConfigError;
pub use settings::RedisSettings;
pub use store::RedisStore;
