use std::borrow::Cow;

use portcullis::{bearer::TokenErrorKind, identity::CredentialKind};

use super::{
    base64url::Spelled,
    decoded::{Claims, Decoded, Footer, Undecodable},
    note::Note,
};
use crate::json::Json;

/// Takes a PASETO apart: version, purpose, payload and footer.
pub(super) fn decode(token: &str) -> Result<Decoded, Undecodable> {
    let mut parts = token.splitn(5, '.');
    let (Some(version), Some(purpose), Some(body), footer, None) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Undecodable::malformed("a PASETO has three or four parts with dots between"));
    };
    let mut notes = Vec::new();
    let (meaning, sealing) = kind(version, purpose, &mut notes)?;
    let part =
        |text| Spelled::decode(text).ok_or(Undecodable::malformed("a part of the token is no base64url"));
    let (body, footer_bytes) = (part(body)?, part(footer.unwrap_or_default())?);
    if footer == Some("") || !body.is_canonical || !footer_bytes.is_canonical {
        notes.push(Note::new("malformed", SPELLING));
    }
    let claims = match sealing {
        Sealing::Encrypted | Sealing::Unknown => None,
        Sealing::Signed(signature) => {
            let mut payload = body.bytes;
            let Some(length) = payload.len().checked_sub(signature) else {
                return Err(Undecodable::malformed("the token is shorter than its signature"));
            };
            payload.truncate(length);
            Some(Claims::read(payload)?)
        }
    };
    let footer = read_footer(footer_bytes.bytes, &mut notes);
    let key = match &footer {
        Some(Footer::Object(footer)) => footer.member("kid").and_then(Json::text).map(String::from),
        _ => None,
    };
    let algorithm = format!("{version}.{purpose}");
    Ok(Decoded {
        format: CredentialKind::Paseto,
        algorithm,
        meaning,
        header: None,
        footer,
        key,
        claims,
        notes,
    })
}

/// What is done to a payload.
enum Sealing {
    Encrypted,
    /// The signature is the last so many bytes.
    Signed(usize),
    /// It is of a version that nobody here reads.
    Unknown,
}

/// What a version and a purpose are; refused is what is none.
fn kind(
    version: &str,
    purpose: &str,
    notes: &mut Vec<Note>,
) -> Result<(Cow<'static, str>, Sealing), Undecodable> {
    let (meaning, sealing) = match (version, purpose) {
        ("v4", "local") => ("encrypted with XChaCha20 and BLAKE2b, a shared key", Sealing::Encrypted),
        ("v4", "public") => ("signed with Ed25519", Sealing::Signed(64)),
        ("v3", "public") => ("signed with ECDSA on P-384 with SHA-384", Sealing::Signed(96)),
        ("v1" | "v2" | "v3", "local") => {
            ("encrypted, of a version that is not accepted here", Sealing::Encrypted)
        }
        ("v1", "public") => ("signed, of a version that is not accepted here", Sealing::Signed(256)),
        ("v2", "public") => ("signed, of a version that is not accepted here", Sealing::Signed(64)),
        (version, "local" | "public") if version.as_bytes().get(1).is_some_and(u8::is_ascii_digit) => {
            ("of a version that is not known here", Sealing::Unknown)
        }
        _ => {
            return Err(Undecodable::malformed(
                "a PASETO begins with its version and purpose, like `v4.public.`",
            ));
        }
    };
    if !matches!((version, purpose), ("v4", "local" | "public") | ("v3", "public")) {
        let note = "only v4.local, v4.public and v3.public are accepted here";
        notes.push(Note::new(TokenErrorKind::Algorithm.name(), note));
    }
    Ok((meaning.into(), sealing))
}

fn read_footer(bytes: Vec<u8>, notes: &mut Vec<Note>) -> Option<Footer> {
    if bytes.is_empty() {
        return None;
    }
    if bytes.len() > MOST_FOOTER_BYTES {
        notes.push(Note::new("malformed", "its footer is longer than 1 KiB"));
    }
    let Ok(text) = String::from_utf8(bytes) else {
        return Some(Footer::Hidden);
    };
    let json = Json::parse(&text);
    let decoded = json.as_ref().and_then(|json| serde_json::to_string(json).ok());
    if [Some(&text), decoded.as_ref()].into_iter().flatten().any(|text| holds_secret(text)) {
        let note = "its footer holds a secret key, which is not shown: whoever saw the token has it, so put another in its place";
        notes.push(Note::new("malformed", note));
        return Some(Footer::Hidden);
    }
    Some(match json {
        Some(json @ Json::Object(_)) => {
            about_object(&json, notes);
            Footer::Object(json)
        }
        _ => {
            if text.trim_start().starts_with('{') {
                notes.push(Note::new("malformed", "its footer begins as a JSON object and is none"));
            }
            Footer::Text(text)
        }
    })
}

fn about_object(footer: &Json, notes: &mut Vec<Note>) {
    if footer.repeated().is_some() {
        notes.push(Note::new("malformed", "its footer has two members of one name"));
    }
    if footer.members().iter().any(|(_, value)| matches!(value, Json::Object(_) | Json::Array(_))) {
        notes.push(Note::new("malformed", "its footer has objects or arrays in it"));
    }
    if footer.member("wpk").is_some() {
        notes.push(Note::new("embedded_key", "its footer brings a key along (`wpk`), which is never used"));
    }
}

/// Whether there is a PASERK in `text` with which one could sign or decrypt. What is shown ends in a terminal's history.
fn holds_secret(text: &str) -> bool {
    ["local.", "secret.", "local-pw.", "secret-pw."].into_iter().any(|kind| {
        text.match_indices(kind).any(|(at, _)| {
            matches!(text.as_bytes().get(at.saturating_sub(3)..at), Some([b'k', b'0'..=b'9', b'.']))
        })
    })
}

const MOST_FOOTER_BYTES: usize = 1024;
const SPELLING: &str = "its base64url is not in its one spelling, or there is a dot with nothing behind it, so the same token could \
                        be spelled in two ways";
