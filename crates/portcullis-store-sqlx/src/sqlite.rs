use std::{fs, sync::Arc};

use portcullis_core::{
    CreateOutcome, Effect, ExtendOutcome, Linearizability, Listing, Profile, Record, RemoveAllOutcome,
    RemoveOutcome, ReplaceOutcome, StoreError, Timestamp,
};
use sqlx::{
    AssertSqlSafe, Connection, Row, Sqlite, SqliteConnection, query, raw_sql,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use crate::{
    ConfigError, SqlSettings, cursor,
    engine::{Answers, Dialect, Engine, LARGEST_PAYLOAD_BYTES, MOST_REMOVED_AT_ONCE},
    failure::{Failure, Verdict},
    migrate,
    names::Names,
    question::{Check, Claim, Create, Extend, List, Load, Remove, RemoveAll, Replace, Sweep, Swept},
    row::{self, bits, count, key_bytes, millis, record_under, space_bounds, space_number},
    settings::Url,
};

impl Engine for Sqlite {}

/// SQLite's statements. All that change something run within a transaction of the one writer, so nothing moves between two of them.
#[derive(Debug)]
pub struct Statements {
    load: Arc<str>,
    epoch: Arc<str>,
    create: Arc<str>,
    replace: Arc<str>,
    extend: Arc<str>,
    remove: Arc<str>,
    list: Arc<str>,
    raise: Arc<str>,
    count_all: Arc<str>,
    remove_all: Arc<str>,
    sweep: Arc<str>,
    claim: Arc<str>,
    check: Arc<str>,
}

impl Dialect for Sqlite {
    type Statements = Statements;

    const QUOTE: char = '"';
    const HAS_ONE_WRITER: bool = true;

    fn parse(url: &str) -> Result<(SqliteConnectOptions, SqlSettings), ConfigError> {
        let Url { base, settings, parameters } = Url::parse(url)?;
        let path = base.strip_prefix("sqlite:").ok_or(ConfigError::Url)?;
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.is_empty() || path.starts_with(':') {
            return Err(if path.is_empty() { ConfigError::Url } else { ConfigError::InMemory });
        }
        let mut options = SqliteConnectOptions::new().filename(path).synchronous(SqliteSynchronous::Full);
        for (name, value) in parameters {
            options = match (&*name, &*value) {
                ("synchronous", "full") => options,
                ("synchronous", "normal") => options.synchronous(SqliteSynchronous::Normal),
                ("synchronous", _) => return Err(ConfigError::Synchronous),
                _ => return Err(ConfigError::Parameter(name)),
            };
        }
        Ok((options, settings))
    }

    /// The file is made here, because what makes it says who may read it; what SQLite puts beside it has the same mode.
    fn prepare(
        options: SqliteConnectOptions,
        settings: &SqlSettings,
    ) -> Result<SqliteConnectOptions, StoreError> {
        let path = options.get_filename();
        if path.as_os_str().as_encoded_bytes().starts_with(b"file:sqlx-in-memory") {
            return Err(StoreError::misconfigured(ConfigError::InMemory));
        }
        let mut file = fs::OpenOptions::new();
        file.create(true).append(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut file, 0o600);
        if let Err(error) = file.open(path) {
            return Err(StoreError::misconfigured(format!("{}: {error}", path.display())));
        }
        Ok(options.journal_mode(SqliteJournalMode::Wal).busy_timeout(settings.deadline))
    }

    fn statements(names: &Names) -> Statements {
        let (records, epochs) = (names.records('"'), names.epochs('"'));
        let (upkeep, migrations) = (names.upkeep('"'), names.migrations('"'));
        let columns = row::columns_of("r");
        Statements {
            load: format!(
                "SELECT {columns} FROM {records} AS r WHERE r.record_key = ?1 AND r.expires_at > ?2 AND (r.owner IS NULL \
                 OR r.epoch = coalesce((SELECT e.epoch FROM {epochs} AS e WHERE e.owner = r.owner AND e.space = ?3), 0))"
            )
            .into(),
            epoch: format!("SELECT epoch FROM {epochs} WHERE owner = ?1 AND space = ?2").into(),
            create: format!(
                "INSERT OR REPLACE INTO {records} (record_key, version, expires_at, created_at, owner, epoch, payload) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"
            )
            .into(),
            replace: format!(
                "UPDATE {records} SET version = ?2, expires_at = ?3, payload = ?4 WHERE record_key = ?1"
            )
            .into(),
            extend: format!("UPDATE {records} SET expires_at = ?2 WHERE record_key = ?1").into(),
            remove: format!("DELETE FROM {records} WHERE record_key = ?1").into(),
            list: format!(
                "SELECT {columns} FROM {records} AS r WHERE r.owner = ?1 AND r.record_key >= ?2 AND r.record_key < ?3 \
                 AND r.expires_at > ?4 \
                 AND r.epoch = coalesce((SELECT e.epoch FROM {epochs} AS e WHERE e.owner = ?1 AND e.space = ?5), 0) \
                 AND (r.created_at, r.record_key) > (?6, ?7) ORDER BY r.created_at, r.record_key LIMIT ?8"
            )
            .into(),
            raise: format!(
                "INSERT INTO {epochs} (owner, space, epoch) VALUES (?1, ?2, 1) \
                 ON CONFLICT (owner, space) DO UPDATE SET epoch = epoch + 1 RETURNING epoch"
            )
            .into(),
            count_all: format!(
                "SELECT count(*) FROM {records} AS r WHERE r.owner = ?1 AND r.record_key >= ?2 AND r.record_key < ?3 \
                 AND r.expires_at > ?4 \
                 AND r.epoch = coalesce((SELECT e.epoch FROM {epochs} AS e WHERE e.owner = ?1 AND e.space = ?5), 0)"
            )
            .into(),
            remove_all: format!(
                "DELETE FROM {records} WHERE record_key IN (SELECT record_key FROM {records} \
                 WHERE owner = ?1 AND record_key >= ?2 AND record_key < ?3 LIMIT {MOST_REMOVED_AT_ONCE})"
            )
            .into(),
            sweep: format!(
                "DELETE FROM {records} WHERE record_key IN (SELECT record_key FROM {records} \
                 WHERE expires_at / {HOUR_MILLIS} <= ?1 / {HOUR_MILLIS} AND expires_at <= ?1 LIMIT ?2)"
            )
            .into(),
            claim: format!("UPDATE {upkeep} SET due_at = ?1 WHERE task = 'sweep' AND due_at <= ?2").into(),
            check: format!("SELECT max(version) FROM {migrations}").into(),
        }
    }

    fn first(names: &Names) -> String {
        let migrations = names.migrations('"');
        format!("CREATE TABLE IF NOT EXISTS {migrations} (version INTEGER NOT NULL PRIMARY KEY) STRICT;\n")
    }

    fn migrations(names: &Names) -> Vec<String> {
        let (records, epochs, upkeep) = (names.records('"'), names.epochs('"'), names.upkeep('"'));
        let (by_owner, by_hour) = (names.index("by_owner", '"'), names.index("by_hour", '"'));
        let unqualified = names.index("records", '"');
        let (by_owner, by_hour) = match names.schema() {
            Some(schema) => (format!("\"{schema}\".{by_owner}"), format!("\"{schema}\".{by_hour}")),
            None => (by_owner.to_string(), by_hour.to_string()),
        };
        vec![format!(
            "CREATE TABLE {records} (
                record_key BLOB NOT NULL PRIMARY KEY,
                version INTEGER NOT NULL,
                expires_at INTEGER NOT NULL,
                created_at INTEGER NOT NULL,
                owner BLOB,
                epoch INTEGER NOT NULL,
                payload BLOB NOT NULL
            ) STRICT;
            CREATE INDEX {by_owner} ON {unqualified} (owner, created_at) WHERE owner IS NOT NULL;
            CREATE INDEX {by_hour} ON {unqualified} (expires_at / {HOUR_MILLIS});
            CREATE TABLE {epochs} (
                owner BLOB NOT NULL,
                space INTEGER NOT NULL,
                epoch INTEGER NOT NULL,
                PRIMARY KEY (owner, space)
            ) STRICT, WITHOUT ROWID;
            CREATE TABLE {upkeep} (task TEXT NOT NULL PRIMARY KEY, due_at INTEGER NOT NULL) STRICT;
            INSERT INTO {upkeep} (task, due_at) VALUES ('sweep', 0);"
        )]
    }

    async fn migrate(connection: &mut SqliteConnection, names: &Names) -> Result<(), Failure> {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        let migrations = names.migrations('"');
        raw_sql(AssertSqlSafe(Self::first(names))).execute(&mut *transaction).await?;
        let taken = format!("SELECT coalesce(max(version), 0) FROM {migrations}");
        let taken: i64 = query(AssertSqlSafe(taken)).fetch_one(&mut *transaction).await?.try_get(0)?;
        for (version, step) in migrate::missing(Self::migrations(names), taken) {
            raw_sql(AssertSqlSafe(step)).execute(&mut *transaction).await?;
            let taken = format!("INSERT INTO {migrations} (version) VALUES (?1)");
            query(AssertSqlSafe(taken)).bind(version).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    async fn greet(_: &mut SqliteConnection) -> Result<(), Failure> {
        Ok(())
    }

    async fn profile(_: &mut SqliteConnection) -> Result<Profile, Failure> {
        Ok(Profile::new(Linearizability::Always, LARGEST_PAYLOAD_BYTES)
            .with_owner_index()
            .surviving_restart())
    }

    fn verdict(failure: Failure) -> Verdict {
        Verdict::of(failure, |code, said| {
            // The low byte of an extended code is what it is about.
            match code.parse::<u32>().unwrap_or_default() & 0xff {
                // Busy, locked: somebody else is writing.
                5 | 6 => Verdict::usable(StoreError::timeout(), Effect::NotApplied),
                13 => Verdict::usable(StoreError::overloaded(), Effect::NotApplied),
                // No permission, read-only, cannot open, no table.
                1 | 3 | 8 | 14 => Verdict::broken(StoreError::misconfigured(said), Effect::NotApplied),
                11 | 26 => Verdict::broken(StoreError::corrupt(said), Effect::NotApplied),
                _ => Verdict::broken(StoreError::unavailable(said), Effect::Unknown),
            }
        })
    }
}

impl Answers<Load> for Sqlite {
    async fn answer<'a>(
        connection: &'a mut SqliteConnection,
        statements: &'a Statements,
        question: &'a Load,
        now: Timestamp,
    ) -> Result<Option<Record>, Failure> {
        let Load { key } = question;
        let rows = query(AssertSqlSafe(Arc::clone(&statements.load)))
            .bind(&key_bytes(key)[..])
            .bind(millis(now))
            .bind(space_number(key.space()))
            .fetch_all(connection)
            .await?;
        rows.first().map(|row| record_under(key, row, 0)).transpose()
    }
}

impl Answers<Create> for Sqlite {
    async fn answer<'a>(
        connection: &'a mut SqliteConnection,
        statements: &'a Statements,
        question: &'a Create,
        now: Timestamp,
    ) -> Result<CreateOutcome, Failure> {
        let Create { key, draft } = question;
        let there = Self::answer(connection, statements, &Load { key: *key }, now).await?;
        if there.is_some() {
            return Ok(CreateOutcome::Exists);
        }
        let epoch = match draft.owner {
            Some(owner) => {
                let rows = query(AssertSqlSafe(Arc::clone(&statements.epoch)))
                    .bind(&owner.bytes()[..])
                    .bind(space_number(key.space()))
                    .fetch_all(&mut *connection)
                    .await?;
                rows.first().map(|row| row.try_get::<i64, _>(0)).transpose()?.unwrap_or_default()
            }
            None => 0,
        };
        if draft.owner.is_some() && draft.fence.is_some_and(|fence| count(fence) != epoch) {
            return Ok(CreateOutcome::Fenced);
        }
        query(AssertSqlSafe(Arc::clone(&statements.create)))
            .bind(&key_bytes(key)[..])
            .bind(bits(draft.version))
            .bind(millis(draft.expires_at))
            .bind(millis(now))
            .bind(draft.owner.as_ref().map(|owner| &owner.bytes()[..]))
            .bind(epoch)
            .bind(&draft.payload[..])
            .execute(connection)
            .await?;
        Ok(CreateOutcome::Created)
    }
}

