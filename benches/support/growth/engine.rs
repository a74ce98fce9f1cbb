use portcullis_core::SharedStore;
use portcullis_store_sqlx::{Engine as SqlEngineOf, SqlStore, SqliteStore};
use portcullis_testkit::{
    TestClock,
    servers::{SqlEngine, SqlServer},
};
use sqlx::{Connection, MySqlConnection, PgConnection, Row, SqliteConnection, raw_sql};
use tempfile::TempDir;

use crate::outcome::Outcome;

/// What records are kept in.
#[derive(Clone, Copy, Debug)]
pub(super) enum Engine {
    Sqlite,
    Server(SqlEngine),
}

/// An engine of one's own, gone with this.
pub(super) struct Opened {
    pub(super) store: SharedStore,
    pub(super) clock: TestClock,
    place: Place,
}

enum Place {
    File(TempDir),
    Server(SqlServer, SqlEngine),
}

impl Engine {
    pub(super) const ALL: [Self; 3] =
        [Self::Sqlite, Self::Server(SqlEngine::Postgres), Self::Server(SqlEngine::MariaDb)];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Server(SqlEngine::Postgres) => "postgres",
            Self::Server(SqlEngine::MariaDb) => "mariadb",
        }
    }

    pub(super) async fn open(self) -> Outcome<Opened> {
        let clock = TestClock::new();
        let (store, place) = match self {
            Self::Sqlite => {
                let folder = tempfile::tempdir()?;
                (open::<sqlx::Sqlite>(&file(&folder), &clock).await?, Place::File(folder))
            }
            Self::Server(engine) => {
                let server = SqlServer::start(engine, &[])?;
                let store = match engine {
                    SqlEngine::Postgres => open::<sqlx::Postgres>(&server.url(), &clock).await?,
                    SqlEngine::MariaDb => open::<sqlx::MySql>(&server.url(), &clock).await?,
                };
                (store, Place::Server(server, engine))
            }
        };
        Ok(Opened { store, clock, place })
    }
}

impl Opened {
    /// What the table and its indexes take.
    pub(super) async fn bytes(&self) -> Outcome<i64> {
        Ok(match &self.place {
            Place::File(folder) => {
                let (options, _) = SqliteStore::parse(&file(folder))?;
                let mut connection = SqliteConnection::connect_with(&options).await?;
                raw_sql("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await?;
                let size = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
                raw_sql(size).fetch_one(&mut connection).await?.try_get(0)?
            }
            Place::Server(server, SqlEngine::Postgres) => {
                let mut connection = PgConnection::connect(&server.url()).await?;
                let size = "SELECT pg_total_relation_size('portcullis_records')";
                raw_sql(size).fetch_one(&mut connection).await?.try_get(0)?
            }
            Place::Server(server, SqlEngine::MariaDb) => {
                let mut connection = MySqlConnection::connect(&server.url()).await?;
                let size = "SELECT CAST(file_size AS SIGNED) FROM information_schema.innodb_sys_tablespaces \
                            WHERE name LIKE '%portcullis\\_records'";
                raw_sql(size).fetch_one(&mut connection).await?.try_get(0)?
            }
        })
    }
}

/// With a deadline that a machine under such a load keeps.
async fn open<DB: SqlEngineOf>(url: &str, clock: &TestClock) -> Outcome<SharedStore> {
    let (options, settings) = SqlStore::<DB>::parse(url)?;
    let settings = settings.with_clock(clock.clone()).with_deadline(std::time::Duration::from_secs(60));
    Ok(SqlStore::<DB>::connect(options, settings.without_sweeping()).await?.into())
}

fn file(folder: &TempDir) -> String {
    format!("sqlite:{}", folder.path().join("growth.db").display())
}
