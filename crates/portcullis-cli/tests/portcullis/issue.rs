use serde_json::Value;

use crate::{
    folder::Folder,
    ran::{portcullis, run},
};

const TO: &str = "--issuer https://id.example --audience https://api.example --subject ada";

fn key(folder: &Folder) -> String {
    folder.file("key", run("key generate --alg EdDSA", "").fine())
}

fn claims(token: &str) -> Value {
    run("token inspect --json", token).json()["claims"].clone()
}

#[test]
fn a_token_says_what_was_asked_for() {
    let folder = Folder::new();
    let key = key(&folder);
    let token = portcullis(
        &[
            &[
                "token",
                "issue",
                "--keys",
                &key,
                "--scope",
                "read write",
                "--client-id",
                "app",
                "--lifetime",
                "3600",
            ][..],
            &["--claim", "tenant=\"acme\"", "--claim", "limits={\"orders\": 1.50}"],
            &TO.split(' ').collect::<Vec<_>>(),
        ]
        .concat(),
        "",
    )
    .fine();
    assert_eq!(token.lines().count(), 1);
    let claims = claims(&token);
    for (name, value) in [
        ("iss", "\"https://id.example\""),
        ("aud", "\"https://api.example\""),
        ("sub", "\"ada\""),
        ("scope", "\"read write\""),
        ("client_id", "\"app\""),
        ("tenant", "\"acme\""),
        ("limits", "{\"orders\":1.5}"),
    ] {
        assert_eq!(claims[name].to_string(), value, "{name}");
    }
    assert_eq!(claims["exp"].as_u64().unwrap() - claims["iat"].as_u64().unwrap(), 3_600);
    assert!(claims["jti"].is_string());
}

#[test]
fn json_is_the_answer_of_a_token_endpoint() {
    let folder = Folder::new();
    let json = run(&format!("token issue --keys {} {TO} --scope read --json", key(&folder)), "").json();
    assert_eq!((&json["token_type"], &json["scope"]), (&"Bearer".into(), &"read".into()));
    assert!((598..=600).contains(&json["expires_in"].as_u64().unwrap()), "{}", json["expires_in"]);
    assert_eq!(claims(json["access_token"].as_str().unwrap())["sub"], "ada");
}

#[test]
fn what_cannot_be_issued_is_said() {
    let folder = Folder::new();
    let key = key(&folder);
    let public = folder.file("public", run(&format!("key public --key {key}"), "").fine());
    let long = format!("long=\"{}\"", "x".repeat(20_000));
    for (keys, more, word) in [
        (&key, &["--lifetime", "0"][..], "at least 1 s"),
        (&key, &["--lifetime", "86401"], "at most a day"),
        (&key, &["--scope", "a\"b"], "--scope"),
        (&key, &["--claim", "tenant"], "`=`"),
        (&key, &["--claim", "=1"], "no name"),
        (&key, &["--claim", "tenant=acme"], "quotes"),
        (&key, &["--claim", "tenant={\"a\":1,\"a\":2}"], "two members of one name"),
        (&key, &["--claim", "n=1e999"], "beyond"),
        (&key, &["--claim", "exp=1"], "sets by itself"),
        (&key, &["--claim", "a=1", "--claim", "a=2"], "--claim a"),
        (&key, &["--claim", &long], "longer than a token may be"),
        (&key, &["--format", "paseto"], "no key of the file signs such tokens now"),
        (&public, &[], "no key of the file signs such tokens now"),
        (&String::from("/no/such/file"), &[], "cannot be read"),
    ] {
        let arguments =
            [&["token", "issue", "--keys", keys][..], &TO.split(' ').collect::<Vec<_>>(), more].concat();
        let complaint = portcullis(&arguments, "").usage();
        assert!(complaint.contains(word), "{more:?}: {complaint}");
    }
    let complaint = run("token issue --keys - --issuer i --audience a", "").usage();
    assert!(complaint.contains("--subject"), "{complaint}");
}

#[test]
fn the_key_may_come_by_standard_input() {
    let key = run("key generate --alg v4.local", "").fine();
    assert!(run(&format!("token issue --keys - {TO}"), key).fine().starts_with("v4.local."));
}

#[test]
fn a_key_that_has_not_begun_or_has_retired_does_not_sign() {
    let folder = Folder::new();
    let mut jwk: Value = serde_json::from_str(&run("key generate --alg EdDSA", "").fine()).unwrap();
    for (name, at) in [("nbf", 4_000_000_000_u64), ("exp", 1_000_000_000)] {
        jwk[name] = at.into();
        let file = folder.file("keys", serde_json::json!({ "keys": [jwk.clone()] }).to_string());
        let complaint = run(&format!("token issue --keys {file} {TO}"), "").usage();
        assert!(complaint.contains("no key of the file signs such tokens now"), "{name}: {complaint}");
        jwk.as_object_mut().unwrap().remove(name);
    }
}