impl Answers<Replace> for Sqlite {
    async fn answer<'a>(
        connection: &'a mut SqliteConnection,
        statements: &'a Statements,
        question: &'a Replace,
        now: Timestamp,
    ) -> Result<ReplaceOutcome, Failure> {
        let Replace { key, expected, draft } = question;
        match Self::answer(connection, statements, &Load { key: *key }, now).await? {
            None => Ok(ReplaceOutcome::Gone),
            Some(current) if current.version != *expected => Ok(ReplaceOutcome::Conflict(current)),
            Some(_) => {
                query(AssertSqlSafe(Arc::clone(&statements.replace)))
                    .bind(&key_bytes(key)[..])
                    .bind(bits(draft.version))
                    .bind(millis(draft.expires_at))
                    .bind(&draft.payload[..])
                    .execute(connection)
                    .await?;
                Ok(ReplaceOutcome::Replaced)
            }
        }
    }
}

impl Answers<Extend> for Sqlite {
    async fn answer<'a>(
        connection: &'a mut SqliteConnection,
        statements: &'a Statements,
        question: &'a Extend,
        now: Timestamp,
    ) -> Result<ExtendOutcome, Failure> {
        let Extend { key, expires_at } = question;
        match Self::answer(connection, statements, &Load { key: *key }, now).await? {
            None => Ok(ExtendOutcome::Gone),
            Some(current) if *expires_at <= current.expires_at => Ok(ExtendOutcome::NotNeeded),
            Some(_) => {
                query(AssertSqlSafe(Arc::clone(&statements.extend)))
                    .bind(&key_bytes(key)[..])
                    .bind(millis(*expires_at))
                    .execute(connection)
                    .await?;
                Ok(ExtendOutcome::Extended)
            }
        }
    }
}

