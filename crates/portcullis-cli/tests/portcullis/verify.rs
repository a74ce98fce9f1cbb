use serde_json::{Value, json};

use crate::{
    folder::Folder,
    forge::{ME, jwt},
    ran::run,
};

const TO: &str = "--issuer https://id.example --audience https://api.example";

/// A key in a file, and a token that was issued with it at some time.
fn issued(folder: &Folder, algorithm: &str, more: &str) -> (String, String) {
    let key = folder.file("key", run(&format!("key generate --alg {algorithm}"), "").fine());
    let token = run(&format!("token issue --keys {key} {TO} --subject ada {more}"), "").fine();
    (key, token)
}

fn reason(line: &str, token: &str) -> Value {
    let ran = run(line, token);
    assert_eq!((ran.code, &*ran.err), (1, ""), "{line}: {ran:?}");
    ran.json()["reason"].clone()
}

#[test]
fn the_token_of_the_readme_is_refused_by_any_key_and_the_missing_claim_is_named() {
    let folder = Folder::new();
    for algorithm in ["HS256", "HS512", "ES256", "RS256", "EdDSA", "v4.local", "v4.public", "v3.public"] {
        let key = folder.file("key", run(&format!("key generate --alg {algorithm}"), "").fine());
        let ran = run(&format!("token verify --keys {key} {TO}"), ME);
        assert_eq!((ran.code, &*ran.err), (1, ""), "{algorithm}: {ran:?}");
        assert!(ran.out.starts_with("refused: "), "{algorithm}: {}", ran.out);
        assert!(
            ran.out.contains("also (unverified): the claim `exp` is missing"),
            "{algorithm}: {}",
            ran.out
        );

        let json = run(&format!("token verify --keys {key} {TO} --json"), ME).json();
        assert_eq!((&json["valid"], &json["also_unverified"]), (&false.into(), &true.into()));
        let first = &json["also"][0];
        assert_eq!((&first["reason"], &first["claim"]), (&"missing_claim".into(), &"exp".into()), "{json}");
    }
    let key = folder.file("key", run("key generate --alg HS256", "").fine());
    let line = format!("token verify --keys {key} {TO} --json");
    assert_eq!(reason(&line, ME), "signature");
}

#[test]
fn a_valid_token_is_shown() {
    let folder = Folder::new();
    let (key, token) = issued(&folder, "ES256", "");
    let shown = run(&format!("token verify --keys {key} {TO}"), &token).fine();
    assert!(shown.starts_with("valid\n") && shown.contains("sub: \"ada\""), "{shown}");
    let json = run(&format!("token verify --keys {key} {TO} --json"), &token).json();
    assert_eq!((&json["valid"], &json["format"]), (&true.into(), &"jwt".into()));
    assert_eq!(json["claims"]["aud"], "https://api.example");
    assert!(json["key_id"].is_string());
    // Another audience beside the right one.
    run(&format!("token verify --keys {key} {TO} --audience other"), &token).fine();
    // The keys by standard input, and the token in a file.
    let (key, path) = (std::fs::read(&key).unwrap(), folder.file("token", &token));
    run(&format!("token verify --keys - --token {path} {TO}"), key).fine();
}

#[test]
fn each_refusal_has_its_reason() {
    let folder = Folder::new();
    for algorithm in ["EdDSA", "v4.public", "v4.local"] {
        let (key, token) = issued(&folder, algorithm, "--lifetime 60");
        let seen = run(&format!("token verify --keys {key} {TO} --json"), &token).json();
        let at = |seconds: i64| {
            let issued = &seen["claims"]["iat"];
            let at = issued.as_str().map_or_else(|| issued.to_string(), String::from);
            match seconds {
                0 => at,
                // Long before, and long after.
                ..0 => String::from("2001-01-01T00:00:00Z"),
                1.. => String::from("2200-01-01T00:00:00Z"),
            }
        };
        for (expected, arguments) in [
            ("audience", String::from("--issuer https://id.example --audience other")),
            ("issuer", String::from("--issuer https://id.example/ --audience https://api.example")),
            ("expired", format!("{TO} --at {}", at(1))),
            ("issued_in_future", format!("{TO} --at {}", at(-1))),
            ("missing_claim", format!("{TO} --at {} --typ at+jwt", at(0))),
        ] {
            let line = format!("token verify --keys {key} --json {arguments}");
            let found = reason(&line, &token);
            // A JWT says its type, and that is looked at first.
            let is_type = expected == "missing_claim" && algorithm == "EdDSA" && found == "type";
            assert!(found == expected || is_type, "{algorithm} {arguments}: {found}");
        }
    }
}

#[test]
fn objections_behind_a_right_signature_are_not_called_unverified() {
    let folder = Folder::new();
    let (key, token) = issued(&folder, "EdDSA", "");
    let line = format!("token verify --keys {key} --issuer other --audience other");
    let ran = run(&line, &token);
    assert!(ran.out.starts_with("refused: issuer\n"), "{}", ran.out);
    assert!(ran.out.contains("`iss` is \"https://id.example\""), "{}", ran.out);
    assert!(ran.out.contains("also: the token is for another audience"), "{}", ran.out);
    let json = run(&format!("{line} --json"), &token).json();
    assert_eq!(json["also_unverified"], false);
    assert_eq!(json["also"].as_array().unwrap().len(), 1, "the reason itself is not repeated: {json}");
    let names: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(names, ["also", "also_unverified", "explanation", "reason", "valid"]);
}

