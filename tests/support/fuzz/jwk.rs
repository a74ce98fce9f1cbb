use std::error::Error;

use portcullis::{
    jwt::{Algorithm, JwtKey, JwtKeys},
    keyring::{KeyError, KeyState},
};
use serde_json::Value;

use super::keys::NOW;

/// Any bytes as a key, in each of the forms that keys are read from: a JWK or a set of them, PEM, DER, a shared key.
///
/// What is accepted is written and read again as the same key, and nothing that only its owner may have is in what is published of it, shown of it
/// or said of what was refused.
pub fn jwk(bytes: &[u8]) {
    let mut read = vec![JwtKey::hs256(bytes)];
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::Es384, Algorithm::EdDsa] {
        read.push(JwtKey::from_der(bytes, algorithm));
        read.push(JwtKey::from_pem(bytes, algorithm));
    }
    let text = std::str::from_utf8(bytes);
    read.extend(text.map(JwtKey::from_jwk));
    for key in read {
        match key {
            Ok(key) => one(&key),
            Err(error) => says_nothing(&error, bytes),
        }
    }
    for (set, is_public) in text
        .iter()
        .flat_map(|text| [(JwtKeys::from_jwks(text), false), (JwtKeys::from_public_jwks(text), true)])
    {
        match set {
            Ok(keys) => several(&keys, is_public),
            Err(error) => says_nothing(&error, bytes),
        }
    }
}

fn one(key: &JwtKey) {
    let shown = format!("{key:?}");
    if let Some(secret) = key.expose_secret_jwk() {
        let again = JwtKey::from_jwk(&secret).expect("what was written is read");
        assert_eq!(facts(&again), facts(key));
        assert_eq!(again.can_sign(), key.can_sign(), "{shown}");
        assert_eq!(again.expose_secret_jwk().as_ref(), Some(&secret));
        for hidden in secrets(&secret) {
            let published = key.to_public_jwk().unwrap_or_default();
            assert!(!published.contains(&hidden), "{published}");
            // An id is whatever its owner chose.
            assert!(!shown.contains(&hidden) || key.id().as_str().contains(&hidden), "{shown}");
        }
    }
    assert_eq!(key.to_public_jwk().is_some(), key.public().is_some());
    if let Some(public) = key.to_public_jwk() {
        let again = JwtKey::from_jwk(&public).expect("what was published is read");
        assert_eq!(facts(&again), facts(key));
        assert!(!again.can_sign() && again.expose_secret_jwk().is_none(), "{shown}");
        assert_eq!(again.to_public_jwk(), Some(public));
    }
}

fn facts(key: &JwtKey) -> (String, String, Algorithm) {
    (key.id().to_string(), key.thumbprint(), key.algorithm())
}

fn several(keys: &JwtKeys, is_public: bool) {
    let held = keys.keys(NOW);
    held.iter().for_each(|(key, _)| one(key));
    assert!(!is_public || held.iter().all(|(key, _)| key.expose_secret_jwk().is_none()));
    let published = keys.public_jwks(NOW);
    let expected: Vec<_> = held
        .iter()
        .filter(|(key, state)| *state != KeyState::Retired && key.public().is_some())
        .map(|(key, _)| facts(key))
        .collect();
    match JwtKeys::from_public_jwks(&published) {
        Ok(again) => {
            assert_eq!(again.keys(NOW).iter().map(|(key, _)| facts(key)).collect::<Vec<_>>(), expected)
        }
        Err(error) => assert!(expected.is_empty(), "{error}: {published}"),
    }
}

/// The members of a JWK, or of those in a set, that only its owner may have.
fn secrets(jwk: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut left = vec![serde_json::from_str::<Value>(jwk).unwrap_or_default()];
    while let Some(value) = left.pop() {
        match value {
            Value::Array(elements) => left.extend(elements),
            Value::Object(members) => {
                for (name, value) in members {
                    match value {
                        Value::String(text) if SECRET.contains(&&*name) => found.push(text),
                        other => left.push(other),
                    }
                }
            }
            _ => {}
        }
    }
    // A shorter one is in any text.
    found.retain(|text| text.len() >= 16);
    found
}

/// Of what was refused nothing is said but the id it gave itself.
fn says_nothing(error: &KeyError, bytes: &[u8]) {
    let id = error.id().map(|id| id.to_string()).unwrap_or_default();
    let mut said = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(cause) = source {
        said = format!("{said} {cause} {cause:?}");
        source = cause.source();
    }
    assert!(said.len() < 600 + 4 * id.len(), "{said}");
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for hidden in secrets(text).iter().map(String::as_str).chain(text.lines().filter(|line| line.len() >= 64))
    {
        assert!(!said.contains(hidden) || id.contains(hidden), "{said}");
    }
}

const SECRET: [&str; 8] = ["k", "d", "p", "q", "dp", "dq", "qi", "oth"];
