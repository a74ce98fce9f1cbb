use std::sync::Arc;

use portcullis_core::{
    CreateOutcome, Effect, ExtendOutcome, Linearizability, Listing, Profile, Record, RemoveAllOutcome,
    RemoveOutcome, ReplaceOutcome, StoreError, Timestamp,
};
use sqlx::{
    AssertSqlSafe, Connection, PgConnection, Postgres, Row,
    postgres::{PgConnectOptions, PgRow, PgSslMode},
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

impl Engine for Postgres {}

/// PostgreSQL's statements, each one trip and a transaction of its own.
///
/// A statement sees what was committed when it began, and waits for whoever holds its row. Where the row that it then finds is not the one that it
/// saw, it has done nothing and is asked again.
#[derive(Debug)]
pub struct Statements {
    load: Arc<str>,
    create: Arc<str>,
    replace: Arc<str>,
    extend: Arc<str>,
    remove: Arc<str>,
    list: Arc<str>,
    remove_all: Arc<str>,
    sweep: Arc<str>,
    claim: Arc<str>,
    check: Arc<str>,
}

impl Dialect for Postgres {
    type Statements = Statements;

    const QUOTE: char = '"';
    const HAS_ONE_WRITER: bool = false;

    fn parse(url: &str) -> Result<(PgConnectOptions, SqlSettings), ConfigError> {
        let url = Url::parse(url)?;
        let settings = url.settings.clone();
        let (mut secret, mut mode) = (None, None);
        let server = url.server(&["postgres", "postgresql"], |name, value| {
            match name {
                "password_file" => secret = Some(password(value)?),
                "sslmode" => mode = Some(value.to_owned()),
                "sslrootcert" | "sslcert" | "sslkey" | "application_name" | "host" | "options" => {
                    return Ok(true);
                }
                _ => return Err(ConfigError::Parameter(name.to_owned())),
            }
            Ok(false)
        })?;
        let mut options: PgConnectOptions = server.parse().map_err(|_unrepeated| ConfigError::Url)?;
        if let Some(secret) = secret {
            options = options.password(&secret);
        }
        options = match mode {
            Some(mode) => options.ssl_mode(mode.parse().map_err(|_unrepeated| ConfigError::SslMode)?),
            None if url.is_of_this_machine() => options.ssl_mode(PgSslMode::Disable),
            None => options.ssl_mode(PgSslMode::VerifyFull),
        };
        let is_plain = matches!(options.get_ssl_mode(), PgSslMode::Disable);
        if is_plain || cfg!(feature = "tls") { Ok((options, settings)) } else { Err(ConfigError::NoTls) }
    }

    fn prepare(options: PgConnectOptions, _: &SqlSettings) -> Result<PgConnectOptions, StoreError> {
        Ok(options)
    }

    fn statements(names: &Names) -> Statements {
        let (records, epochs) = (names.records('"'), names.epochs('"'));
        let (upkeep, migrations) = (names.upkeep('"'), names.migrations('"'));
        let columns = row::columns_of("r");
        // What an owner has raised since ends a record, whether or not it is deleted yet.
        let is_of_its_epoch = |space: &str| {
            format!(
                "(r.owner IS NULL OR r.epoch = coalesce((SELECT e.epoch FROM {epochs} AS e \
                 WHERE e.owner = r.owner AND e.space = {space}), 0))"
            )
        };
        Statements {
            load: format!(
                "SELECT {columns} FROM {records} AS r WHERE r.record_key = $1 AND r.expires_at > $2 AND {}",
                is_of_its_epoch("$3")
            )
            .into(),
            create: format!(
                "WITH current AS (SELECT coalesce((SELECT e.epoch FROM {epochs} AS e WHERE e.owner = $5 AND e.space = $7), 0) AS epoch), \
                 made AS (INSERT INTO {records} AS r (record_key, version, expires_at, created_at, owner, epoch, payload) \
                   SELECT $1, $2, $3, $4, $5, current.epoch, $6 FROM current \
                   WHERE $5 IS NULL OR $8::bigint IS NULL OR current.epoch = $8 \
                   ON CONFLICT (record_key) DO UPDATE SET version = excluded.version, expires_at = excluded.expires_at, \
                     created_at = excluded.created_at, owner = excluded.owner, epoch = excluded.epoch, payload = excluded.payload \
                   WHERE r.expires_at <= $4 OR NOT {} \
                   RETURNING 1) \
                 SELECT (SELECT count(*) FROM made), current.epoch FROM current",
                is_of_its_epoch("$7")
            )
            .into(),
            replace: format!(
                "WITH done AS (UPDATE {records} AS r SET version = $2, expires_at = $3, payload = $4 \
                   WHERE r.record_key = $1 AND r.version = $5 AND r.expires_at > $6 AND {live} RETURNING 1) \
                 SELECT done.number, {columns} FROM (SELECT count(*) AS number FROM done) AS done \
                 LEFT JOIN {records} AS r ON done.number = 0 AND r.record_key = $1 AND r.expires_at > $6 AND {live}",
                live = is_of_its_epoch("$7")
            )
            .into(),
            extend: format!(
                "WITH done AS (UPDATE {records} AS r SET expires_at = $2 \
                   WHERE r.record_key = $1 AND r.expires_at > $3 AND r.expires_at < $2 AND {live} RETURNING 1) \
                 SELECT done.number, r.expires_at FROM (SELECT count(*) AS number FROM done) AS done \
                 LEFT JOIN {records} AS r ON done.number = 0 AND r.record_key = $1 AND r.expires_at > $3 AND {live}",
                live = is_of_its_epoch("$4")
            )
            .into(),
            remove: format!(
                "WITH done AS (DELETE FROM {records} AS r WHERE r.record_key = $1 AND r.expires_at > $2 \
                   AND ($4::bigint IS NULL OR r.version = $4) AND {live} RETURNING {columns}) \
                 SELECT true, {done} FROM done UNION ALL \
                 SELECT false, {columns} FROM {records} AS r WHERE NOT EXISTS (SELECT 1 FROM done) \
                   AND r.record_key = $1 AND r.expires_at > $2 AND {live}",
                live = is_of_its_epoch("$3"),
                done = row::columns_of("done")
            )
            .into(),
            list: format!(
                "SELECT {columns} FROM {records} AS r WHERE r.owner = $1 AND r.record_key >= $2 AND r.record_key < $3 \
                 AND r.expires_at > $4 \
                 AND r.epoch = coalesce((SELECT e.epoch FROM {epochs} AS e WHERE e.owner = $1 AND e.space = $5), 0) \
                 AND (r.created_at, r.record_key) > ($6, $7) ORDER BY r.created_at, r.record_key LIMIT $8"
            )
            .into(),
            remove_all: format!(
                "WITH raised AS (INSERT INTO {epochs} AS e (owner, space, epoch) SELECT $1, s.space, 1 \
                   FROM unnest($2::smallint[]) AS s (space) ORDER BY s.space \
                   ON CONFLICT (owner, space) DO UPDATE SET epoch = e.epoch + 1 RETURNING e.space, e.epoch), \
                 ended AS (SELECT r.record_key, r.expires_at > $3 AND {live} AS was_live \
                   FROM {records} AS r WHERE r.owner = $1 AND get_byte(r.record_key, 0) = ANY ($2::smallint[]) \
                   AND (SELECT count(*) FROM raised) > 0), \
                 gone AS (DELETE FROM {records} WHERE record_key IN (SELECT record_key FROM ended LIMIT {MOST_REMOVED_AT_ONCE})) \
                 SELECT raised.space, raised.epoch, (SELECT count(*) FROM ended WHERE was_live) FROM raised",
                live = is_of_its_epoch("get_byte(r.record_key, 0)")
            )
            .into(),
            sweep: format!(
                "WITH due AS (SELECT r.record_key FROM {records} AS r \
                   WHERE r.ctid >= $1::text::tid AND r.ctid < $2::text::tid AND r.expires_at <= $3 \
                   LIMIT $4 FOR UPDATE SKIP LOCKED), \
                 gone AS (DELETE FROM {records} WHERE record_key IN (SELECT record_key FROM due) AND expires_at <= $3 RETURNING 1) \
                 SELECT (SELECT count(*) FROM gone), \
                   pg_relation_size('{records}'::regclass) / current_setting('block_size')::bigint"
            )
            .into(),
            claim: format!("UPDATE {upkeep} SET due_at = $1 WHERE task = 'sweep' AND due_at <= $2").into(),
            check: format!("SELECT max(version) FROM {migrations}").into(),
        }
    }

    fn first(names: &Names) -> String {
        format!(
            "CREATE TABLE IF NOT EXISTS {} (version bigint NOT NULL PRIMARY KEY);\n",
            names.migrations('"')
        )
    }

    fn migrations(names: &Names) -> Vec<String> {
        let (records, epochs, upkeep) = (names.records('"'), names.epochs('"'), names.upkeep('"'));
        let by_owner = names.index("by_owner", '"');
        vec![format!(
            "CREATE TABLE {records} (
                version bigint NOT NULL,
                expires_at bigint NOT NULL,
                created_at bigint NOT NULL,
                epoch bigint NOT NULL,
                record_key bytea NOT NULL PRIMARY KEY,
                owner bytea,
                payload bytea NOT NULL
            ) WITH (fillfactor = 80);
            -- Without an index on it, a later expiry rewrites no index.
            COMMENT ON COLUMN {records}.expires_at IS 'milliseconds since 1970; to be left without an index';
            ALTER TABLE {records} ALTER COLUMN payload SET STORAGE EXTERNAL;
            CREATE INDEX {by_owner} ON {records} (owner, created_at) WHERE owner IS NOT NULL;
            CREATE TABLE {epochs} (
                epoch bigint NOT NULL,
                space smallint NOT NULL,
                owner bytea NOT NULL,
                PRIMARY KEY (owner, space)
            );
            CREATE TABLE {upkeep} (task text NOT NULL PRIMARY KEY, due_at bigint NOT NULL);
            INSERT INTO {upkeep} (task, due_at) VALUES ('sweep', 0);"
        )]
    }

    async fn migrate(connection: &mut PgConnection, names: &Names) -> Result<(), Failure> {
        let mut transaction = connection.begin().await?;
        query("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))")
            .bind(names.lock())
            .fetch_all(&mut *transaction)
            .await?;
        raw_sql(AssertSqlSafe(Self::first(names))).execute(&mut *transaction).await?;
        let migrations = names.migrations('"');
        let taken = format!("SELECT coalesce(max(version), 0) FROM {migrations}");
        let taken: i64 = query(AssertSqlSafe(taken)).fetch_one(&mut *transaction).await?.try_get(0)?;
        for (version, step) in migrate::missing(Self::migrations(names), taken) {
            raw_sql(AssertSqlSafe(step)).execute(&mut *transaction).await?;
            let taken = format!("INSERT INTO {migrations} (version) VALUES ($1)");
            query(AssertSqlSafe(taken)).bind(version).execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// A replica is behind, and a commit that is answered before it is on the disk can be undone.
    async fn greet(connection: &mut PgConnection) -> Result<(), Failure> {
        let said = raw_sql(
            "SELECT pg_is_in_recovery(); \
             SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
        )
        .fetch_all(connection)
        .await?;
        let is_replica: bool = said.first().ok_or(Failure::Again)?.try_get(0)?;
        if is_replica { Err(Failure::Replica) } else { Ok(()) }
    }

    async fn profile(connection: &mut PgConnection) -> Result<Profile, Failure> {
        let said = query(
            "SELECT pg_is_in_recovery(), \
             current_setting('fsync')::bool AND current_setting('synchronous_commit') <> 'off'",
        )
        .fetch_one(connection)
        .await?;
        if said.try_get(0)? {
            return Err(Failure::Replica);
        }
        let mut profile =
            Profile::new(Linearizability::UntilFailover, LARGEST_PAYLOAD_BYTES).with_owner_index();
        profile.survives_restart = said.try_get(1)?;
        Ok(profile)
    }

    fn verdict(failure: Failure) -> Verdict {
        Verdict::of(failure, |code, said| match code {
            "40001" | "40P01" => Verdict::Again,
            // Cancelled, or a lock not to be had.
            "57014" | "55P03" => Verdict::usable(StoreError::timeout(), Effect::NotApplied),
            // A server that has become a replica.
            "25006" => Verdict::broken(StoreError::unavailable(said), Effect::NotApplied),
            _ => match code.get(..2).unwrap_or_default() {
                "53" => Verdict::broken(StoreError::overloaded(), Effect::NotApplied),
                "28" | "3D" | "3F" | "42" => {
                    Verdict::broken(StoreError::misconfigured(said), Effect::NotApplied)
                }
                "57" | "58" | "08" | "XX" => Verdict::broken(StoreError::unavailable(said), Effect::Unknown),
                // A statement that failed has done nothing.
                _ => Verdict::usable(StoreError::unavailable(said), Effect::NotApplied),
            },
        })
    }
}

impl Answers<Load> for Postgres {
    async fn answer<'a>(
        connection: &'a mut PgConnection,
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

impl Answers<Create> for Postgres {
    async fn answer<'a>(
        connection: &'a mut PgConnection,
        statements: &'a Statements,
        question: &'a Create,
        now: Timestamp,
    ) -> Result<CreateOutcome, Failure> {
        let Create { key, draft } = question;
        let row = committed(
            query(AssertSqlSafe(Arc::clone(&statements.create)))
                .bind(&key_bytes(key)[..])
                .bind(bits(draft.version))
                .bind(millis(draft.expires_at))
                .bind(millis(now))
                .bind(draft.owner.as_ref().map(|owner| &owner.bytes()[..]))
                .bind(&draft.payload[..])
                .bind(space_number(key.space()))
                .bind(draft.fence.map(count))
                .fetch_all(connection)
                .await?,
        )?;
        if row.try_get::<i64, _>(0)? > 0 {
            return Ok(CreateOutcome::Created);
        }
        let epoch: i64 = row.try_get(1)?;
        let is_fenced = draft.owner.is_some() && draft.fence.is_some_and(|fence| count(fence) != epoch);
        Ok(if is_fenced { CreateOutcome::Fenced } else { CreateOutcome::Exists })
    }
}

impl Answers<Replace> for Postgres {
    async fn answer<'a>(
        connection: &'a mut PgConnection,
        statements: &'a Statements,
        question: &'a Replace,
        now: Timestamp,
    ) -> Result<ReplaceOutcome, Failure> {
        let Replace { key, expected, draft } = question;
        let row = committed(
            query(AssertSqlSafe(Arc::clone(&statements.replace)))
                .bind(&key_bytes(key)[..])
                .bind(bits(draft.version))
                .bind(millis(draft.expires_at))
                .bind(&draft.payload[..])
                .bind(bits(*expected))
                .bind(millis(now))
                .bind(space_number(key.space()))
                .fetch_all(connection)
                .await?,
        )?;
        if row.try_get::<i64, _>(0)? > 0 {
            return Ok(ReplaceOutcome::Replaced);
        }
        if row.try_get::<Option<i64>, _>(2)?.is_none() {
            return Ok(ReplaceOutcome::Gone);
        }
        let current = record_under(key, &row, 1)?;
        if current.version == *expected { Err(Failure::Again) } else { Ok(ReplaceOutcome::Conflict(current)) }
    }
}

impl Answers<Extend> for Postgres {
    async fn answer<'a>(
        connection: &'a mut PgConnection,
        statements: &'a Statements,
        question: &'a Extend,
        now: Timestamp,
    ) -> Result<ExtendOutcome, Failure> {
        let Extend { key, expires_at } = question;
        let row = committed(
            query(AssertSqlSafe(Arc::clone(&statements.extend)))
                .bind(&key_bytes(key)[..])
                .bind(millis(*expires_at))
                .bind(millis(now))
                .bind(space_number(key.space()))
                .fetch_all(connection)
                .await?,
        )?;
        if row.try_get::<i64, _>(0)? > 0 {
            return Ok(ExtendOutcome::Extended);
        }
        match row.try_get::<Option<i64>, _>(1)? {
            None => Ok(ExtendOutcome::Gone),
            Some(current) if current < millis(*expires_at) => Err(Failure::Again),
            Some(_) => Ok(ExtendOutcome::NotNeeded),
        }
    }
}

