use serde_json::{Value, json};

use crate::{
    folder::Folder,
    forge::{ME, jwt, paseto},
    ran::run,
};

#[test]
fn the_token_of_the_readme_is_explained() {
    let ran = run("token inspect", format!("{ME}\n"));
    assert_eq!((ran.code, &*ran.err), (0, ""), "{ran:?}");
    for word in ["JWT", "HS256", "userId: \"Me\"", "not verified", "the claim `exp` is missing"] {
        assert!(ran.out.contains(word), "{word}: {}", ran.out);
    }
    assert_eq!(
        run("token inspect --json", ME).json(),
        json!({
            "verified": false,
            "format": "jwt",
            "algorithm": "HS256",
            "key_id": null,
            "header": { "alg": "HS256", "typ": "JWT" },
            "claims": { "userId": "Me" },
            "footer": null,
            "times": {},
            "notes": [
                { "reason": "missing_claim", "claim": "exp", "explanation": "the claim `exp` is missing" },
                { "reason": "missing_claim", "claim": "iss", "explanation": "the claim `iss` is missing" },
            ],
        })
    );
}

#[test]
fn times_are_told_in_words() {
    let claims = r#"{"iss":"i","iat":1767225300,"nbf":1767225660,"exp":1767229200,"auth_time":1767222000}"#;
    let token = jwt(r#"{"alg":"ES256"}"#, claims);
    let shown = run("token inspect --at 2026-01-01T00:00:00Z", &token).fine();
    for words in [
        "iat: 1767225300  (2025-12-31T23:55:00Z, issued 5 minutes ago)",
        "nbf: 1767225660  (2026-01-01T00:01:00Z, not yet valid, for another 60 seconds)",
        "exp: 1767229200  (2026-01-01T01:00:00Z, expires in 60 minutes)",
        "auth_time: 1767222000  (2025-12-31T23:00:00Z, logged in 60 minutes ago)",
        "the token is not yet valid",
    ] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let late = run("token inspect --json --at 1767232800", &token).json();
    assert_eq!(
        late["times"]["exp"],
        json!({ "at": "2026-01-01T01:00:00Z", "words": "expired 60 minutes ago" })
    );
    assert!(late["notes"].as_array().unwrap().iter().any(|note| note["reason"] == "expired"), "{late}");
}

#[test]
fn what_is_odd_about_a_jwt_is_named() {
    let plain = r#"{"iss":"i","exp":4000000000}"#;
    let long = format!(r#"{{"alg":"ES256","kid":"{}"}}"#, "k".repeat(257));
    for (header, claims, reason, word) in [
        (r#"{"alg":"none"}"#, plain, "algorithm", "anybody could have written it"),
        (r#"{"alg":"nOnE"}"#, plain, "algorithm", "anybody could have written it"),
        (r#"{"alg":"ES512"}"#, plain, "algorithm", "ES512"),
        (r#"{"typ":"JWT"}"#, plain, "malformed", "names no algorithm"),
        (r#"{"alg":7}"#, plain, "malformed", "names no algorithm"),
        (r#"{"alg":"ES256","alg":"none"}"#, plain, "malformed", "two members called \"alg\""),
        (r#"{"alg":"ES256","crit":["exp"]}"#, plain, "critical", "crit"),
        (r#"{"alg":"ES256","b64":false}"#, plain, "critical", "b64"),
        (r#"{"alg":"ES256","jwk":{}}"#, plain, "embedded_key", "jwk"),
        (r#"{"alg":"ES256","jku":"https://evil.example"}"#, plain, "embedded_key", "jku"),
        (r#"{"alg":"ES256","typ":"application/dpop+JWT"}"#, plain, "type", "dpop+jwt"),
        (r#"{"alg":"ES256","cty":"JWT"}"#, plain, "type", "cty"),
        (r#"{"alg":"ES256","kid":7}"#, plain, "malformed", "kid"),
        (&long, plain, "malformed", "kid"),
        (
            r#"{"alg":"ES256"}"#,
            r#"{"iss":"i","exp":4000000000,"cnf":{"jkt":"x"}}"#,
            "key_bound",
            "bound to a key",
        ),
        (r#"{"alg":"ES256"}"#, r#"{"iss":"i","sub":"a","sub":"b","exp":4000000000}"#, "claims", "\"sub\""),
        (r#"{"alg":"ES256"}"#, r#"{"iss":"i","exp":"tomorrow"}"#, "claims", "`exp`"),
        (r#"{"alg":"ES256"}"#, r#"{"iss":["i"],"exp":4000000000}"#, "claims", "`iss`"),
    ] {
        let token = jwt(header, claims);
        let shown = run("token inspect --json", &token);
        assert_eq!(shown.code, 0, "{header} {claims}: {shown:?}");
        let notes = shown.json()["notes"].clone();
        let fits =
            |note: &Value| note["reason"] == reason && note["explanation"].as_str().unwrap().contains(word);
        assert!(notes.as_array().unwrap().iter().any(fits), "{header} {claims}: {notes}");
        assert!(run("token inspect", &token).fine().contains("not verified"));
    }
}

#[test]
fn t16_a_second_spelling_is_read_and_told() {
    let token = jwt(r#"{"alg":"ES256"}"#, r#"{"iss":"i","exp":4000000000}"#);
    let padded = token.replacen('.', "=.", 1);
    for (spelling, is_odd) in [(token.clone(), false), (padded, true)] {
        let notes = run("token inspect", spelling).fine();
        assert_eq!(notes.contains("spelled in two ways"), is_odd, "{notes}");
    }
    let unsigned = &token[..=token.rfind('.').unwrap()];
    assert!(run("token inspect", unsigned).fine().contains("it has no signature"));
    let dotted = paseto("v4.public", "{}", "") + ".";
    assert!(run("token inspect", dotted).fine().contains("spelled in two ways"));
}

#[test]
fn a_paseto_is_explained() {
    let claims = r#"{"iss":"i","sub":"ada","exp":"2026-01-01T01:00:00Z"}"#;
    let token = paseto("v4.public", claims, r#"{"kid":"k4.pid.x"}"#);
    let shown = run("token inspect --at 2026-01-01T00:00:00Z", &token).fine();
    for word in [
        "PASETO, v4.public (signed with Ed25519)",
        "not verified",
        "sub: \"ada\"",
        "(expires in 60 minutes)",
        "kid: \"k4.pid.x\"",
    ] {
        assert!(shown.contains(word), "{word}: {shown}");
    }
    let shown = run("token inspect --json --at 2026-01-01T00:00:00Z", &token).json();
    assert_eq!((&shown["algorithm"], &shown["key_id"]), (&"v4.public".into(), &"k4.pid.x".into()));
    assert_eq!(shown["footer"], json!({ "kid": "k4.pid.x" }));
    assert_eq!(shown["notes"], json!([]));

    let local = run("token inspect", paseto("v4.local", "whatever it holds", "a footer")).fine();
    assert!(local.contains("encrypted") && local.contains("not verified"), "{local}");
    assert!(local.contains("\"a footer\"") && !local.contains("whatever"), "{local}");

    let v3 = run("token inspect --json", paseto("v3.public", claims, "")).json();
    assert_eq!(v3["claims"]["sub"], "ada");
    for kind in ["v1.local", "v2.public", "v2.local", "v3.local", "v9.public"] {
        let shown = run("token inspect", paseto(kind, claims, "")).fine();
        assert!(shown.contains("only v4.local, v4.public and v3.public are accepted"), "{shown}");
    }
}

#[test]
fn t62_a_secret_key_in_a_footer_is_told_and_not_shown() {
    for secret in ["k4.local.c2VjcmV0", "k4.secret.c2VjcmV0", "k3.secret-pw.c2VjcmV0"] {
        let escaped = secret.replacen('.', "\\u002e", 1);
        for footer in
            [String::from(secret), format!("{{\"kid\":\"{secret}\"}}"), format!("{{\"kid\":\"{escaped}\"}}")]
        {
            for style in ["", "--json"] {
                let shown = run(&format!("token inspect {style}"), paseto("v4.public", "{}", &footer)).fine();
                assert!(shown.contains("holds a secret key"), "{footer}: {shown}");
                assert!(!shown.contains("c2VjcmV0"), "{footer}: {shown}");
            }
        }
    }
}

#[test]
fn nothing_in_a_token_reaches_the_terminal_as_it_is() {
    let evil = "\u{1b}[2J\u{202e}\u{9b}";
    let claims = json!({ "sub": evil, (evil): 1, "a": [{ (evil): evil }] }).to_string();
    let tokens = [
        jwt(&json!({ "alg": evil, "kid": evil, "typ": format!("{evil}+jwt") }).to_string(), &claims),
        paseto("v4.public", &claims, evil),
        paseto("v4.public", "{}", &json!({ "kid": evil }).to_string()),
    ];
    let folder = Folder::new();
    let key = folder.file("key", run("key generate --alg ES256", "").fine());
    for token in tokens {
        for line in ["token inspect", &*format!("token verify --keys {key} --issuer i --audience a")] {
            let ran = run(line, &token);
            let is_evil = |letter: char| letter != '\n' && (letter.is_control() || letter == '\u{202e}');
            assert!(!ran.out.contains(is_evil) && !ran.err.contains(is_evil), "{line}: {ran:?}");
            assert!(ran.code <= 1, "{ran:?}");
        }
    }
}

#[test]
fn nor_does_anything_in_a_key() {
    let evil = "\u{1b}[2J\u{202e}\u{9b}";
    let shared = json!({ "kty": "oct", "alg": "HS256", "kid": evil, "k": "A".repeat(43) });
    let unusable = json!({ "kty": "oct", "alg": "HS256", "kid": evil, "k": "AA" });
    let folder = Folder::new();
    for (at, key) in
        [shared.clone(), unusable.clone(), json!({ "keys": [unusable, shared] })].iter().enumerate()
    {
        let path = folder.file(&format!("key{at}"), key.to_string());
        let verify = format!("token verify --keys {path} --issuer i --audience a");
        for line in [format!("key public --key {path}"), format!("key id --key {path}"), verify] {
            let ran = run(&line, "a.b.c");
            let is_evil = |letter: char| letter != '\n' && (letter.is_control() || letter == '\u{202e}');
            assert!(!ran.out.contains(is_evil) && !ran.err.contains(is_evil), "{line}: {ran:?}");
        }
    }
}

#[test]
fn the_token_may_be_in_a_file() {
    let folder = Folder::new();
    let path = folder.file("token", format!("{ME}\r\n"));
    assert!(run(&format!("token inspect --token {path}"), "").fine().contains("userId"));
    assert!(run("token inspect --token -", ME).fine().contains("userId"));
    let complaint = run(&format!("token inspect --token {}", folder.path("none")), "").usage();
    assert!(complaint.contains("cannot be read"), "{complaint}");
}
