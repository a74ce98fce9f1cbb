use std::fs;

use serde_json::{Value, json};

use crate::{folder::Folder, ran::run};

#[test]
fn the_algorithm_decides_about_the_format() {
    let jwk: Value = serde_json::from_str(&run("key generate --alg ES256", "").fine()).unwrap();
    assert_eq!((&jwk["kty"], &jwk["crv"], &jwk["alg"]), (&"EC".into(), &"P-256".into(), &"ES256".into()));
    assert!(jwk["d"].is_string());
    let paserk = run("key generate --alg v4.public", "").fine();
    assert!(paserk.starts_with("k4.secret.") && paserk.ends_with('\n'), "no key of the usual form");
    let ed25519: Value = serde_json::from_str(&run("key generate --alg ed25519", "").fine()).unwrap();
    assert_eq!(ed25519["alg"], "EdDSA");
    for (line, word) in [
        ("key generate --alg v4.local --format jwk", "PASERK alone"),
        ("key generate --alg ES256 --format paserk", "JWK alone"),
        ("key generate --alg none", "possible values"),
        ("key generate", "--alg"),
        ("key generate --alg v4.local --kid mine", "--set"),
    ] {
        let complaint = run(line, "").usage();
        assert!(complaint.contains(word), "{line}: {complaint}");
    }
}

#[test]
fn two_keys_are_never_the_same() {
    for algorithm in ["HS256", "ES256", "v4.local", "v4.public"] {
        let line = format!("key generate --alg {algorithm}");
        assert_ne!(run(&line, "").fine(), run(&line, "").fine(), "{algorithm}");
    }
}

#[test]
fn a_key_has_the_id_it_was_given() {
    let jwk = run("key generate --alg ES256 --kid mine", "").fine();
    let ids = run("key id", &jwk).fine();
    assert_eq!(ids.lines().next(), Some("mine"));
    let shown = run("key id --json", &jwk).json();
    assert_eq!((&shown["keys"][0]["id"], &shown["keys"][0]["secrecy"]), (&"mine".into(), &"private".into()));
    assert_eq!(shown["keys"][0]["thumbprint"].as_str(), ids.lines().nth(1), "the thumbprint is the other id");
    let set = run("key generate --alg v4.local --kid mine --set", "").fine();
    assert_eq!(run("key id", set).fine(), "mine\n");
}

