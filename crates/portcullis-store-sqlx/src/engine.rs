use portcullis_core::{Profile, StoreError, Timestamp};
use sqlx::Database;

use crate::{
    ConfigError, SqlSettings,
    connections::Options,
    failure::{Failure, Verdict},
    names::Names,
    question::{Check, Claim, Create, Extend, List, Load, Question, Remove, RemoveAll, Replace, Sweep},
};

/// An engine that records can be kept in: [`sqlx::Sqlite`], [`sqlx::Postgres`], [`sqlx::MySql`]. Each is a feature of this crate.
pub trait Engine:
    Answers<Load>
    + Answers<Create>
    + Answers<Replace>
    + Answers<Extend>
    + Answers<Remove>
    + Answers<List>
    + Answers<RemoveAll>
    + Answers<Sweep>
    + Answers<Claim>
    + Answers<Check>
{
}

/// How an engine is spoken to.
pub trait Dialect: Database {
    /// Its statements over tables that have their names.
    type Statements: Send + Sync + 'static;

    /// What names are quoted by.
    const QUOTE: char;

    /// Whether one at a time writes.
    const HAS_ONE_WRITER: bool;

    /// Reads a URL.
    fn parse(url: &str) -> Result<(Options<Self>, SqlSettings), ConfigError>;

    /// What a connection must be made with, whoever chose the rest.
    fn prepare(options: Options<Self>, settings: &SqlSettings) -> Result<Options<Self>, StoreError>;

    /// Its statements over the tables.
    fn statements(names: &Names) -> Self::Statements;

    /// The table that says which steps were taken, made if it is not there.
    fn first(names: &Names) -> String;

    /// The steps by which the tables came to be what they are, the first first. They are never changed and never
    /// taken back: a later step adds, so programs that know only the earlier ones go on.
    fn migrations(names: &Names) -> Vec<String>;

    /// Takes all steps that are missing, one process at a time.
    fn migrate(
        connection: &mut Self::Connection,
        names: &Names,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Readies a new connection; an error if what is at its other end may not be asked.
    fn greet(connection: &mut Self::Connection) -> impl Future<Output = Result<(), Failure>> + Send;

    /// What the engine promises, by what it says of itself.
    fn profile(connection: &mut Self::Connection) -> impl Future<Output = Result<Profile, Failure>> + Send;

    /// What to do about a failure.
    fn verdict(failure: Failure) -> Verdict;
}

/// An engine that knows the answer to a question.
pub trait Answers<Q: Question>: Dialect {
    /// Asks it at the time `now`.
    fn answer<'a>(
        connection: &'a mut Self::Connection,
        statements: &'a Self::Statements,
        question: &'a Q,
        now: Timestamp,
    ) -> impl Future<Output = Result<Q::Answer, Failure>> + Send + 'a;
}

/// A megabyte, as other stores have it.
pub(crate) const LARGEST_PAYLOAD_BYTES: usize = 1 << 20;

/// So many records of an owner go at once. The others have ended too, and are swept when they expire.
pub(crate) const MOST_REMOVED_AT_ONCE: usize = 1_000;