#[test]
fn nothing_is_valid_by_its_own_word() {
    let folder = Folder::new();
    let (key, token) = issued(&folder, "ES256", "");
    let claims = r#"{"iss":"https://id.example","aud":"https://api.example","exp":4000000000}"#;
    let line = format!("token verify --keys {key} {TO} --json");
    assert_eq!(reason(&line, &jwt(r#"{"alg":"none"}"#, claims)), "algorithm");
    assert_eq!(reason(&line, &jwt(r#"{"alg":"HS256"}"#, claims)), "algorithm");
    assert_eq!(reason(&line, &jwt(r#"{"alg":"ES256","crit":["x"]}"#, claims)), "critical");
    assert_eq!(reason(&line, &jwt(r#"{"alg":"ES256","typ":"dpop+jwt"}"#, claims)), "type");
    assert_eq!(reason(&line, &jwt(r#"{"alg":"ES256","kid":"nobody's"}"#, claims)), "unknown_key");
    assert_eq!(reason(&line, &token.trim().replacen('.', "=.", 1)), "malformed");
}

#[test]
fn an_audience_is_asked_for_unless_one_says_otherwise() {
    let folder = Folder::new();
    let (key, token) = issued(&folder, "EdDSA", "");
    let complaint = run(&format!("token verify --keys {key} --issuer https://id.example"), &token).usage();
    assert!(complaint.contains("--audience"), "{complaint}");
    run(
        &format!("token verify --keys {key} --issuer https://id.example --insecure-without-audience"),
        &token,
    )
    .fine();
    let complaint =
        run(&format!("token verify --keys {key} {TO} --insecure-without-audience"), &token).usage();
    assert!(complaint.contains("cannot be used with"), "{complaint}");
}

#[test]
fn the_preset_of_rfc_9068_accepts_its_tokens_alone() {
    let folder = Folder::new();
    let (key, token) = issued(&folder, "ES256", "--client-id app");
    assert_eq!(run("token inspect --json", &token).json()["header"]["typ"], "at+jwt");
    run(&format!("token verify --keys {key} {TO} --typ at+jwt"), &token).fine();
    let (key, token) = issued(&folder, "ES256", "");
    assert_eq!(reason(&format!("token verify --keys {key} {TO} --typ at+jwt --json"), &token), "type");
}

#[test]
fn an_implicit_assertion_must_be_the_same() {
    let folder = Folder::new();
    let (key, token) = issued(&folder, "v4.local", "");
    let assertion = folder.file("assertion", "tenant 7");
    let line = format!("token verify --keys {key} {TO} --json --implicit-assertion {assertion}");
    assert_eq!(reason(&line, &token), "signature");
    let empty = folder.file("empty", "");
    run(&format!("token verify --keys {key} {TO} --implicit-assertion {empty}"), &token).fine();
}

#[test]
fn one_file_may_hold_the_keys_of_both_formats() {
    let folder = Folder::new();
    let jwk = run("key generate --alg ES256", "").fine();
    let paserk = run("key generate --alg v4.public", "").fine();
    let set = json!({ "keys": [serde_json::from_str::<Value>(&jwk).unwrap(), { "paserk": paserk.trim() }] });
    let file = folder.file("keys.json", set.to_string());
    let complaint = run(&format!("token issue --keys {file} {TO} --subject ada"), "").usage();
    assert!(complaint.contains("--format"), "{complaint}");
    for (format, beginning) in [("jwt", "eyJ"), ("paseto", "v4.public.")] {
        let token =
            run(&format!("token issue --keys {file} {TO} --subject ada --format {format}"), "").fine();
        assert!(token.starts_with(beginning), "{format}");
        let valid = run(&format!("token verify --keys {file} {TO}"), token);
        assert_eq!((valid.code, &*valid.err), (0, ""), "{format}: {valid:?}");
    }
    // A key that cannot be used is passed over, and said.
    let set = json!({ "keys": [serde_json::from_str::<Value>(&jwk).unwrap(), { "kty": "LATER" }] });
    let file = folder.file("keys.json", set.to_string());
    let ran = run(&format!("token issue --keys {file} {TO} --subject ada"), "");
    assert!(ran.err.contains("the key at place 2") && ran.err.contains("passed over"), "{ran:?}");
    ran.fine();
}

#[test]
fn what_cannot_be_decided_is_no_refusal() {
    let folder = Folder::new();
    let (key, token) = issued(&folder, "EdDSA", "");
    for (line, word) in [
        (format!("token verify {TO}"), "--keys"),
        (format!("token verify --keys {key} --audience a"), "--issuer"),
        (format!("token verify --keys - {TO}"), "both"),
        (format!("token verify --keys {} {TO}", folder.path("none")), "cannot be read"),
        (format!("token verify --keys {} {TO}", folder.file("bad", "bad")), "no key"),
        (format!("token verify --keys {key} {TO} --leeway 301"), "at most 300"),
        (format!("token verify --keys {key} {TO} --leeway x"), "leeway"),
        (format!("token verify --keys {key} {TO} --at tomorrow"), "2026-01-02T03:04:05Z"),
        (format!("token verify --keys {key} {TO} --typ JWT"), "at+jwt"),
        // Of a JWT it would be passed over in silence.
        (format!("token verify --keys {key} {TO} --implicit-assertion {key}"), "PASETO's"),
    ] {
        let complaint = run(&line, &token).usage();
        assert!(complaint.contains(word), "{line}: {complaint}");
    }
}
