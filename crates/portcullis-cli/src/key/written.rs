//! Keys as they are written.

use serde_json::{json, value::RawValue};
use zeroize::Zeroizing;

use crate::keyfile::AnyKey;

/// Whether a key stands alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Shape {
    /// A JWK or a PASERK.
    Alone,
    /// `{"keys":[…]}`.
    Set,
}

/// The key with its secret, and a line's end; of a public key there is none.
pub(super) fn secret(key: &AnyKey, shape: Shape) -> Option<Zeroizing<String>> {
    let text = Zeroizing::new(match key {
        AnyKey::Jwt(key) => key.expose_secret_jwk()?,
        AnyKey::Paseto(key) => key.expose_secret_paserk()?,
    });
    Some(written(key, &text, shape))
}

/// The public half, and a line's end; of a shared key there is none.
pub(super) fn public(key: &AnyKey) -> Option<String> {
    let text = match key {
        AnyKey::Jwt(key) => key.to_public_jwk()?,
        AnyKey::Paseto(key) => key.to_public_paserk()?,
    };
    Some(text + "\n")
}

/// What was written as a part of a JSON document: a JWK and a set are objects, and a PASERK is a string.
pub(super) fn in_json(written: &str) -> Result<Box<RawValue>, serde_json::Error> {
    let text = written.trim_end();
    RawValue::from_string(if text.starts_with('{') {
        String::from(text)
    } else {
        serde_json::to_string(text)?
    })
}

fn written(key: &AnyKey, text: &str, shape: Shape) -> Zeroizing<String> {
    let entry = match (key, shape) {
        (_, Shape::Alone) => return Zeroizing::new(format!("{text}\n")),
        (AnyKey::Jwt(_), Shape::Set) => Zeroizing::new(String::from(text)),
        // The id is written too: it may be one that does not follow from the key.
        (AnyKey::Paseto(key), Shape::Set) => {
            Zeroizing::new(format!("{{\"paserk\":\"{text}\",\"kid\":{}}}", json!(key.id().as_str())))
        }
    };
    Zeroizing::new(format!("{{\"keys\":[{}]}}\n", *entry))
}
