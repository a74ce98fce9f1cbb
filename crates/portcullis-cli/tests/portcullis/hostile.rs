use crate::{
    folder::Folder,
    forge::{ME, jwt, paseto},
    ran::run,
};

/// What is no token, with the reason.
fn no_tokens() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let deep = format!("{}{}", "{\"a\":".repeat(2_000), "1");
    vec![
        ("nothing", b"".to_vec(), "malformed"),
        ("a line", b"\n".to_vec(), "malformed"),
        ("a word", b"hello".to_vec(), "malformed"),
        ("dots", b"..".to_vec(), "malformed"),
        ("many dots", vec![b'.'; 16 * 1024], "malformed"),
        ("four parts", b"a.b.c.d".to_vec(), "malformed"),
        ("an encrypted token", b"e30.a.b.c.d".to_vec(), "malformed"),
        ("bytes", (0..=255).collect(), "malformed"),
        ("nothing but NUL", vec![0; 1_000], "malformed"),
        ("no text", b"\xff\xfe\xfd".to_vec(), "malformed"),
        ("other letters", "é.é.é".as_bytes().to_vec(), "malformed"),
        ("the scheme with it", format!("Bearer {ME}").into_bytes(), "malformed"),
        ("two tokens", format!("{ME}\n{ME}\n").into_bytes(), "malformed"),
        ("a header that is a list", jwt("[]", "{}").into_bytes(), "malformed"),
        ("a header that is no JSON", jwt("alg", "{}").into_bytes(), "malformed"),
        ("a header that is deep", jwt(&deep, "{}").into_bytes(), "malformed"),
        ("claims that are a list", jwt(r#"{"alg":"ES256"}"#, "[]").into_bytes(), "claims"),
        ("claims that are cut off", jwt(r#"{"alg":"ES256"}"#, "{\"a\":").into_bytes(), "claims"),
        ("claims that are deep", jwt(r#"{"alg":"ES256"}"#, &deep).into_bytes(), "claims"),
        ("a short PASETO", b"v4.public.AAAA".to_vec(), "malformed"),
        ("a PASETO of nothing", b"v4.public.".to_vec(), "malformed"),
        ("a PASETO without a purpose", b"v4.".to_vec(), "malformed"),
        ("a purpose that is none", paseto("v4.shared", "{}", "").into_bytes(), "malformed"),
        ("a version that is none", paseto("vx.public", "{}", "").into_bytes(), "malformed"),
        ("five parts of a PASETO", b"v4.public.a.b.c".to_vec(), "malformed"),
        ("claims of a PASETO that are none", paseto("v4.public", "none", "").into_bytes(), "claims"),
        ("a long word", vec![b'a'; 16 * 1024 + 1], "too_large"),
        ("a megabyte", vec![b'a'; 1024 * 1024], "too_large"),
        ("a megabyte of lines", vec![b'\n'; 1024 * 1024], "too_large"),
        ("a megabyte of bytes", vec![0xff; 1024 * 1024], "too_large"),
    ]
}

#[test]
fn what_is_no_token_is_refused_with_a_reason() {
    let folder = Folder::new();
    let key = folder.file("keys", run("key generate --alg ES256", "").fine());
    for (name, input, reason) in no_tokens() {
        let ran = run("token inspect", &input);
        assert_eq!((ran.code, &*ran.err), (1, ""), "{name}: {ran:?}");
        assert!(ran.out.starts_with(&format!("refused: {reason}\n")), "{name}: {}", ran.out);
        assert!(ran.out.len() < 400, "{name}: it repeats what it read");
        let json = run("token inspect --json", &input).json();
        assert_eq!((&json["verified"], &json["reason"]), (&false.into(), &reason.into()), "{name}");
        assert!(json["explanation"].is_string(), "{name}");

        let ran = run(&format!("token verify --keys {key} --issuer i --audience a --json"), &input);
        assert_eq!((ran.code, &*ran.err), (1, ""), "{name}: {ran:?}");
        assert_eq!(ran.json()["valid"], false, "{name}");
        assert!(ran.json()["reason"].is_string(), "{name}");
    }
}

#[test]
fn t11_a_token_may_be_as_long_as_a_token_may_be() {
    let rest = 16 * 1024 - jwt("{}", "{}").len();
    let claims = format!("{{\"a\":\"{}\"}}", "x".repeat(rest * 3 / 4 - 8));
    let token = jwt("{}", &claims);
    assert!((16 * 1024 - 8..=16 * 1024).contains(&token.len()), "{}", token.len());
    assert_eq!(run("token inspect", format!("{token}\n")).code, 0);
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_reason_to_panic() {
    use std::process::{Command, Stdio};

    for arguments in ["key generate --alg ES256", "--help", "token inspect --json", "token verify"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_portcullis"))
            .args(arguments.split(' '))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        drop(child.stderr.take());
        let code = child.wait().unwrap().code();
        assert!(code.is_some_and(|code| code <= 2), "{arguments}: {code:?}");
    }
}
