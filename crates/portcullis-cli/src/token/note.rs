use std::borrow::Cow;

use portcullis::bearer::TokenError;
use serde::Serialize;

/// Something that is odd about a token, or speaks against it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub(super) struct Note {
    /// A name that stays: that of a [`TokenError`]'s reason, where a verifier would have it.
    reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<String>,
    explanation: Cow<'static, str>,
}

impl Note {
    pub(super) fn new(reason: &'static str, explanation: impl Into<Cow<'static, str>>) -> Self {
        Self { reason, claim: None, explanation: explanation.into() }
    }

    pub(super) fn explanation(&self) -> &str {
        &self.explanation
    }
}

impl From<&TokenError> for Note {
    fn from(error: &TokenError) -> Self {
        Self {
            reason: error.reason(),
            claim: error.claim().map(String::from),
            explanation: error.to_string().into(),
        }
    }
}
