use portcullis_core::Timestamp;

use super::date::{self, Rounding};
use crate::{identity::CredentialKind, json::Value};

/// Which specification claims are written by.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    Jwt,
    Paseto,
}

impl Form {
    pub(crate) const fn credential(self) -> CredentialKind {
        match self {
            Self::Jwt => CredentialKind::Jwt,
            Self::Paseto => CredentialKind::Paseto,
        }
    }

    /// Whether a token that ends at `end` has ended by `now`.
    ///
    /// [RFC 7519 §4.1.4] refuses it *on* the second, PASETO's validators after it.
    ///
    /// [RFC 7519 §4.1.4]: https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4
    pub(super) fn has_ended(self, end: Timestamp, now: Timestamp) -> bool {
        match self {
            Self::Jwt => now >= end,
            Self::Paseto => now > end,
        }
    }

    pub(super) fn date(self, value: Value<'_>, rounding: Rounding) -> Option<Timestamp> {
        match (self, value) {
            (Self::Jwt, Value::Number(number)) => date::read_numeric_date(number, rounding),
            (Self::Paseto, Value::String(text)) => date::read_date_time(&text.decoded(), rounding),
            _ => None,
        }
    }
}
