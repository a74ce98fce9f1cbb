//! The official vectors, read where they lie.

use std::fs;

use portcullis_core::Secret;
use serde_json::Value;

use super::*;
use crate::{
    base64url,
    keyring::KeyErrorKind,
    paseto::{material::Material, paserk::Names, token::Parts, v4_local},
};

fn vectors(file: &str) -> Vec<Value> {
    let path = format!("../../../shared/vectors/{file}");
    let text = fs::read_to_string(&path).unwrap_or_else(|failed| panic!("no vectors at {path}: {failed}"));
    let mut file: Value = serde_json::from_str(&text).unwrap();
    serde_json::from_value(file["tests"].take()).unwrap()
}

fn text<'a>(vector: &'a Value, name: &str) -> &'a str {
    vector[name].as_str().unwrap_or_else(|| panic!("{}: no `{name}`", vector["name"]))
}

fn bytes(vector: &Value, name: &str) -> Vec<u8> {
    let digits = text(vector, name).as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn is_to_fail(vector: &Value) -> bool {
    vector["expect-fail"].as_bool().unwrap()
}

/// The keys a vector has, under the id that its footer has.
fn keys(vector: &Value, version: u8) -> Vec<PasetoKey> {
    let parts = [("key", "local"), ("secret-key", "secret"), ("public-key", "public")]
        .into_iter()
        .filter(|(name, _)| vector[name].is_string());
    parts
        .map(|(name, kind)| {
            let key =
                PasetoKey::from_paserk(&paserk::encode(&format!("k{version}.{kind}."), &bytes(vector, name)))
                    .unwrap();
            match serde_json::from_str::<Value>(text(vector, "footer")) {
                Ok(footer) => key.with_id(footer["kid"].as_str().unwrap()).unwrap(),
                Err(_free_form) => key,
            }
        })
        .collect()
}

/// What is left of a token after all cryptography, and what the whole verifier makes of it: none of the vectors has an issuer.
fn check_valid(vector: &Value, key: &PasetoKey) {
    let (name, token) = (&vector["name"], text(vector, "token"));
    let assertion = text(vector, "implicit-assertion").as_bytes();
    let mut parts = Parts::parse(token).unwrap();
    assert_eq!(parts.footer, text(vector, "footer").as_bytes(), "{name}");
    assert!(key.open(&mut parts.body, &parts.footer, assertion), "{name}");
    assert_eq!(parts.body, text(vector, "payload").as_bytes(), "{name}");

    let clock = clock();
    let verifier = PasetoVerifier::new(key.clone(), ClaimsPolicy::insecure_without_audience("id"))
        .with_clock(clock.clone());
    let refused = |assertion| verifier.verify_with_assertion(token, assertion).unwrap_err();
    assert_eq!(refused(assertion).kind(), TokenErrorKind::Expired, "{name}");
    // `exp` is the first moment of 2022, and a PASETO is good at it; the leeway comes on top.
    clock.set(Timestamp::from_unix_seconds(1_640_995_200 + 30));
    assert_eq!(refused(assertion).claim(), Some("iss"), "{name}");
    assert_eq!(refused(b"another").kind(), TokenErrorKind::Signature, "{name}");
}

/// The token once more, made by us.
fn check_made(vector: &Value, key: &PasetoKey) {
    let (payload, footer) = (text(vector, "payload").as_bytes(), text(vector, "footer").as_bytes());
    let assertion = text(vector, "implicit-assertion").as_bytes();
    let body = match key.kind() {
        Kind::V4Local => {
            let secret = bytes(vector, "key").try_into().unwrap();
            let nonce = bytes(vector, "nonce").try_into().unwrap();
            v4_local::Key::new(Secret::from_bytes(secret)).seal(&nonce, payload, footer, assertion)
        }
        _ => key.seal(payload, footer, assertion).unwrap(),
    };
    let token = Parts::parse(text(vector, "token")).unwrap();
    assert_eq!(body, token.body, "{}", vector["name"]);
}

#[test]
fn t57_the_official_vectors_of_version_4() {
    let (mut valid, mut invalid) = (0, 0);
    for vector in vectors("paseto/v4.json") {
        for key in keys(&vector, 4) {
            let name = text(&vector, "name");
            if is_to_fail(&vector) {
                let verifier = PasetoVerifier::new(key, ClaimsPolicy::insecure_without_audience("id"));
                let assertion = text(&vector, "implicit-assertion").as_bytes();
                let refused = verifier.verify_with_assertion(text(&vector, "token"), assertion).unwrap_err();
                let expected = match name {
                    "4-F-1" | "4-F-2" | "4-F-3" => TokenErrorKind::Algorithm,
                    // Bits behind the last byte, and padding.
                    _ => TokenErrorKind::Malformed,
                };
                assert_eq!(refused.kind(), expected, "{name}");
            } else {
                check_valid(&vector, &key);
                if key.can_sign() {
                    check_made(&vector, &key);
                }
            }
        }
        *if is_to_fail(&vector) { &mut invalid } else { &mut valid } += 1;
    }
    println!("PASETO v4: {valid} valid, {invalid} invalid");
    assert_eq!((valid, invalid), (12, 5));
}

/// `v3.local` is not offered: its vectors have to be refused, like those that are to fail.
#[test]
fn t57_the_official_vectors_of_version_3() {
    let (mut valid, mut refused) = (0, 0);
    let shared = key(Kind::V4Local);
    for vector in vectors("paseto/v3.json") {
        let (name, token) = (text(&vector, "name"), text(&vector, "token"));
        if vector["public-key"].is_string() && !is_to_fail(&vector) {
            if PasetoKey::generate(Kind::V3Public).is_ok() {
                keys(&vector, 3).iter().for_each(|key| check_valid(&vector, key));
                valid += 1;
            }
            continue;
        }
        let others = if vector["public-key"].is_string() && kinds().contains(&Kind::V3Public) {
            keys(&vector, 3)
        } else {
            vec![shared.clone().with_id("zVhMiPBP9fRf2snEcT7gFTioeA9COcNy9DfgL1W60haN").unwrap()]
        };
        for key in others {
            let kind = refusal(&verifier(key), token);
            let is_before_claims = matches!(
                kind,
                TokenErrorKind::Algorithm | TokenErrorKind::Signature | TokenErrorKind::Malformed
            );
            assert!(is_before_claims, "{name}: {kind:?}");
        }
        refused += 1;
    }
    println!(
        "PASETO v3: {valid} of public valid, {refused} refused (9 of them v3.local, which is not offered)"
    );
    assert_eq!((valid, refused), (if kinds().contains(&Kind::V3Public) { 3 } else { 0 }, 14));
}

#[test]
fn t65_the_official_vectors_of_paserk() {
    let mut count = 0;
    for kind in ["local", "secret", "public", "lid", "sid", "pid"] {
        for vector in vectors(&format!("paserk/k4.{kind}.json")) {
            let name = text(&vector, "name");
            match (is_to_fail(&vector), kind) {
                (true, "local") => {
                    PasetoKey::from_paserk(text(&vector, "paserk")).expect_err(name);
                }
                (true, _) => {
                    let prefix = match kind {
                        "lid" => "k4.local.",
                        "secret" | "sid" => "k4.secret.",
                        _ => "k4.public.",
                    };
                    let key = paserk::encode(prefix, &bytes(&vector, "key"));
                    let refused = PasetoKey::from_paserk(&key).expect_err(name);
                    assert_eq!(refused.kind(), KeyErrorKind::Malformed, "{name}");
                }
                (false, _) => check_paserk(&vector, kind),
            }
            count += 1;
        }
    }
    println!("PASERK k4: {count}");
    assert_eq!(count, 27);
}

fn check_paserk(vector: &Value, kind: &str) {
    let (name, expected, raw) = (text(vector, "name"), text(vector, "paserk"), bytes(vector, "key"));
    match kind {
        "local" | "secret" => {
            let key = PasetoKey::from_paserk(expected).expect(name);
            assert_eq!(key.expose_secret_paserk().as_deref(), Some(expected), "{name}");
            assert_eq!(paserk::encode(&format!("k4.{kind}."), &raw), expected, "{name}");
        }
        "lid" => {
            let key = PasetoKey::from_paserk(&paserk::encode("k4.local.", &raw)).expect(name);
            assert_eq!(key.id().as_str(), expected, "{name}");
            assert_eq!(key.sid(), None, "{name}");
        }
        "sid" => {
            let key = PasetoKey::from_paserk(&paserk::encode("k4.secret.", &raw)).expect(name);
            assert_eq!(key.sid().unwrap().as_str(), expected, "{name}");
            assert_eq!(key.id(), key.public().unwrap().id(), "{name}");
        }
        // These are any bytes, and some are no keys to us: see `no_weak_point_is_a_key`. The text is what it should be all the same.
        "public" => {
            assert_eq!(paserk::encode("k4.public.", &raw), expected, "{name}");
            let read = PasetoKey::from_paserk(expected);
            match read {
                Ok(key) => assert_eq!(key.to_public_paserk().as_deref(), Some(expected), "{name}"),
                Err(refused) => {
                    assert!(matches!(refused.kind(), KeyErrorKind::Weak | KeyErrorKind::Malformed), "{name}")
                }
            }
        }
        _ => {
            let public = paserk::encode("k4.public.", &raw);
            let id = paserk::id(Kind::V4Public, Names::of(Kind::V4Public).verifying_id, &public);
            assert_eq!(id.as_str(), expected, "{name}");
        }
    }
}

/// Of the vectors' public keys one is a point of small order.
#[test]
fn no_weak_point_is_a_key() {
    let zeroes = base64url::encode([0; 32]);
    let refused = Material::from_paserk(&format!("k4.public.{zeroes}")).unwrap_err();
    assert_eq!(refused.kind(), KeyErrorKind::Weak);
}
