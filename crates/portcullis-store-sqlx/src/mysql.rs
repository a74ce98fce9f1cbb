use std::sync::Arc;

use futures_util::TryStreamExt;
use portcullis_core::{
    CreateOutcome, Effect, ExtendOutcome, Linearizability, Listing, Owner, Profile, Record, RecordKey,
    RemoveAllOutcome, RemoveOutcome, ReplaceOutcome, Space, StoreError, Timestamp, Version,
};
use sqlx::{
    AssertSqlSafe, MySql, MySqlConnection, Row,
    mysql::{MySqlConnectOptions, MySqlSslMode},
    query, raw_sql,
};

use crate::{
    ConfigError, SqlSettings, cursor,
    engine::{Answers, Dialect, Engine, LARGEST_PAYLOAD_BYTES, MOST_REMOVED_AT_ONCE},
    failure::{Failure, Verdict},
    migrate,
    names::Names,
    question::{Check, Claim, Create, Extend, List, Load, Remove, RemoveAll, Replace, Sweep, Swept},
    row::{self, bits, count, key_bytes, millis, record_under, space_bounds, space_number},
    settings::{Url, password},
};

impl Engine for MySql {}

/// The statements of MySQL and MariaDB, each a transaction of its own.
///
/// Neither answers what an `UPDATE` met, so what lost is asked for once more.
#[derive(Debug)]
pub struct Statements {
    load: Arc<str>,
    create: Arc<str>,
    make_room: Arc<str>,
    replace: Arc<str>,
    extend: Arc<str>,
    remove: RemoveScript,
    list: Arc<str>,
    remove_all: RemoveAllScript,
    sweep: Arc<str>,
    claim: Arc<str>,
    check: Arc<str>,
}

impl Dialect for MySql {
    type Statements = Statements;

    const QUOTE: char = '`';
    const HAS_ONE_WRITER: bool = false;

    fn parse(url: &str) -> Result<(MySqlConnectOptions, SqlSettings), ConfigError> {
        let url = Url::parse(url)?;
        let settings = url.settings.clone();
        let (mut secret, mut mode) = (None, None);
        let server = url.server(&["mysql", "mariadb"], |name, value| {
            match name {
                "password_file" => secret = Some(password(value)?),
                "ssl-mode" => mode = Some(value.to_owned()),
                "ssl-ca" | "ssl-cert" | "ssl-key" | "socket" => return Ok(true),
                _ => return Err(ConfigError::Parameter(name.to_owned())),
            }
            Ok(false)
        })?;
        let server = server.replacen("mariadb:", "mysql:", 1);
        let mut options: MySqlConnectOptions = server.parse().map_err(|_unrepeated| ConfigError::Url)?;
        if let Some(secret) = secret {
            options = options.password(&secret);
        }
        options = match mode {
            Some(mode) => options.ssl_mode(mode.parse().map_err(|_unrepeated| ConfigError::SslMode)?),
            None if url.is_of_this_machine() => options.ssl_mode(MySqlSslMode::Disabled),
            None => options.ssl_mode(MySqlSslMode::VerifyIdentity),
        };
        let is_plain = matches!(options.get_ssl_mode(), MySqlSslMode::Disabled);
        if is_plain || cfg!(feature = "tls") { Ok((options, settings)) } else { Err(ConfigError::NoTls) }
    }

    fn prepare(options: MySqlConnectOptions, _: &SqlSettings) -> Result<MySqlConnectOptions, StoreError> {
        Ok(options)
    }