impl Answers<Remove> for Postgres {
    async fn answer<'a>(
        connection: &'a mut PgConnection,
        statements: &'a Statements,
        question: &'a Remove,
        now: Timestamp,
    ) -> Result<RemoveOutcome, Failure> {
        let Remove { key, expected } = question;
        let rows = query(AssertSqlSafe(Arc::clone(&statements.remove)))
            .bind(&key_bytes(key)[..])
            .bind(millis(now))
            .bind(space_number(key.space()))
            .bind(expected.map(bits))
            .fetch_all(connection)
            .await?;
        let Some(row) = rows.first() else {
            return Ok(RemoveOutcome::Absent);
        };
        let record = record_under(key, row, 1)?;
        if row.try_get(0)? {
            return Ok(RemoveOutcome::Removed(record));
        }
        match expected {
            Some(expected) if *expected != record.version => Ok(RemoveOutcome::Conflict(record)),
            _ => Err(Failure::Again),
        }
    }
}

impl Answers<List> for Postgres {
    async fn answer<'a>(
        connection: &'a mut PgConnection,
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

impl Answers<RemoveAll> for Postgres {
    async fn answer<'a>(
        connection: &'a mut PgConnection,
        statements: &'a Statements,
        question: &'a RemoveAll,
        now: Timestamp,
    ) -> Result<RemoveAllOutcome, Failure> {
        let spaces: Vec<i16> = question.spaces.iter().copied().map(space_number).collect();
        let rows = query(AssertSqlSafe(Arc::clone(&statements.remove_all)))
            .bind(&question.owner.bytes()[..])
            .bind(spaces)
            .bind(millis(now))
            .fetch_all(connection)
            .await?;
        let mut outcome = RemoveAllOutcome::new(Vec::new(), 0);
        for row in rows {
            let space = row::parse_space(row.try_get::<i16, _>(0)?.into())?;
            outcome.epochs.push((space, row::epoch(row.try_get(1)?)));
            outcome.removed = row.try_get::<i64, _>(2)?.cast_unsigned();
        }
        Ok(outcome)
    }
}