impl Answers<Remove> for Sqlite {
    async fn answer<'a>(
        connection: &'a mut SqliteConnection,
        statements: &'a Statements,
        question: &'a Remove,
        now: Timestamp,
    ) -> Result<RemoveOutcome, Failure> {
        let Remove { key, expected } = question;
        match Self::answer(connection, statements, &Load { key: *key }, now).await? {
            None => Ok(RemoveOutcome::Absent),
            Some(current) if expected.is_some_and(|expected| expected != current.version) => {
                Ok(RemoveOutcome::Conflict(current))
            }
            Some(current) => {
                query(AssertSqlSafe(Arc::clone(&statements.remove)))
                    .bind(&key_bytes(key)[..])
                    .execute(connection)
                    .await?;
                Ok(RemoveOutcome::Removed(current))
            }
        }
    }
}

impl Answers<List> for Sqlite {
    async fn answer<'a>(
        connection: &'a mut SqliteConnection,
        statements: &'a Statements,
        question: &'a List,
        now: Timestamp,
    ) -> Result<Listing, Failure> {
        let List { owner, space, limit, .. } = question;
        let (from, to) = space_bounds(*space);
        let (created_at, key) = question.begins_after();
        let rows = query(AssertSqlSafe(Arc::clone(&statements.list)))
            .bind(&owner.bytes()[..])
            .bind(&from[..])
            .bind(&to[..])
            .bind(millis(now))
            .bind(space_number(*space))
            .bind(created_at)
            .bind(key)
            .bind(question.most())
            .fetch_all(connection)
            .await?;
        let records = rows.iter().map(|found| row::record(found, 0)).collect::<Result<_, _>>()?;
        Ok(cursor::page(records, *limit))
    }
}

