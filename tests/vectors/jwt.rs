//! JWS and JWK: Wycheproof, RFC 7519, RFC 7520, RFC 7797, RFC 8037.

use std::{collections::BTreeMap, time::Duration};

use portcullis::{
    bearer::{TokenErrorKind, Verification, VerifyToken},
    claims::ClaimsPolicy,
    jwt::{JwtKey, JwtKeys, JwtVerifier},
    keyring::KeyErrorKind,
    store::Timestamp,
};
use portcullis_testkit::TestClock;
use serde_json::Value;

use super::files;

#[test]
fn wycheproof_signatures() {
    let file = files::read("wycheproof/json_web_signature_test.json");
    let mut all = array(&file["testGroups"]).iter().flat_map(|group| array(&group["tests"]));
    let twin = all.find(|case| case["tcId"] == 357).map(|case| text(&case["jws"])).unwrap();
    let (mut counts, mut cases) = (BTreeMap::<&str, usize>::new(), 0);
    for group in array(&file["testGroups"]) {
        let jwk = group.get("public").unwrap_or(&group["private"]).to_string();
        let key = JwtKey::from_jwk(&jwk);
        for case in array(&group["tests"]) {
            let (id, comment) = (case["tcId"].as_u64().unwrap(), text(&case["comment"]));
            let token = case["jws"].as_str().map_or_else(|| case["jws"].to_string(), str::to_owned);
            let outcome = match &key {
                Ok(key) => Outcome::Token(refusal(key.clone(), &token)),
                Err(error) => Outcome::Key(error.kind()),
            };
            if MISLABELLED.contains(&id) {
                assert_eq!(token, twin, "{id} {comment}: not the token of case 357 any more");
                *counts.entry("mislabelled").or_default() += 1;
                cases += 1;
                continue;
            }
            let is_proved = outcome == Outcome::Token(TokenErrorKind::Claims);
            let expected = match text(&case["result"]) {
                // Bytes that are no claims: whoever gets so far has proved the signature.
                "valid" => EXCEPTIONS.iter().find(|row| row.ids.contains(&id)).map_or("proved", |row| {
                    assert_eq!(outcome, row.outcome, "{id} {comment}: {}", row.why);
                    row.why
                }),
                "invalid" => "refused",
                other => panic!("a result that is not known here: {other}"),
            };
            assert_eq!(is_proved, expected == "proved", "{id} {comment}: {outcome:?}");
            *counts.entry(expected).or_default() += 1;
            cases += 1;
        }
    }
    println!("Wycheproof, {cases} signatures: {counts:?}");
    assert_eq!((cases, counts["refused"], counts["proved"]), (401, 355 - MISLABELLED.len(), 34));
    assert_eq!(EXCEPTIONS.iter().map(|row| row.ids.len()).sum::<usize>(), 46 - 34);
}

#[test]
fn wycheproof_keys_with_another_algorithm_in_the_token_prove_it_once_they_are_for_it() {
    let file = files::read("wycheproof/json_web_signature_test.json");
    let mut count = 0;
    for group in array(&file["testGroups"]) {
        for case in array(&group["tests"]) {
            if [346, 350].contains(&case["tcId"].as_u64().unwrap()) {
                let jwk = group["public"].to_string().replace("PS256", "PS384");
                let key = JwtKey::from_jwk(&jwk).unwrap();
                assert_eq!(refusal(key, text(&case["jws"])), TokenErrorKind::Claims);
                count += 1;
            }
        }
    }
    assert_eq!(count, 2);
}

#[test]
fn rfc_7519_the_first_jwt_of_all() {
    let file = files::read("rfc/rfc7519-3.1.json");
    let key = JwtKey::from_jwk(&file["key_jwk"].to_string()).unwrap();
    let policy = ClaimsPolicy::insecure_without_audience("joe").with_leeway(Duration::ZERO).unwrap();
    let clock = TestClock::new();
    let verifier = JwtVerifier::new(key, policy).with_clock(clock.clone());
    let end = file["exp"].as_u64().unwrap();
    clock.set(Timestamp::from_unix_seconds(end - 1));
    let token = verify(&verifier, text(&file["token"])).unwrap();
    assert!(token.claims_json().contains("is_root"));
    // T46: on that second it is over.
    clock.set(Timestamp::from_unix_seconds(end));
    assert_eq!(verify(&verifier, text(&file["token"])).unwrap_err(), TokenErrorKind::Expired);
}

