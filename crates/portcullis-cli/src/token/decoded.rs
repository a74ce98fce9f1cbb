use std::borrow::Cow;

use portcullis::{
    bearer::{MOST_BYTES, TokenErrorKind},
    identity::CredentialKind,
};

use super::note::Note;
use crate::json::Json;

/// A token taken apart. Nothing in it is proved, and no key was asked.
pub(super) struct Decoded {
    pub(super) format: CredentialKind,
    /// The algorithm as the token names it, or a PASETO's version and purpose. Not fit to be printed as it is.
    pub(super) algorithm: String,
    /// What that is, in words.
    pub(super) meaning: Cow<'static, str>,
    /// Of a JWT.
    pub(super) header: Option<Json>,
    /// Of a PASETO.
    pub(super) footer: Option<Footer>,
    /// The key that it names.
    pub(super) key: Option<String>,
    /// None where it is encrypted.
    pub(super) claims: Option<Claims>,
    /// What is odd.
    pub(super) notes: Vec<Note>,
}

/// What a token claims.
pub(super) struct Claims {
    /// As it was signed.
    pub(super) text: String,
    pub(super) json: Json,
}

/// What stands behind a PASETO: no part of its claims, but signed with them.
pub(super) enum Footer {
    Object(Json),
    Text(String),
    /// It cannot be shown, or must not be.
    Hidden,
}

/// A text is no token.
#[derive(Clone, Debug)]
pub(super) struct Undecodable {
    pub(super) kind: TokenErrorKind,
    pub(super) explanation: Cow<'static, str>,
}

impl Claims {
    /// Reads `bytes`, which have to be a JSON object.
    pub(super) fn read(bytes: Vec<u8>) -> Result<Self, Undecodable> {
        let text = String::from_utf8(bytes).map_err(|_quoting| no_object())?;
        match Json::parse(&text) {
            Some(json @ Json::Object(_)) => Ok(Self { text, json }),
            _ => Err(no_object()),
        }
    }
}

impl Undecodable {
    pub(super) const fn malformed(explanation: &'static str) -> Self {
        Self { kind: TokenErrorKind::Malformed, explanation: Cow::Borrowed(explanation) }
    }

    pub(super) fn too_large() -> Self {
        let explanation = format!("the input is longer than a token may be, which is {MOST_BYTES} bytes");
        Self { kind: TokenErrorKind::TooLarge, explanation: explanation.into() }
    }
}

fn no_object() -> Undecodable {
    let explanation = "the claims are no JSON object, or one with more than 32 objects in one another";
    Undecodable { kind: TokenErrorKind::Claims, explanation: Cow::Borrowed(explanation) }
}