impl Answers<RemoveAll> for Sqlite {
    async fn answer<'a>(
        connection: &'a mut SqliteConnection,
        statements: &'a Statements,
        question: &'a RemoveAll,
        now: Timestamp,
    ) -> Result<RemoveAllOutcome, Failure> {
        let mut outcome = RemoveAllOutcome::new(Vec::new(), 0);
        for space in &question.spaces {
            let (owner, (from, to)) = (&question.owner.bytes()[..], space_bounds(*space));
            let living = query(AssertSqlSafe(Arc::clone(&statements.count_all)))
                .bind(owner)
                .bind(&from[..])
                .bind(&to[..])
                .bind(millis(now))
                .bind(space_number(*space))
                .fetch_one(&mut *connection)
                .await?;
            outcome.removed += living.try_get::<i64, _>(0)?.cast_unsigned();
            let raised = query(AssertSqlSafe(Arc::clone(&statements.raise)))
                .bind(owner)
                .bind(space_number(*space))
                .fetch_all(&mut *connection)
                .await?;
            let raised = raised.first().ok_or(Failure::Corrupt("nothing was raised"))?;
            outcome.epochs.push((*space, row::epoch(raised.try_get(0)?)));
            query(AssertSqlSafe(Arc::clone(&statements.remove_all)))
                .bind(owner)
                .bind(&from[..])
                .bind(&to[..])
                .execute(&mut *connection)
                .await?;
        }
        Ok(outcome)
    }
}

