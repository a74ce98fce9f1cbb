//! Throw-away servers: each in a temporary folder, on free ports of the loopback interface, and gone with its guard.
//!
//! Which program is started says the environment variable `PORTCULLIS_REDIS_SERVER`, else it is `redis-server` on the
//! `PATH`; so a newer Redis or a Valkey is put on trial by naming it.
//!
//! Tests that only keep records apart from each other's share servers: [`redis_url`] answers those that
//! `portcullis-test-servers` has started, whose URLs are in the environment, or starts some for this process. Tests
//! that stop, kill or fill a server start their own.

mod certificate;
mod cluster;
mod load;
mod node;
mod poll;
mod process;
pub mod records;
mod resp;
mod sentinel;
mod shared;
mod sql;
mod trials;

pub use certificate::Certificate;
pub use cluster::RedisCluster;
pub use load::{Load, Told};
pub use node::RedisNode;
pub use sentinel::RedisSentinels;
pub use shared::{Shape, redis_url, sql_url};
pub use sql::{SqlEngine, SqlServer};
pub use trials::{ServerTrial, on_a_runtime, run, run_where};
