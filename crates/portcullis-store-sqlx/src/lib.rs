//! Keeps Portcullis sessions, grants and revocations in SQLite, PostgreSQL, MySQL or MariaDB.

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