impl Answers<Sweep> for Sqlite {
    async fn answer<'a>(
        connection: &'a mut SqliteConnection,
        statements: &'a Statements,
        question: &'a Sweep,
        now: Timestamp,
    ) -> Result<Swept, Failure> {
        let gone = query(AssertSqlSafe(Arc::clone(&statements.sweep)))
            .bind(millis(now))
            .bind(question.most())
            .execute(connection)
            .await?;
        Ok(question.swept(gone.rows_affected()))
    }
}

impl Answers<Claim> for Sqlite {
    async fn answer<'a>(
        connection: &'a mut SqliteConnection,
        statements: &'a Statements,
        question: &'a Claim,
        now: Timestamp,
    ) -> Result<bool, Failure> {
        let claimed = query(AssertSqlSafe(Arc::clone(&statements.claim)))
            .bind(millis(question.until))
            .bind(millis(now))
            .execute(connection)
            .await?;
        Ok(claimed.rows_affected() > 0)
    }
}

impl Answers<Check> for Sqlite {
    async fn answer<'a>(
        connection: &'a mut SqliteConnection,
        statements: &'a Statements,
        _: &'a Check,
        _: Timestamp,
    ) -> Result<i64, Failure> {
        let found = query(AssertSqlSafe(Arc::clone(&statements.check))).fetch_all(connection).await?;
        Ok(found
            .first()
            .map(|row| row.try_get::<Option<i64>, _>(0))
            .transpose()?
            .flatten()
            .unwrap_or_default())
    }
}

/// Records that expire within one hour lie together in an index, so one that is kept alive moves in it once an hour at most.
const HOUR_MILLIS: u32 = 3_600_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_as_it_stands() {
        for (url, path) in [
            ("sqlite:shop.db", "shop.db"),
            ("sqlite:///var/lib/shop.db?synchronous=normal", "/var/lib/shop.db"),
            ("sqlite://shop.db?synchronous=full&namespace=shop", "shop.db"),
        ] {
            assert_eq!(Sqlite::parse(url).unwrap().0.get_filename(), std::path::Path::new(path), "{url}");
        }
    }

    #[test]
    fn what_says_something_else_is_refused() {
        for (url, expected) in [
            ("sqlite:", ConfigError::Url),
            ("sqlite://", ConfigError::Url),
            ("file:shop.db", ConfigError::Url),
            ("sqlite::memory:", ConfigError::InMemory),
            ("sqlite:shop.db?synchronous=off", ConfigError::Synchronous),
            ("sqlite:shop.db?mode=memory", ConfigError::Parameter("mode".to_owned())),
        ] {
            assert_eq!(Sqlite::parse(url).map(|_| ()), Err(expected), "{url}");
        }
    }
}
