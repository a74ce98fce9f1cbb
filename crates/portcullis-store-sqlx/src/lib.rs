//! Keeps Portcullis sessions, grants and revocations in SQLite, PostgreSQL, MySQL or MariaDB.
//!
//! ```no_run
//! # #[cfg(all(feature = "postgres", feature = "sqlite"))]
//! # async fn example(pool: sqlx::PgPool) -> Result<(), portcullis_core::StoreError> {
//! use portcullis_core::SharedStore;
//! use portcullis_store_sqlx::{PostgresStore, SqlSettings, SqliteStore};
//!
//! let here: SharedStore = SqliteStore::open("sqlite:sessions.db").await?.into();
//! let there: SharedStore = PostgresStore::open("postgres://app@db.example/shop?password_file=/run/secrets/db").await?.into();
//! let beside_the_rest: SharedStore = PostgresStore::with_pool(pool, SqlSettings::new()).await?.into();
//! # let _ = (here, there, beside_the_rest);
//! # Ok(()) }
//! ```
//!
//! | question | answer |
//! | --- | --- |
//! | which engines | SQLite, which is compiled in; PostgreSQL from 14; MySQL from 8.0 and MariaDB from 10.5: a feature each |
//! | what a call costs | one trip; where MySQL does not say what an `UPDATE` met, a second; SQLite none, and writers share commits |
//! | which tables | four, made when they are missing, or from [`SqlStore::schema`] by somebody who may |
//! | what an outage is | an error within the deadline; connections are made anew by themselves |
//! | what is lost | nothing that was acknowledged; by a failover to an asynchronous replica, what that one did not have |
//! | a replica | is refused: a logout would not be seen there |
//! | what has expired | is never served; one process of all sweeps it |
//!
//! `docs/operations.md` of the repository says how to run each.

#![cfg_attr(
    not(any(feature = "mysql", feature = "postgres", feature = "sqlite")),
    expect(dead_code, reason = "without an engine nothing is asked")
)]
#![expect(
    unnameable_types,
    reason = "engines are ours alone: what they have to know is named by nobody else"
)]

mod connections;
mod cursor;
mod engine;
mod error;
mod failure;
mod finish;
mod lanes;
mod migrate;
#[cfg(feature = "mysql")]
mod mysql;
mod names;
mod open;
#[cfg(feature = "postgres")]
mod postgres;
mod question;
mod row;
mod settings;
#[cfg(feature = "sqlite")]
mod sqlite;
mod start;
mod store;
mod sweeper;
mod writer;

pub use connections::Options;
pub use engine::Engine;
pub use error::ConfigError;
pub use settings::SqlSettings;
pub use store::SqlStore;

/// Keeps records in a file of this machine, which survives the process and serves several of them.
#[cfg(feature = "sqlite")]
pub type SqliteStore = SqlStore<sqlx::Sqlite>;

/// Keeps records in PostgreSQL.
#[cfg(feature = "postgres")]
pub type PostgresStore = SqlStore<sqlx::Postgres>;

/// Keeps records in MySQL or MariaDB.
#[cfg(feature = "mysql")]
pub type MysqlStore = SqlStore<sqlx::MySql>;
