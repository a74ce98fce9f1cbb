use std::{error::Error, path::Path, time::Duration};

use libtest_mimic::Failed;
use portcullis_core::SharedStore;
use portcullis_store_sqlx::{Engine, SqlSettings, SqlStore};
pub(crate) use portcullis_testkit::servers::records::*;
use portcullis_testkit::servers::{SqlEngine, sql_url};

pub(crate) type Verdict = Result<(), Failed>;

/// Where records are kept.
#[derive(Clone, Copy)]
pub(crate) enum Kept {
    File,
    Server(SqlEngine),
}

impl Kept {
    pub(crate) const ALL: [Self; 3] =
        [Self::File, Self::Server(SqlEngine::Postgres), Self::Server(SqlEngine::MariaDb)];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::File => "sqlite",
            Self::Server(SqlEngine::Postgres) => "postgres",
            Self::Server(SqlEngine::MariaDb) => "mariadb",
        }
    }

    /// A URL that other trials do not have.
    pub(crate) fn url(self, folder: &Path) -> Result<String, Failed> {
        Ok(match self {
            Self::File => format!("sqlite:{}", folder.join("store.db").display()),
            Self::Server(engine) => {
                format!("{}?namespace=faults-{:x}", sql_url(engine)?, fastrand::u64(..))
            }
        })
    }
}

pub(crate) async fn connect(url: &str) -> Result<SharedStore, Failed> {
    connect_with(url, |settings| settings).await
}

pub(crate) async fn connect_with(
    url: &str,
    set: impl FnOnce(SqlSettings) -> SqlSettings,
) -> Result<SharedStore, Failed> {
    match url.split(':').next() {
        Some("sqlite") => open::<sqlx::Sqlite>(url, set).await,
        Some("postgres") => open::<sqlx::Postgres>(url, set).await,
        _ => open::<sqlx::MySql>(url, set).await,
    }
}

async fn open<DB: Engine>(
    url: &str,
    set: impl FnOnce(SqlSettings) -> SqlSettings,
) -> Result<SharedStore, Failed> {
    let (options, settings) = SqlStore::<DB>::parse(url)?;
    let store = SqlStore::<DB>::connect(options, set(settings)).await;
    store.map(Into::into).map_err(|error| Failed::from(told(&error as &dyn Error)))
}

/// Short, so that trials are; long enough for a commit on a busy machine.
pub(crate) const DEADLINE: Duration = Duration::from_millis(500);
