use portcullis::{identity::CredentialKind, store::Timestamp};
use serde::Serialize;

use crate::{
    dates::{from_rfc3339, from_seconds, in_words, to_rfc3339},
    json::Json,
};

/// What a claim says that is a time.
#[derive(Debug, Eq, PartialEq, Serialize)]
pub(super) struct Time {
    /// As RFC 3339 has it.
    at: String,
    /// How it lies to now.
    words: String,
}

impl Time {
    /// What the claim `name` means at `now`, if it is a time of a token of `format`.
    pub(super) fn of(name: &str, value: &Json, format: CredentialKind, now: Timestamp) -> Option<Self> {
        let at = match (format, value) {
            (CredentialKind::Paseto, Json::String(text)) => from_rfc3339(text),
            (CredentialKind::Jwt, Json::Number(number)) => from_seconds(number),
            _ => None,
        }?;
        Some(Self { at: to_rfc3339(at), words: words(name, at, now)? })
    }

    /// How it lies to now.
    pub(super) fn words(self) -> String {
        self.words
    }

    /// Both, as they stand behind the value; a date is not repeated.
    pub(super) fn remark(self, format: CredentialKind) -> String {
        if format == CredentialKind::Paseto { self.words } else { format!("{}, {}", self.at, self.words) }
    }
}

fn words(name: &str, at: Timestamp, now: Timestamp) -> Option<String> {
    let (ago, ahead) = (in_words(now.since(at)), in_words(at.since(now)));
    let is_past = at <= now;
    Some(match name {
        "exp" if is_past => format!("expired {ago} ago"),
        "exp" => format!("expires in {ahead}"),
        "iat" if is_past => format!("issued {ago} ago"),
        "iat" => format!("issued in the future, in {ahead}"),
        "nbf" if is_past => format!("valid since {ago} ago"),
        "nbf" => format!("not yet valid, for another {ahead}"),
        "auth_time" if is_past => format!("logged in {ago} ago"),
        "auth_time" => format!("logged in in the future, in {ahead}"),
        _ => return None,
    })
}
