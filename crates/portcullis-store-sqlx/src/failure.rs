use std::error::Error;

use portcullis_core::{Effect, StoreError, StoreErrorKind};

/// Why a question was not answered.
#[derive(Debug)]
pub enum Failure {
    /// What the driver says.
    Sql(sqlx::Error),
    /// Something is in the table that we did not put there.
    Corrupt(&'static str),
    /// The server follows another one, and is behind it.
    Replica,
    /// The row was changed while it was looked at; nothing was done.
    Again,
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self::Sql(error)
    }
}

/// What is to be done about it.
#[derive(Debug)]
pub enum Verdict {
    /// Ask again: the engine chose this call to give way to another, and undid it.
    Again,
    /// The call has failed.
    Failed {
        /// How.
        error: StoreError,
        /// Whether the connection may be used again.
        is_usable: bool,
    },
}

impl Verdict {
    pub(crate) fn usable(error: StoreError, effect: Effect) -> Self {
        Self::Failed { error: error.with_effect(effect), is_usable: true }
    }

    pub(crate) fn broken(error: StoreError, effect: Effect) -> Self {
        Self::Failed { error: error.with_effect(effect), is_usable: false }
    }

    /// By what the driver says; `by_code` judges what the engine says by its own code.
    pub(crate) fn of(failure: Failure, by_code: impl FnOnce(&str, String) -> Self) -> Self {
        let error = match failure {
            Failure::Again => return Self::Again,
            Failure::Corrupt(what) => return Self::broken(StoreError::corrupt(what), Effect::NotApplied),
            Failure::Replica => {
                let said =
                    "the server is read-only or a replica, which is behind; name the one that is written to";
                return Self::broken(StoreError::unavailable(said), Effect::NotApplied);
            }
            Failure::Sql(error) => error,
        };
        match error {
            sqlx::Error::Database(said) => {
                let code = said.code().unwrap_or_default();
                // Without details: an engine names the row in them.
                by_code(&code, format!("{} ({code})", said.message()))
            }
            sqlx::Error::PoolTimedOut => Self::usable(StoreError::overloaded(), Effect::NotApplied),
            sqlx::Error::PoolClosed => {
                Self::broken(StoreError::unavailable("the pool is closed"), Effect::NotApplied)
            }
            sqlx::Error::Configuration(error) => {
                Self::broken(StoreError::misconfigured(error), Effect::NotApplied)
            }
            sqlx::Error::Tls(error) => {
                Self::broken(StoreError::misconfigured(format!("TLS: {error}")), Effect::NotApplied)
            }
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) | sqlx::Error::ColumnNotFound(_) => {
                Self::broken(StoreError::corrupt(error), Effect::Unknown)
            }
            other => Self::broken(StoreError::unavailable(other), Effect::Unknown),
        }
    }
}

/// The same error for another caller.
pub(crate) fn repeated(error: &StoreError) -> StoreError {
    let source = error.source().map(ToString::to_string).unwrap_or_default();
    let repeated = match error.kind() {
        StoreErrorKind::Timeout => StoreError::timeout(),
        StoreErrorKind::Overloaded => StoreError::overloaded(),
        StoreErrorKind::TooLarge => StoreError::too_large(),
        StoreErrorKind::Unsupported => StoreError::unsupported(),
        StoreErrorKind::Corrupt => StoreError::corrupt(source),
        StoreErrorKind::Misconfigured => StoreError::misconfigured(source),
        _ => StoreError::unavailable(source),
    };
    repeated.with_effect(error.effect())
}