#[test]
fn ids_are_those_of_the_standards() {
    // RFC 8037, appendix A.3.
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    assert_eq!(run("key id", jwk).fine(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k\n");
    let secret = run("key generate --alg v4.public", "").fine();
    let ids = run("key id", &secret).fine();
    let ids: Vec<&str> = ids.lines().collect();
    assert!(ids[0].starts_with("k4.pid.") && ids[1].starts_with("k4.sid."), "{ids:?}");
    let public = run("key public", &secret).fine();
    assert_eq!(run("key id", public).fine().trim(), ids[0]);
    let shared = run("key generate --alg v4.local", "").fine();
    assert!(run("key id", shared).fine().starts_with("k4.lid."));
}

#[cfg(unix)]
#[test]
fn a_file_of_keys_is_its_owners_alone_and_never_written_over() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new();
    let path = folder.path("v4.public.key");
    let line = format!("key generate --alg v4.public --out {path}");
    let said = run(&line, "").fine();
    assert!(said.contains(&path) && !said.contains("secret."), "the key is in the file alone");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let before = fs::read(&path).unwrap();
    let complaint = run(&line, "").usage();
    assert!(complaint.contains("is there already"), "{complaint}");
    assert_eq!(fs::read(&path).unwrap(), before);

    let path = folder.path("other");
    let shown = run(&format!("key generate --alg ES256 --json --out {path}"), "").json();
    assert_eq!((&shown["file"], &shown["key"]), (&json!(path), &Value::Null));
    let complaint =
        run(&format!("key generate --alg ES256 --out {}", folder.path("no/such/folder")), "").usage();
    assert!(complaint.contains("cannot be written"), "{complaint}");
}

#[test]
fn json_has_names_that_stay() {
    let names = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    let made = run("key generate --alg EdDSA --json", "").json();
    assert_eq!(names(&made), ["algorithm", "file", "format", "id", "key", "secrecy"]);
    assert_eq!((&made["format"], &made["algorithm"]), (&"jwk".into(), &"EdDSA".into()));
    let public = run("key public --json", made["key"].to_string()).json();
    assert_eq!(names(&public["keys"][0]), ["algorithm", "format", "id", "key"]);
    assert_eq!(public["keys"][0]["key"]["d"], Value::Null);
    let ids = run("key id --json", made["key"].to_string()).json();
    assert_eq!(names(&ids["keys"][0]), ["algorithm", "format", "id", "secrecy", "sid", "thumbprint"]);
    let made = run("key generate --alg v4.local --json", "").json();
    assert_eq!((&made["format"], &made["secrecy"]), (&"paserk".into(), &"shared".into()));
    assert!(made["key"].as_str().unwrap().starts_with("k4.local."));
}

#[test]
fn the_public_half_has_the_form_of_the_whole() {
    let jwk = run("key generate --alg ES384", "").fine();
    let public: Value = serde_json::from_str(&run("key public", jwk).fine()).unwrap();
    assert!(public["x"].is_string() && public["d"].is_null(), "{public}");

    let jwk = run("key generate --alg EdDSA --kid one", "").fine();
    let paserk = run("key generate --alg v4.public", "").fine();
    let set = format!("{{\"keys\":[{jwk},{{\"paserk\":\"{}\"}}]}}", paserk.trim());
    let public: Value = serde_json::from_str(&run("key public", &set).fine()).unwrap();
    assert_eq!(public["keys"].as_array().unwrap().len(), 2, "{public}");
    assert_eq!((&public["keys"][0]["kid"], &public["keys"][0]["d"]), (&"one".into(), &Value::Null));
    assert!(public["keys"][1]["paserk"].as_str().unwrap().starts_with("k4.public."));
    // What is public already stays as it is.
    let again: Value = serde_json::from_str(&run("key public", public.to_string()).fine()).unwrap();
    assert_eq!(again, public);

    let lines = format!("# ours\n{paserk}\n{}", run("key generate --alg v4.public", "").fine());
    let public = run("key public", lines).fine();
    assert_eq!(public.lines().filter(|line| line.starts_with("k4.public.")).count(), 2);
}

#[test]
fn pem_is_read_where_one_says_what_it_is_for() {
    // RFC 8410, section 10.3.
    let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    let public: Value = serde_json::from_str(&run("key public --alg EdDSA", pem).fine()).unwrap();
    assert_eq!(public["x"], "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE");
    let complaint = run("key public", pem).usage();
    assert!(complaint.contains("--alg"), "{complaint}");
    let complaint = run("key public --alg ES256", pem).usage();
    assert!(!complaint.contains("MC4CAQ"), "{complaint}");
    let jwk = run("key generate --alg EdDSA", "").fine();
    let complaint = run("key public --alg EdDSA", jwk).usage();
    assert!(complaint.contains("--alg is for PEM alone"), "{complaint}");
}

#[test]
fn a_shared_key_in_a_set_is_named_and_nothing_is_shown() {
    let (jwk, shared) =
        (run("key generate --alg ES256", "").fine(), run("key generate --alg HS256 --kid ours", "").fine());
    let refused = run("key public", format!("{{\"keys\":[{jwk},{shared}]}}"));
    assert_eq!((refused.code, &*refused.out), (1, ""), "{refused:?}");
    assert!(refused.err.contains("\"ours\"") && refused.err.contains("shared"), "{refused:?}");
}

#[test]
fn what_is_no_key_is_a_clear_complaint_that_does_not_repeat_it() {
    let huge = vec![b'k'; 1024 * 1024 + 1];
    for (name, input) in [
        ("nothing", &b""[..]),
        ("words", b"correct horse battery staple"),
        ("no text", b"\xff\xfe\x00"),
        ("half an object", b"{\"kty\":\"oct\",\"k\":\"c2VjcmV0"),
        ("no JWK", b"{\"kty\":\"oct\"}"),
        ("a short key", b"{\"kty\":\"oct\",\"k\":\"c2VjcmV0\",\"alg\":\"HS256\"}"),
        ("an empty set", b"{\"keys\":[]}"),
        ("no set", b"{\"keys\":7}"),
        ("a set of one that is none", b"{\"keys\":[{\"paserk\":\"k4.local.c2VjcmV0\"}]}"),
        ("no PASERK", b"k4.local.c2VjcmV0"),
        ("a version that is not read", b"k2.local.c2VjcmV0"),
        ("comments alone", b"# nothing here"),
        ("deep", "[".repeat(100_000).as_bytes()),
        ("a deep object", "{\"keys\":".repeat(100_000).as_bytes()),
        ("too long", &huge),
    ] {
        for command in ["public", "id"] {
            let complaint = run(&format!("key {command}"), input).usage();
            assert!(complaint.starts_with("portcullis: "), "{name}: {complaint}");
            assert!(!complaint.contains("c2VjcmV0") && !complaint.contains("horse"), "{name}: {complaint}");
            assert!(complaint.len() < 400, "{name}: {complaint}");
        }
    }
    let complaint = run("key id --key /no/such/file", "").usage();
    assert!(complaint.contains("/no/such/file"), "{complaint}");
    let complaint = run("key id --key /", "").usage();
    assert!(complaint.contains("cannot be read"), "{complaint}");
}

#[test]
fn a_secret_that_was_given_as_an_argument_is_not_repeated() {
    let secret = run("key generate --alg v4.local", "").fine();
    for line in [
        "key id",
        "key id --key",
        "key public --key",
        "token inspect",
        "token verify --issuer i --audience a --keys",
    ] {
        let ran = run(&format!("{line} {secret}"), "");
        assert_eq!(ran.code, 2, "{line}");
        assert!(!ran.err.contains(secret.trim()) && !ran.out.contains(secret.trim()), "{line}");
    }
}
