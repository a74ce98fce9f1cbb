use std::sync::Arc;

use portcullis_core::StoreError;
use sqlx::{Connection, Pool};
use tokio::time::timeout;

use crate::{
    ConfigError, SqlSettings, SqlStore,
    connections::{Connections, Options},
    engine::Engine,
    failure::Verdict,
    lanes::Lanes,
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

    async fn by(
        connections: Connections<DB>,
        options: Options<DB>,
        settings: SqlSettings,
    ) -> Result<Self, StoreError> {
        let statements = Arc::new(DB::statements(&settings.names));
        let writer = if DB::HAS_ONE_WRITER {
            let connecting = timeout(settings.deadline, DB::Connection::connect_with(&options)).await;
            let connection = connecting.map_err(|_elapsed| StoreError::timeout())?;
            let connection = connection.map_err(|error| match DB::verdict(error.into()) {
                Verdict::Again => StoreError::timeout(),
                Verdict::Failed { error, .. } => error,
            })?;
            Some(Writer::start(connection, options, Arc::clone(&statements), settings.waiting))
        } else {
            None
        };
        let lanes = Lanes { statements, connections, writer, deadline: settings.deadline };
        Self::over(lanes, settings).await
    }
}
