use crate::{folder::Folder, ran::run};

/// Generate, show the public half, issue, verify and inspect.
fn goes_round(algorithm: &str, format: &str, is_shared: bool) {
    let folder = Folder::new();
    let key = folder.path("key");
    run(&format!("key generate --alg {algorithm} --format {format} --out {key}"), "").fine();
    let public = run(&format!("key public --key {key}"), "");
    let verifying = if is_shared {
        assert_eq!((public.code, &*public.out), (1, ""), "{public:?}");
        assert!(public.err.contains("is shared and has no public half"), "{public:?}");
        key.clone()
    } else {
        folder.file("public", public.fine())
    };
    let ids = |file: &str| run(&format!("key id --key {file}"), "").fine().lines().next().map(String::from);
    assert_eq!(ids(&key), ids(&verifying), "one id for both halves");

    let to = "--issuer https://id.example --audience https://api.example";
    let token = run(&format!("token issue --keys {key} {to} --subject ada --scope read"), "").fine();
    let verify = format!("token verify --keys {verifying} {to} --json");
    let valid = run(&verify, &token);
    assert_eq!(valid.code, 0, "{valid:?}");
    let json = valid.json();
    assert_eq!(json["valid"], true);
    assert_eq!(json["claims"]["sub"], "ada");
    assert_eq!(json["claims"]["scope"], "read");
    assert_eq!(json["key_id"].as_str().map(String::from), ids(&key));

    let seen = run("token inspect --json", &token).json();
    assert_eq!(seen["verified"], false);
    assert_eq!(seen["algorithm"], algorithm);
    assert_eq!(seen["format"], json["format"]);
    assert_eq!(seen["key_id"], json["key_id"]);
    assert_eq!(seen["notes"], serde_json::json!([]), "{seen}");

    // Another key of the same kind; RSA's take seconds to make.
    let other = folder.path("other");
    let kind = if algorithm.starts_with(['R', 'P']) { "ES256" } else { algorithm };
    run(&format!("key generate --alg {kind} --out {other}"), "").fine();
    let refused = run(&format!("token verify --keys {other} {to} --json"), &token);
    assert_eq!(refused.code, 1, "{refused:?}");
    let reason = refused.json()["reason"].clone();
    assert!(reason == "unknown_key" || reason == "signature", "{reason}");
    // A token that was changed.
    let token = token.trim();
    let broken = format!("{}{}", &token[..token.len() / 2], &token[token.len() / 2 + 1..]);
    let refused = run(&verify, broken);
    assert_eq!((refused.code, &refused.json()["valid"]), (1, &false.into()), "{refused:?}");
}

#[test]
fn jwk_with_shared_keys() {
    for algorithm in ["HS256", "HS384", "HS512"] {
        goes_round(algorithm, "jwk", true);
    }
}

#[test]
fn jwk_with_curves() {
    for algorithm in ["ES256", "ES384", "EdDSA"] {
        goes_round(algorithm, "jwk", false);
    }
}

#[test]
fn jwk_with_rsa() {
    for algorithm in ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"] {
        goes_round(algorithm, "jwk", false);
    }
}

#[test]
fn paserk() {
    goes_round("v4.local", "paserk", true);
    goes_round("v4.public", "paserk", false);
    goes_round("v3.public", "paserk", false);
}