#[test]
fn rfc_7520_and_rfc_8037_signatures() {
    let (mut proved, mut refused) = (0, 0);
    for (name, is_ours) in [
        ("jose/jws/4_1.rsa_v15_signature.json", true),
        ("jose/jws/4_2.rsa-pss_signature.json", true),
        ("jose/jws/4_3.ecdsa_signature.json", false),
        ("jose/jws/4_4.hmac-sha2_integrity_protection.json", true),
        ("jose/jws/4_5.signature_with_detached_content.json", false),
        ("jose/jws/4_6.protecting_specific_header_fields.json", false),
        ("jose/jws/4_7.protecting_content_only.json", false),
        ("jose/jws/4_8.multiple_signatures.json", false),
        ("jose/rfc8037/jws.json", true),
    ] {
        let file = files::read(name);
        for key in keys_of(&file, text_or(&file["input"]["alg"], "")) {
            for (form, output) in file["output"].as_object().unwrap() {
                let token = output.as_str().map_or_else(|| output.to_string(), str::to_owned);
                let kind = refusal(key.clone(), &token);
                if is_ours && form == "compact" {
                    assert_eq!(kind, TokenErrorKind::Claims, "{name}: {form}");
                    proved += 1;
                } else {
                    // JSON serialisations (T14), detached payloads (T13), ES512.
                    assert!(
                        matches!(kind, TokenErrorKind::Malformed | TokenErrorKind::Algorithm),
                        "{name}: {form}: {kind:?}"
                    );
                    refused += 1;
                }
            }
        }
    }
    println!("RFC 7520 and RFC 8037: {proved} proved, {refused} refused");
    assert_eq!(proved, 4);
    assert!(refused >= 12);
}

#[test]
fn rfc_7520_keys() {
    let read = |name: &str| JwtKey::from_jwk(&files::read(&format!("jose/jwk/{name}")).to_string());
    for p521 in ["3_1.ec_public_key.json", "3_2.ec_private_key.json"] {
        assert_eq!(read(p521).unwrap_err().kind(), KeyErrorKind::Unsupported, "{p521}");
    }
    let (public, private) =
        (read("3_3.rsa_public_key.json").unwrap(), read("3_4.rsa_private_key.json").unwrap());
    assert!(private.can_sign() && !public.can_sign());
    assert_eq!(private.thumbprint(), public.thumbprint());
    assert!(read("3_5.symmetric_key_mac_computation.json").unwrap().can_sign());
    // `alg` is A256GCM.
    assert!(read("3_6.symmetric_key_encryption.json").is_err());
}

#[test]
fn t25_rfc_7797_payloads_that_are_not_encoded() {
    for name in ["jose/rfc7797/4.2.hmac-sha2_b64_false.json", "jose/rfc7797/hmac-sha2_b64_false.json"] {
        let file = files::read(name);
        for key in keys_of(&file, "HS256") {
            for output in file["output"].as_object().unwrap().values() {
                let token = output.as_str().map_or_else(|| output.to_string(), str::to_owned);
                let kind = refusal(key.clone(), &token);
                assert!(
                    matches!(kind, TokenErrorKind::Malformed | TokenErrorKind::Critical),
                    "{name}: {kind:?}"
                );
            }
            // With the payload in the place where a token has it.
            let flat = &file["output"]["json_flat"];
            let (header, signature) = (text(&flat["protected"]), text(&flat["signature"]));
            let raw = format!("{header}.{}.{signature}", text(&file["input"]["payload"]));
            assert_eq!(refusal(key.clone(), &raw), TokenErrorKind::Malformed, "{name}");
            assert_eq!(
                refusal(key, &format!("{header}.JC4wMg.{signature}")),
                TokenErrorKind::Critical,
                "{name}"
            );
        }
    }
}

