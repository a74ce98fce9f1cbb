//! Each engine keeps every law.

use std::{
    error::Error,
    process::ExitCode,
    sync::{Mutex, PoisonError},
};

use portcullis_store_sqlx::{Engine, SqlStore, SqliteStore};
use portcullis_testkit::{
    TestClock,
    laws::{self, Backend, Missing},
    servers::{self, SqlEngine},
};
use tempfile::TempDir;

/// Gone at the end.
static FOLDERS: Mutex<Vec<TempDir>> = Mutex::new(Vec::new());

fn main() -> ExitCode {
    let verdict = laws::run([sqlite(), postgres(), mariadb()]);
    FOLDERS.lock().unwrap_or_else(PoisonError::into_inner).clear();
    verdict
}

fn sqlite() -> Backend {
    Backend::new("sqlite", async |clock: TestClock| {
        let folder = tempfile::tempdir().map_err(missing)?;
        let url = format!("sqlite:{}", folder.path().join("laws.db").display());
        FOLDERS.lock().unwrap_or_else(PoisonError::into_inner).push(folder);
        let (options, settings) = SqliteStore::parse(&url).map_err(missing)?;
        Ok(SqliteStore::connect(options, settings.with_clock(clock)).await.map_err(missing)?.into())
    })
}

fn postgres() -> Backend {
    Backend::new("postgres", async |clock: TestClock| {
        Ok(apart::<sqlx::Postgres>(SqlEngine::Postgres, clock).await?.into())
    })
}

fn mariadb() -> Backend {
    Backend::new("mariadb", async |clock: TestClock| {
        Ok(apart::<sqlx::MySql>(SqlEngine::MariaDb, clock).await?.into())
    })
}

/// A store in tables of its own.
async fn apart<DB: Engine>(engine: SqlEngine, clock: TestClock) -> Result<SqlStore<DB>, Missing> {
    let url = servers::sql_url(engine)?;
    let (options, settings) = SqlStore::<DB>::parse(&url).map_err(missing)?;
    let settings = settings.with_namespace(format!("laws-{:x}", fastrand::u64(..))).map_err(missing)?;
    SqlStore::connect(options, settings.with_clock(clock)).await.map_err(missing)
}

fn missing(error: impl Error) -> Missing {
    Missing::new(format!("{error}: {:?}", error.source()))
}