    fn statements(names: &Names) -> Statements {
        let (records, epochs) = (names.records('`'), names.epochs('`'));
        let (upkeep, migrations) = (names.upkeep('`'), names.migrations('`'));
        let columns = row::columns_of("r");
        // What an owner has raised since ends a record, whether or not it is deleted yet.
        let live = format!(
            "r.expires_at > ? AND (r.owner IS NULL OR r.epoch = coalesce((SELECT e.epoch FROM {epochs} AS e \
             WHERE e.owner = r.owner AND e.space = ?), 0))"
        );
        Statements {
            load: format!("SELECT {columns} FROM {records} AS r WHERE r.record_key = ? AND {live}").into(),
            create: format!(
                "INSERT INTO {records} (record_key, version, expires_at, due_hour, created_at, owner, epoch, payload) \
                 SELECT ?, ?, ?, ?, ?, ?, coalesce(e.epoch, 0), ? FROM (SELECT 1 AS one) AS one \
                 LEFT JOIN {epochs} AS e ON e.owner = ? AND e.space = ? WHERE ? IS NULL OR coalesce(e.epoch, 0) = ?"
            )
            .into(),
            make_room: format!("DELETE r FROM {records} AS r WHERE r.record_key = ? AND NOT ({live})").into(),
            replace: format!(
                "UPDATE {records} AS r SET r.version = ?, r.expires_at = ?, r.due_hour = ?, r.payload = ? \
                 WHERE r.record_key = ? AND r.version = ? AND {live}"
            )
            .into(),
            // What it answers as the last id is when the record would have expired.
            extend: format!(
                "UPDATE {records} AS r SET r.due_hour = greatest(r.due_hour, ?), \
                 r.expires_at = greatest(last_insert_id(r.expires_at), ?) WHERE r.record_key = ? AND {live}"
            )
            .into(),
            remove: RemoveScript { records: records.to_string(), epochs: epochs.to_string() },
            list: format!(
                "SELECT {columns} FROM {records} AS r WHERE r.owner = ? AND r.record_key >= ? AND r.record_key < ? AND {live} \
                 AND (r.created_at > ? OR r.created_at = ? AND r.record_key > ?) \
                 ORDER BY r.created_at, r.record_key LIMIT ?"
            )
            .into(),
            remove_all: RemoveAllScript { records: records.to_string(), epochs: epochs.to_string() },
            sweep: format!("DELETE FROM {records} WHERE due_hour <= ? AND expires_at <= ? LIMIT ?").into(),
            claim: format!("UPDATE {upkeep} SET due_at = ? WHERE task = 'sweep' AND due_at <= ?").into(),
            check: format!("SELECT max(version) FROM {migrations}").into(),
        }
    }

    fn first(names: &Names) -> String {
        format!(
            "CREATE TABLE IF NOT EXISTS {} (version BIGINT NOT NULL PRIMARY KEY) ENGINE = InnoDB;\n",
            names.migrations('`')
        )
    }

    /// Each statement is committed by itself, so a step that was cut short is taken from its beginning.
    fn migrations(names: &Names) -> Vec<String> {
        let (records, epochs, upkeep) = (names.records('`'), names.epochs('`'), names.upkeep('`'));
        vec![format!(
            "CREATE TABLE IF NOT EXISTS {records} (
                record_key BINARY(35) NOT NULL PRIMARY KEY,
                version BIGINT NOT NULL,
                expires_at BIGINT NOT NULL,
                due_hour BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                epoch BIGINT NOT NULL,
                owner BINARY(16),
                payload MEDIUMBLOB NOT NULL,
                INDEX by_owner (owner, created_at),
                INDEX by_hour (due_hour)
            ) ENGINE = InnoDB;
            CREATE TABLE IF NOT EXISTS {epochs} (
                owner BINARY(16) NOT NULL,
                space SMALLINT NOT NULL,
                epoch BIGINT NOT NULL,
                PRIMARY KEY (owner, space)
            ) ENGINE = InnoDB;
            CREATE TABLE IF NOT EXISTS {upkeep} (
                task VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
                due_at BIGINT NOT NULL
            ) ENGINE = InnoDB;
            INSERT IGNORE INTO {upkeep} (task, due_at) VALUES ('sweep', 0);"
        )]
    }

    async fn migrate(connection: &mut MySqlConnection, names: &Names) -> Result<(), Failure> {
        let lock = names.lock();
        let locked = query("SELECT get_lock(sha1(?), 30)").bind(&lock).fetch_all(&mut *connection).await?;
        let is_locked = locked.first().map(|row| row.try_get::<Option<i64>, _>(0)).transpose()?;
        if is_locked.flatten() != Some(1) {
            return Err(Failure::Again);
        }
        raw_sql(AssertSqlSafe(Self::first(names))).execute(&mut *connection).await?;
        let migrations = names.migrations('`');
        let taken = format!("SELECT coalesce(max(version), 0) FROM {migrations}");
        let taken: i64 = query(AssertSqlSafe(taken)).fetch_one(&mut *connection).await?.try_get(0)?;
        for (version, step) in migrate::missing(Self::migrations(names), taken) {
            raw_sql(AssertSqlSafe(step)).execute(&mut *connection).await?;
            let taken = format!("INSERT INTO {migrations} (version) VALUES (?)");
            query(AssertSqlSafe(taken)).bind(version).execute(&mut *connection).await?;
        }
        query("DO release_lock(sha1(?))").bind(&lock).execute(connection).await?;
        Ok(())
    }

    /// A replica is behind.
    async fn greet(connection: &mut MySqlConnection) -> Result<(), Failure> {
        let said = raw_sql("SELECT @@global.read_only <> 0").fetch_all(connection).await?;
        let is_read_only: i64 = said.first().ok_or(Failure::Again)?.try_get(0)?;
        if is_read_only == 0 { Ok(()) } else { Err(Failure::Replica) }
    }

    async fn profile(connection: &mut MySqlConnection) -> Result<Profile, Failure> {
        let said = query("SELECT @@global.read_only <> 0, @@global.innodb_flush_log_at_trx_commit = 1")
            .fetch_one(connection)
            .await?;
        if said.try_get::<i64, _>(0)? != 0 {
            return Err(Failure::Replica);
        }
        let mut profile =
            Profile::new(Linearizability::UntilFailover, LARGEST_PAYLOAD_BYTES).with_owner_index();
        profile.survives_restart = said.try_get::<i64, _>(1)? != 0;
        Ok(profile)
    }

    fn verdict(failure: Failure) -> Verdict {
        if let Failure::Sql(sqlx::Error::Database(said)) = &failure
            && let Some(said) = said.try_downcast_ref::<sqlx::mysql::MySqlDatabaseError>()
        {
            return by_number(said.number(), format!("{} ({})", said.message(), said.number()));
        }
        Verdict::of(failure, |_, said| Verdict::usable(StoreError::unavailable(said), Effect::NotApplied))
    }
}