#[test]
fn rfc_9449_proofs_are_no_access_tokens() {
    let file = files::read("rfc/rfc9449.json");
    let proofs =
        strings(&file).into_iter().filter(|text| text.starts_with("eyJ") && text.split('.').count() == 3);
    let mut count = 0;
    for proof in proofs {
        let jwk = header(&proof)["jwk"].to_string();
        let Ok(key) = JwtKey::from_jwk(&jwk) else { continue };
        assert_eq!(refusal(key, &proof), TokenErrorKind::Type);
        count += 1;
    }
    assert!(count >= 3, "{count} proofs");
}

/// A valid case that is none of ours, and why not.
struct Exception {
    ids: &'static [u64],
    outcome: Outcome,
    why: &'static str,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Outcome {
    Key(KeyErrorKind),
    Token(TokenErrorKind),
}

const EXCEPTIONS: [Exception; 4] = [
    Exception {
        ids: &[347, 351],
        outcome: Outcome::Key(KeyErrorKind::Unsupported),
        why: "ES512 is not known here",
    },
    Exception {
        ids: &[346, 350],
        outcome: Outcome::Token(TokenErrorKind::Algorithm),
        why: "the key is for PS256 and the token says PS384 (T23)",
    },
    Exception {
        ids: &[259, 264, 268, 272, 320, 325],
        outcome: Outcome::Token(TokenErrorKind::Malformed),
        why: "a JWT has claims: no part is empty (T13)",
    },
    Exception {
        ids: &[372, 373],
        outcome: Outcome::Token(TokenErrorKind::Malformed),
        why: "a question mark is not in the alphabet (T13, T16)",
    },
];

/// They are said to have a wrong padding and to be invalid, and are letter for letter the valid case 357.
const MISLABELLED: [u64; 2] = [367, 370];

fn verify(verifier: &JwtVerifier, token: &str) -> Result<portcullis::bearer::VerifiedToken, TokenErrorKind> {
    match verifier.verify(token) {
        Verification::Ready(result) => result.map_err(|error| error.kind()),
        Verification::Pending(_) => panic!("a JWT with keys at hand never waits"),
    }
}

/// Why a token whose payload holds no claims is refused under `key`.
fn refusal(key: JwtKey, token: &str) -> TokenErrorKind {
    let verifier = JwtVerifier::new(JwtKeys::from(key), ClaimsPolicy::insecure_without_audience("nobody"));
    verify(&verifier, token).expect_err("no claims")
}

/// The keys of a file of RFC 7520 that are of use here, for `alg` if they do not say.
fn keys_of(file: &Value, alg: &str) -> Vec<JwtKey> {
    let key = &file["input"]["key"];
    let all = key.as_array().cloned().unwrap_or_else(|| vec![key.clone()]);
    let named = all.into_iter().map(|mut key| {
        if !alg.is_empty() {
            key["alg"] = alg.into();
        }
        key
    });
    // Where none is, any other key refuses the token as well.
    let mut keys: Vec<JwtKey> = named.filter_map(|key| JwtKey::from_jwk(&key.to_string()).ok()).collect();
    if keys.is_empty() {
        keys.push(JwtKey::hs256([7; 32]).unwrap());
    }
    keys
}

fn header(token: &str) -> Value {
    let header = token.split('.').next().unwrap();
    serde_json::from_slice(&base64_simd::URL_SAFE_NO_PAD.decode_to_vec(header).unwrap()).unwrap()
}

/// Every string in `value`, at any depth.
fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(elements) => elements.iter().flat_map(strings).collect(),
        Value::Object(members) => members.values().flat_map(strings).collect(),
        _ => vec![],
    }
}

fn array(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn text_or<'a>(value: &'a Value, otherwise: &'a str) -> &'a str {
    value.as_str().unwrap_or(otherwise)
}
