use portcullis_core::{Effect, StoreError};
use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::settings::Address;

/// Why a server did not answer a question, by what there is to do about it.
#[derive(Debug)]
pub(crate) enum Failure {
    /// There is no connection; the question was not sent.
    Disconnected(StoreError),
    /// The connection broke with the question on its way.
    Lost(StoreError),
    /// Another server has the slot: look where. Not applied.
    Moved(StoreError),
    /// Another server has this key of a slot that is on its way there. Not applied.
    Ask(Address),
    /// Some of the keys are here and some on their way elsewhere. Not applied.
    TryAgain,
    /// The server does not know the script. Not applied.
    NoScript,
    /// There is nothing to do but say so.
    Refused(StoreError),
}

impl Failure {
    /// Sorts what the client library calls an error.
    pub(crate) fn of(error: RedisError) -> Self {
        let ErrorKind::Server(kind) = error.kind() else {
            return Self::by_code(error);
        };
        match kind {
            ServerErrorKind::Moved | ServerErrorKind::ReadOnly => Self::Moved(not_applied(error)),
            ServerErrorKind::Ask => {
                match error.redirect_node().and_then(|(address, _slot)| Address::announced(address)) {
                    Some(address) => Self::Ask(address),
                    None => Self::Moved(not_applied(error)),
                }
            }
            ServerErrorKind::TryAgain => Self::TryAgain,
            ServerErrorKind::NoScript => Self::NoScript,
            ServerErrorKind::NoPerm => Self::Refused(StoreError::misconfigured(format!(
                "{error}; what a user needs is {PERMISSIONS}"
            ))),
            ServerErrorKind::BusyLoading | ServerErrorKind::ClusterDown | ServerErrorKind::MasterDown => {
                Self::Refused(not_applied(error))
            }
            _ => Self::by_code(error),
        }
    }

    fn by_code(error: RedisError) -> Self {
        match error.code() {
            _ if is_full(&error) => Self::Refused(StoreError::overloaded()),
            Some("NOAUTH" | "WRONGPASS") => Self::Refused(StoreError::misconfigured(error)),
            Some("BUSY" | "NOREPLICAS" | "MISCONF") => Self::Refused(not_applied(error)),
            _ if error.kind() == ErrorKind::AuthenticationFailed => {
                Self::Refused(StoreError::misconfigured(error))
            }
            _ if error.is_io_error() || error.kind() == ErrorKind::Parse => {
                Self::Lost(StoreError::unavailable(error))
            }
            _ => Self::Refused(StoreError::unavailable(error)),
        }
    }

    /// What a caller is told when nothing more is to be done.
    pub(crate) fn into_error(self) -> StoreError {
        match self {
            Self::Disconnected(error) | Self::Lost(error) | Self::Moved(error) | Self::Refused(error) => {
                error
            }
            Self::Ask(_) | Self::TryAgain => {
                StoreError::unavailable("the keys are on their way to another server")
                    .with_effect(Effect::NotApplied)
            }
            Self::NoScript => {
                StoreError::unavailable("the server forgot a script").with_effect(Effect::NotApplied)
            }
        }
    }
}

/// `OOM`, in older servers within the text of what a script ran into.
fn is_full(error: &RedisError) -> bool {
    error.code() == Some("OOM")
        || error.detail().is_some_and(|detail| detail.contains("OOM command not allowed"))
}

fn not_applied(error: RedisError) -> StoreError {
    StoreError::unavailable(error).with_effect(Effect::NotApplied)
}

const PERMISSIONS: &str = "`~namespace:* +@read +@write +@scripting +ping +wait`, `+info` to be told what the server promises, and \
     in a Cluster `+asking +cluster|nodes`";
