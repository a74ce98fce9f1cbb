//! Opens a store by its URL, so that an application's configuration names it and its code does not.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), portcullis_stores::OpenError> {
//! let store = portcullis_stores::open("memory:").await?;
//! # let _ = store;
//! # Ok(()) }
//! ```
//!
//! | URL | store | feature |
//! | --- | --- | --- |
//! | `memory:` | the memory of this process, a new one at each call: gone when the process ends | |
//! | `sqlite:file.db` | a file of this machine, which survives the process | `sqlite` |
//! | `postgres://user@host/database` | PostgreSQL | `postgres`, `sql-tls` |
//! | `mysql://user@host/database` | MySQL or MariaDB | `mysql`, `sql-tls` |
//! | `redis://host:6379/0` | one Redis or Valkey; `rediss` with TLS | `redis`, `redis-tls` |
//! | `redis+sentinel://host:26379,host:26379/mymaster` | the master that Sentinels name | the same |
//! | `redis+cluster://host:6379,host:6379` | a Cluster, by some of its nodes | the same |
//!
//! What may follow is in the docs of each store's settings, such as `?namespace=shop`.
//!
//! Whatever else a URL names is refused by its scheme. Neither an error nor a [`StoreUrl`]'s `Debug` or `Display` repeats a password.

mod error;
mod open;
mod url;

pub use error::{ConfigError, OpenError};
pub use open::open;
pub use url::StoreUrl;