fn by_number(number: u16, said: String) -> Verdict {
    match number {
        // Deadlock; changed since it was read.
        1213 | 1020 => Verdict::Again,
        // A lock was not to be had: what went before it in its transaction is not undone.
        1205 => Verdict::broken(StoreError::timeout(), Effect::NotApplied),
        1040 | 1203 | 1226 | 1041 | 1021 | 1114 | 3 => {
            Verdict::broken(StoreError::overloaded(), Effect::NotApplied)
        }
        1153 => Verdict::broken(StoreError::too_large(), Effect::NotApplied),
        1044 | 1045 | 1049 | 1054 | 1064 | 1142 | 1143 | 1146 | 1698 => {
            Verdict::broken(StoreError::misconfigured(said), Effect::NotApplied)
        }
        // A server that has become a replica.
        1290 | 1792 | 1836 => Verdict::broken(StoreError::unavailable(said), Effect::NotApplied),
        // It ends, or was told to end this.
        1053 | 1077 | 1079 | 1080 | 1317 | 1927 => {
            Verdict::broken(StoreError::unavailable(said), Effect::Unknown)
        }
        // A statement that failed has done nothing.
        _ => Verdict::usable(StoreError::unavailable(said), Effect::NotApplied),
    }
}

impl Answers<Load> for MySql {
    async fn answer<'a>(
        connection: &'a mut MySqlConnection,
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

impl Answers<Create> for MySql {
    async fn answer<'a>(
        connection: &'a mut MySqlConnection,
        statements: &'a Statements,
        question: &'a Create,
        now: Timestamp,
    ) -> Result<CreateOutcome, Failure> {
        let Create { key, draft } = question;
        let owner = draft.owner.as_ref().map(|owner| &owner.bytes()[..]);
        let fence = draft.fence.filter(|_| owner.is_some()).map(count);
        for _ in 0..2 {
            let created = query(AssertSqlSafe(Arc::clone(&statements.create)))
                .bind(&key_bytes(key)[..])
                .bind(bits(draft.version))
                .bind(millis(draft.expires_at))
                .bind(hour(draft.expires_at))
                .bind(millis(now))
                .bind(owner)
                .bind(&draft.payload[..])
                .bind(owner)
                .bind(space_number(key.space()))
                .bind(fence)
                .bind(fence)
                .execute(&mut *connection)
                .await;
            match created {
                Ok(created) if created.rows_affected() == 0 => return Ok(CreateOutcome::Fenced),
                Ok(_) => return Ok(CreateOutcome::Created),
                Err(sqlx::Error::Database(said)) if said.is_unique_violation() => {}
                Err(error) => return Err(error.into()),
            }
            // What has ended may be there still.
            let made = query(AssertSqlSafe(Arc::clone(&statements.make_room)))
                .bind(&key_bytes(key)[..])
                .bind(millis(now))
                .bind(space_number(key.space()))
                .execute(&mut *connection)
                .await?;
            if made.rows_affected() == 0 {
                return Ok(CreateOutcome::Exists);
            }
        }
        Ok(CreateOutcome::Exists)
    }
}

