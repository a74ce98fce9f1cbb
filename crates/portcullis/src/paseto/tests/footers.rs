//! What a footer may be.

use super::*;

#[test]
fn t60_a_footer_is_free_or_a_flat_object() {
    for kind in kinds() {
        let key = key(kind);
        let verifier = verifier(key.clone());
        let accepts = |footer: &[u8]| verify(&verifier, &token(&key, CLAIMS, footer)).is_ok();
        for footer in [
            &b"a word"[..],
            b"\xff\x00\xfe",
            b"[[[[1]]]]",
            b"\"kid\"",
            b"null",
            b"{}",
            b" {} ",
            br#"{"a":1,"b":null,"c":true,"d":"\u0041"}"#,
            format!(r#"{{"kid":"{}"}}"#, key.id()).as_bytes(),
            format!(r#"{{"\u006bid":"{}"}}"#, key.id()).as_bytes(),
            &[b'a'; 1024],
        ] {
            assert!(accepts(footer), "{kind}: {}", footer.escape_ascii());
        }
        for footer in [
            &b"{"[..],
            b"{\xff}",
            b"\n{",
            b"{}{}",
            br#"{"a":1,"a":1}"#,
            br#"{"a":{}}"#,
            br#"{"a":[]}"#,
            br#"{"a":[1]}"#,
            br#"{"kid":1}"#,
            br#"{"kid":null}"#,
            br#"{"kid":["a"]}"#,
            br#"{"wpk":1}"#,
            format!(r#"{{"kid":"{0}","kid":"{0}"}}"#, key.id()).as_bytes(),
            format!(r#"{{"kid":"{}"}}"#, "a".repeat(257)).as_bytes(),
            "{\"a\":".repeat(200).as_bytes(),
            &[b'a'; 1025],
        ] {
            let refused = refusal(&verifier, &token(&key, CLAIMS, footer));
            assert_eq!(refused, TokenErrorKind::Malformed, "{kind}: {}", footer.escape_ascii());
        }
    }
}

#[test]
fn t61_the_named_key_is_the_only_one_that_is_tried() {
    for kind in kinds() {
        let (ours, other) = (key(kind), key(kind));
        let verifier = verifier(PasetoKeys::new([ours.clone(), other.clone()]));
        let naming = |id: &str| token(&ours, CLAIMS, format!(r#"{{"kid":"{id}"}}"#));
        assert!(verify(&verifier, &naming(ours.id().as_str())).is_ok(), "{kind}");
        // Made by a key of ours, and all the same.
        assert_eq!(refusal(&verifier, &naming(other.id().as_str())), TokenErrorKind::Signature, "{kind}");
        let id = ours.id().as_str();
        for unknown in ["", "k4.pid.unknown", "../../etc/passwd", "' OR 1=1 --", &id[1..], &id.to_uppercase()]
        {
            assert_eq!(refusal(&verifier, &naming(unknown)), TokenErrorKind::UnknownKey, "{kind}: {unknown}");
        }
        let wrapped = token(&ours, CLAIMS, r#"{"wpk":"k4.local-wrap.pie.AAAA"}"#);
        assert_eq!(refusal(&verifier, &wrapped), TokenErrorKind::UnknownKey, "{kind}");
    }
}

#[test]
fn t61_a_key_may_have_a_free_name() {
    let key = key(Kind::V4Public).with_id("2026-01 \"first\"").unwrap();
    let token = PasetoSigner::new(key.clone()).sign_claims(CLAIMS, NOW).unwrap();
    let verified = verify(&verifier(key.public().unwrap()), &token).unwrap();
    assert_eq!(verified.key_id(), key.id());
}

#[test]
fn t61_a_key_for_another_purpose_is_told_from_one_that_nobody_has() {
    let (shared, pair) = (key(Kind::V4Local), key(Kind::V4Public));
    let verifier = verifier(PasetoKeys::new([shared.clone()]));
    let footer = format!(r#"{{"kid":"{}"}}"#, shared.id());
    assert_eq!(refusal(&verifier, &token(&pair, CLAIMS, footer)), TokenErrorKind::Algorithm);
    let footer = format!(r#"{{"kid":"{}"}}"#, pair.id());
    assert_eq!(refusal(&verifier, &token(&pair, CLAIMS, footer)), TokenErrorKind::UnknownKey);
    assert_eq!(refusal(&verifier, &token(&pair, CLAIMS, "")), TokenErrorKind::Algorithm);
}

#[test]
fn t62_no_key_travels_in_a_footer() {
    for kind in kinds() {
        let key = key(kind);
        let verifier = verifier(key.clone());
        let secret = key.expose_secret_paserk().unwrap();
        for footer in [
            secret.clone(),
            format!("the key is {secret}."),
            format!(r#"{{"key":"{secret}"}}"#),
            format!(r#"{{"{secret}":1}}"#),
            format!(r#"{{"kid":"{secret}"}}"#),
            format!(r#"{{"key":"\u006b{}"}}"#, &secret[1..]),
            format!(r#"{{"\u006b{}":1}}"#, &secret[1..]),
            format!(r#"["{secret}"]"#),
            "k2.secret-pw.AAAA".to_owned(),
            "kkk4.local-pw.AAAA".to_owned(),
        ] {
            let refused = verify(&verifier, &token(&key, CLAIMS, &footer)).unwrap_err();
            assert_eq!(refused.kind(), TokenErrorKind::Malformed, "{kind}: {footer}");
            assert!(!format!("{refused} {refused:?}").contains(&secret[10..]));
        }
        for footer in ["k4.local", "k4 secret.", "bank4.locale", "k4.lid.AAAA", "k4.local-wrap.pie.AAAA"] {
            assert!(verify(&verifier, &token(&key, CLAIMS, footer)).is_ok(), "{kind}: {footer}");
        }
    }
}
