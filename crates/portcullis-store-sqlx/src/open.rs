use std::sync::Arc;

use portcullis_core::StoreError;
use sqlx::Pool;
use tokio::time::Instant;

use crate::{
    ConfigError, SqlSettings, SqlStore,
    connections::{Connections, Options, connect},
    engine::Engine,
    lanes::Lanes,
    start,
    writer::Writer,
};

impl<DB: Engine> SqlStore<DB> {
    /// Opens the database that `url` names; [`parse`](Self::parse) has the forms.
    ///
    /// # Errors
    ///
    /// `Misconfigured` with a [`ConfigError`] as its source if the URL names none; else as [`connect`](Self::connect).
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let (options, settings) = Self::parse(url).map_err(StoreError::misconfigured)?;
        Self::connect(options, settings).await
    }

    /// Reads a URL, for a program that changes some of what it says.
    ///
    /// | URL | what it names |
    /// | --- | --- |
    /// | `sqlite:file.db`, `sqlite:///var/lib/shop/sessions.db` | a file, which is made with mode 0600 if it is not there |
    /// | `postgres://user:password@host:5432/database` | a database of PostgreSQL |
    /// | `mysql://user:password@host:3306/database`, or `mariadb` | one of MySQL or MariaDB |
    ///
    /// User and password are percent-encoded. Behind a `?` stands what [`SqlSettings`] has, and:
    ///
    /// | parameter | engine | what it sets |
    /// | --- | --- | --- |
    /// | `password_file` | servers | a file whose first line is the password, which then stands neither in the process list nor in a log |
    /// | `sslmode` | PostgreSQL | TLS: `verify-full` by default, and `disable` on this machine; anything weaker only where the network itself is trusted |
    /// | `ssl-mode` | MySQL | the same: `verify_identity`, `disabled` |
    /// | `sslrootcert`, `sslcert`, `sslkey` | PostgreSQL | files of PEM: whom to trust in place of the web's authorities, and a certificate of ours |
    /// | `ssl-ca`, `ssl-cert`, `ssl-key` | MySQL | the same |
    /// | `host`, `socket` | PostgreSQL, MySQL | a socket of this machine |
    /// | `application_name`, `options` | PostgreSQL | what it knows them as |
    /// | `synchronous` | SQLite | `full` by default: what was acknowledged survives a power failure; `normal`: a logout may not |
    ///
    /// # Errors
    ///
    /// It names no database of this engine, or sets something that there is not.
    pub fn parse(url: &str) -> Result<(Options<DB>, SqlSettings), ConfigError> {
        DB::parse(url)
    }

    /// Connects by `options`, and makes the tables if they are missing.
    ///
    /// # Errors
    ///
    /// The database cannot be reached, or does not let us in or make tables: the source says why.
    pub async fn connect(options: Options<DB>, settings: SqlSettings) -> Result<Self, StoreError> {
        let options = DB::prepare(options, &settings)?;
        let connections = Connections::own(options.clone(), settings.connections, settings.waiting);
        Self::by(connections, options, settings).await
    }

    /// Keeps records by connections of the application's `pool`, which the two then share. Such a pool asks a connection whether it lives
    /// each time that it comes back, so each call makes one more trip, which nobody waits for. [`SqlSettings::with_connections`] has no
    /// meaning then.
    ///
    /// # Errors
    ///
    /// As for [`connect`](Self::connect).
    pub async fn with_pool(pool: Pool<DB>, settings: SqlSettings) -> Result<Self, StoreError> {
        let options = DB::prepare(Options::<DB>::clone(&pool.connect_options()), &settings)?;
        let connections = Connections::of_pool(pool, settings.waiting);
        Self::by(connections, options, settings).await
    }

    /// Makes the tables what this release needs them to be: a step of its own before the services start, where those are opened
    /// [`without_migrations`](SqlSettings::without_migrations). It adds and never takes away, so services of an earlier release go on meanwhile;
    /// several may do it at once, and again.
    ///
    /// # Errors
    ///
    /// The database cannot be reached, or does not let us (`Misconfigured`).
    pub async fn migrate(options: Options<DB>, settings: &SqlSettings) -> Result<(), StoreError> {
        let connections = Connections::own(DB::prepare(options, settings)?, 1, 0);
        start::migrate::<DB>(&connections, settings).await
    }

    async fn by(
        connections: Connections<DB>,
        options: Options<DB>,
        settings: SqlSettings,
    ) -> Result<Self, StoreError> {
        let statements = Arc::new(DB::statements(&settings.names));
        let writer = if DB::HAS_ONE_WRITER {
            let connection = connect::<DB>(&options, Instant::now() + settings.deadline).await?;
            Some(Writer::start(connection, options, Arc::clone(&statements), settings.waiting))
        } else {
            None
        };
        let lanes = Lanes { statements, connections, writer, deadline: settings.deadline };
        Self::over(lanes, settings).await
    }
}