impl Answers<Replace> for MySql {
    async fn answer<'a>(
        connection: &'a mut MySqlConnection,
        statements: &'a Statements,
        question: &'a Replace,
        now: Timestamp,
    ) -> Result<ReplaceOutcome, Failure> {
        let Replace { key, expected, draft } = question;
        let replaced = query(AssertSqlSafe(Arc::clone(&statements.replace)))
            .bind(bits(draft.version))
            .bind(millis(draft.expires_at))
            .bind(hour(draft.expires_at))
            .bind(&draft.payload[..])
            .bind(&key_bytes(key)[..])
            .bind(bits(*expected))
            .bind(millis(now))
            .bind(space_number(key.space()))
            .execute(&mut *connection)
            .await?;
        if replaced.rows_affected() > 0 {
            return Ok(ReplaceOutcome::Replaced);
        }
        match Self::answer(connection, statements, &Load { key: *key }, now).await? {
            None => Ok(ReplaceOutcome::Gone),
            Some(current) if current.version == *expected => Err(Failure::Again),
            Some(current) => Ok(ReplaceOutcome::Conflict(current)),
        }
    }
}

impl Answers<Extend> for MySql {
    async fn answer<'a>(
        connection: &'a mut MySqlConnection,
        statements: &'a Statements,
        question: &'a Extend,
        now: Timestamp,
    ) -> Result<ExtendOutcome, Failure> {
        let Extend { key, expires_at } = question;
        let extended = query(AssertSqlSafe(Arc::clone(&statements.extend)))
            .bind(hour(*expires_at))
            .bind(millis(*expires_at))
            .bind(&key_bytes(key)[..])
            .bind(millis(now))
            .bind(space_number(key.space()))
            .execute(connection)
            .await?;
        let expired_at = extended.last_insert_id().cast_signed();
        Ok(match extended.rows_affected() {
            0 => ExtendOutcome::Gone,
            _ if expired_at < millis(*expires_at) => ExtendOutcome::Extended,
            _ => ExtendOutcome::NotNeeded,
        })
    }
}

impl Answers<Remove> for MySql {
    async fn answer<'a>(
        connection: &'a mut MySqlConnection,
        statements: &'a Statements,
        question: &'a Remove,
        now: Timestamp,
    ) -> Result<RemoveOutcome, Failure> {
        let Remove { key, expected } = question;
        let script = statements.remove.text(key, *expected, now);
        let rows = raw_sql(AssertSqlSafe(script)).fetch_all(connection).await?;
        let Some(row) = rows.first() else {
            return Ok(RemoveOutcome::Absent);
        };
        let record = record_under(key, row, 0)?;
        Ok(match expected {
            Some(expected) if *expected != record.version => RemoveOutcome::Conflict(record),
            _ => RemoveOutcome::Removed(record),
        })
    }
}

impl Answers<List> for MySql {
    async fn answer<'a>(
        connection: &'a mut MySqlConnection,
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
            .bind(created_at)
            .bind(key)
            .bind(question.most())
            .fetch_all(connection)
            .await?;
        let records = rows.iter().map(|found| row::record(found, 0)).collect::<Result<_, _>>()?;
        Ok(cursor::page(records, *limit))
    }
}

/// Reads a record and removes it, in one transaction and one trip: it is text, because only text may hold several statements, and all that is put into
/// it are numbers and the bytes of a key.
#[derive(Debug)]
struct RemoveScript {
    records: String,
    epochs: String,
}

impl RemoveScript {
    fn text(&self, key: &RecordKey, expected: Option<Version>, now: Timestamp) -> String {
        let Self { records, epochs } = self;
        let (columns, now) = (row::columns_of("r"), millis(now));
        let number = space_number(key.space());
        let which = format!(
            "FROM {records} AS r WHERE r.record_key = {} AND r.expires_at > {now} AND (r.owner IS NULL OR r.epoch = \
             coalesce((SELECT e.epoch FROM {epochs} AS e WHERE e.owner = r.owner AND e.space = {number}), 0))",
            hex(&key_bytes(key))
        );
        let in_version =
            expected.map(|version| format!(" AND r.version = {}", bits(version))).unwrap_or_default();
        format!(
            "START TRANSACTION; SELECT {columns} {which} FOR UPDATE; DELETE r {which}{in_version}; COMMIT"
        )
    }
}

/// Raises epochs and removes what they end, in the same way.
#[derive(Debug)]
struct RemoveAllScript {
    records: String,
    epochs: String,
}