/// By where rows lie, because an index on expiry would be rewritten by each that is moved.
impl Answers<Sweep> for Postgres {
    async fn answer<'a>(
        connection: &'a mut PgConnection,
        statements: &'a Statements,
        question: &'a Sweep,
        now: Timestamp,
    ) -> Result<Swept, Failure> {
        let to = question.from.saturating_add(PAGES).min(u32::MAX.into());
        let row = committed(
            query(AssertSqlSafe(Arc::clone(&statements.sweep)))
                .bind(format!("({},0)", question.from.min(u32::MAX.into())))
                .bind(format!("({to},0)"))
                .bind(millis(now))
                .bind(question.most())
                .fetch_all(connection)
                .await?,
        )?;
        let reclaimed = usize::try_from(row.try_get::<i64, _>(0)?).unwrap_or_default();
        let pages = row.try_get::<i64, _>(1)?.cast_unsigned();
        let next = if reclaimed >= question.budget { question.from } else { to };
        Ok(Swept { reclaimed, next: (next < pages).then_some(next) })
    }
}

impl Answers<Claim> for Postgres {
    async fn answer<'a>(
        connection: &'a mut PgConnection,
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

impl Answers<Check> for Postgres {
    async fn answer<'a>(
        connection: &'a mut PgConnection,
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

/// The one row of an answer. All are read first: a row comes before the commit that makes it true.
fn committed(rows: Vec<PgRow>) -> Result<PgRow, Failure> {
    rows.into_iter().next().ok_or(Failure::Corrupt("a statement that answers one row answered none"))
}

/// Two megabytes are looked through at once.
const PAGES: u64 = 256;

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> PgSslMode {
        Postgres::parse(url).unwrap().0.get_ssl_mode()
    }