impl RemoveAllScript {
    fn text(&self, owner: &Owner, spaces: &[Space], now: Timestamp) -> String {
        let Self { records, epochs } = self;
        let (owner, now) = (hex(owner.bytes()), millis(now));
        let of_each = spaces.iter().copied().map(space_number).map(|number| {
            let whose = format!("owner = {owner} AND ord(record_key) = {number}");
            let epoch =
                format!("(SELECT e.epoch FROM {epochs} AS e WHERE e.owner = {owner} AND e.space = {number})");
            format!(
                "INSERT INTO {epochs} (owner, space, epoch) VALUES ({owner}, {number}, 1) \
                   ON DUPLICATE KEY UPDATE epoch = epoch + 1; \
                 SELECT {number}, {epoch}, (SELECT count(*) FROM {records} \
                   WHERE {whose} AND expires_at > {now} AND epoch = {epoch} - 1); \
                 DELETE FROM {records} WHERE {whose} LIMIT {MOST_REMOVED_AT_ONCE}; "
            )
        });
        format!("START TRANSACTION; {}COMMIT", of_each.collect::<String>())
    }
}

/// Bytes as they stand in a statement.
fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    format!("x'{digits}'")
}

impl Answers<RemoveAll> for MySql {
    async fn answer<'a>(
        connection: &'a mut MySqlConnection,
        statements: &'a Statements,
        question: &'a RemoveAll,
        now: Timestamp,
    ) -> Result<RemoveAllOutcome, Failure> {
        let script = statements.remove_all.text(&question.owner, &question.spaces, now);
        let mut answers = raw_sql(AssertSqlSafe(script)).fetch_many(connection);
        let mut outcome = RemoveAllOutcome::new(Vec::new(), 0);
        while let Some(answer) = answers.try_next().await? {
            if let Some(row) = answer.right() {
                let space = row::parse_space(row.try_get(0)?)?;
                outcome.epochs.push((space, row::epoch(row.try_get(1)?)));
                outcome.removed += row.try_get::<i64, _>(2)?.cast_unsigned();
            }
        }
        Ok(outcome)
    }
}

impl Answers<Sweep> for MySql {
    async fn answer<'a>(
        connection: &'a mut MySqlConnection,
        statements: &'a Statements,
        question: &'a Sweep,
        now: Timestamp,
    ) -> Result<Swept, Failure> {
        let gone = query(AssertSqlSafe(Arc::clone(&statements.sweep)))
            .bind(hour(now))
            .bind(millis(now))
            .bind(question.most())
            .execute(connection)
            .await?;
        Ok(question.swept(gone.rows_affected()))
    }
}

impl Answers<Claim> for MySql {
    async fn answer<'a>(
        connection: &'a mut MySqlConnection,
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

impl Answers<Check> for MySql {
    async fn answer<'a>(
        connection: &'a mut MySqlConnection,
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
fn hour(time: Timestamp) -> i64 {
    millis(time) / 3_600_000
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stays_on_this_machine_goes_without_tls() {
        for url in [
            "mysql://app@localhost/shop",
            "mariadb://app@127.0.0.1/shop",
            "mysql://app@db.example/shop?socket=/run/mysqld/mysqld.sock",
            "mysql://app@db.example/shop?ssl-mode=disabled",
        ] {
            assert!(matches!(MySql::parse(url).unwrap().0.get_ssl_mode(), MySqlSslMode::Disabled), "{url}");
        }
        match MySql::parse("mysql://app@db.example/shop").map(|(options, _)| options.get_ssl_mode()) {
            Ok(mode) => assert!(cfg!(feature = "tls") && matches!(mode, MySqlSslMode::VerifyIdentity)),
            Err(error) => assert!(!cfg!(feature = "tls") && error == ConfigError::NoTls),
        }
    }

    #[test]
    fn what_says_something_else_is_refused() {
        for (url, expected) in [
            ("postgres://localhost/shop", ConfigError::Url),
            ("mysql://localhost/shop?ssl-mode=never", ConfigError::SslMode),
            ("mysql://localhost/shop?charset=utf8", ConfigError::Parameter("charset".to_owned())),
        ] {
            assert_eq!(MySql::parse(url).map(|_| ()), Err(expected), "{url}");
        }
    }

    #[test]
    fn what_is_put_into_a_script_is_digits() {
        assert_eq!(hex(&[0, 0x1f, 0xff]), "x'001fff'");
    }
}