    #[test]
    fn only_what_stays_on_this_machine_goes_without_tls() {
        for url in [
            "postgres://app@localhost/shop",
            "postgresql://app@127.0.0.1:5433/shop",
            "postgres://app@[::1]/shop",
            "postgres://app@db.example/shop?host=/run/postgresql",
            "postgres:///shop?host=/run/postgresql",
            "postgres://app@db.example/shop?sslmode=disable",
        ] {
            assert!(matches!(mode(url), PgSslMode::Disable), "{url}");
        }
        let elsewhere =
            Postgres::parse("postgres://app@db.example/shop").map(|(options, _)| options.get_ssl_mode());
        match elsewhere {
            Ok(mode) => assert!(cfg!(feature = "tls") && matches!(mode, PgSslMode::VerifyFull)),
            Err(error) => assert!(!cfg!(feature = "tls") && error == ConfigError::NoTls),
        }
    }

    #[test]
    fn a_url_is_taken_apart_and_what_says_something_else_is_refused() {
        let url =
            "postgres://app:se%40cret@localhost:5433/shop?namespace=n&schema=s&connections=3&migrate=false";
        let (options, settings) = Postgres::parse(url).unwrap();
        assert_eq!(
            (options.get_username(), options.get_port(), options.get_database()),
            ("app", 5433, Some("shop"))
        );
        assert_eq!((settings.connections, settings.migrates), (3, false));
        assert_eq!(settings.names.records('"').to_string(), r#""s"."n_records""#);
        for (url, expected) in [
            ("postgres:shop", ConfigError::Url),
            ("postgres:///shop", ConfigError::Url),
            ("mysql://localhost/shop", ConfigError::Url),
            ("postgres://localhost/shop#x", ConfigError::Url),
            ("postgres://localhost/shop?sslmode=never", ConfigError::SslMode),
            (
                "postgres://localhost/shop?statement_timeout=1",
                ConfigError::Parameter("statement_timeout".to_owned()),
            ),
            ("postgres://localhost/shop?connections=0", ConfigError::Number { parameter: "connections" }),
            ("postgres://localhost/shop?migrate=no", ConfigError::Flag { parameter: "migrate" }),
            ("postgres://localhost/shop?namespace=a.b", ConfigError::Namespace),
            ("postgres://localhost/shop?schema=a%22b", ConfigError::Schema),
            (
                "postgres://localhost/shop?password_file=/nowhere/at/all",
                ConfigError::File { parameter: "password_file", kind: std::io::ErrorKind::NotFound },
            ),
        ] {
            assert_eq!(Postgres::parse(url).map(|_| ()), Err(expected), "{url}");
        }
    }
}
