//! Keys one by one, and files of them.

use super::*;
use crate::{
    base64url,
    keyring::{Key, KeyErrorKind, KeyState, Schedule},
};

fn wrong(text: &str) -> KeyErrorKind {
    PasetoKey::from_paserk(text).expect_err(text).kind()
}

#[test]
fn t65_a_key_survives_being_written() {
    for kind in kinds() {
        let key = key(kind);
        let again = PasetoKey::from_paserk(&key.expose_secret_paserk().unwrap()).unwrap();
        assert!(again.is_same(&key) && again.can_sign() && again.kind() == kind);
        assert_eq!((again.id(), again.sid()), (key.id(), key.sid()), "{kind}");
        assert_eq!(key.sid().is_some(), kind != Kind::V4Local);
        assert_eq!(kind.as_str().parse::<Kind>().unwrap(), kind);
        let Some(public) = key.public() else {
            assert_eq!((kind, key.to_public_paserk()), (Kind::V4Local, None));
            continue;
        };
        let again = PasetoKey::from_paserk(&public.to_public_paserk().unwrap()).unwrap();
        assert!(again.is_same(&key) && !again.can_sign() && again.kind() == kind);
        assert_eq!((again.id(), again.sid()), (key.id(), None), "{kind}");
        assert_eq!(again.expose_secret_paserk(), None, "{kind}");
        assert!(!again.is_same(&super::key(kind)), "{kind}");
    }
}

#[test]
fn t65_what_is_no_key_is_refused() {
    let text = key(Kind::V4Public).expose_secret_paserk().unwrap();
    for (row, text, expected) in [
        ("nothing", "", KeyErrorKind::Malformed),
        ("a word", "secret", KeyErrorKind::Malformed),
        ("no data", "k4.local.", KeyErrorKind::Malformed),
        ("an upper-case type", &text.replace("k4.", "K4."), KeyErrorKind::Malformed),
        ("a line behind it", &format!("{text}\n"), KeyErrorKind::Malformed),
        ("padding", &format!("{text}=="), KeyErrorKind::Malformed),
        ("one byte less", &format!("k4.local.{}", base64url::encode([1; 31])), KeyErrorKind::Malformed),
        ("one byte more", &format!("k4.local.{}", base64url::encode([1; 33])), KeyErrorKind::Malformed),
        ("half a pair", &format!("k4.secret.{}", base64url::encode([1; 32])), KeyErrorKind::Malformed),
        ("an id", key(Kind::V4Local).id().as_str(), KeyErrorKind::Unsupported),
        ("a wrapped key", "k4.local-wrap.pie.AAAA", KeyErrorKind::Unsupported),
        ("a key of version 2", &text.replace("k4.", "k2."), KeyErrorKind::Unsupported),
        ("a shared key of version 3", "k3.local.AAAA", KeyErrorKind::Unsupported),
    ] {
        assert_eq!(wrong(text), expected, "{row}");
    }
}

#[test]
fn t65_the_halves_of_a_secret_key_belong_together() {
    let halves = |key: &PasetoKey| {
        base64url::decode(&key.expose_secret_paserk().unwrap().as_bytes()["k4.secret.".len()..]).unwrap()
    };
    let (one, other) = (halves(&key(Kind::V4Public)), halves(&key(Kind::V4Public)));
    let mixed = [&one[..32], &other[32..]].concat();
    assert_eq!(wrong(&paserk::encode("k4.secret.", &mixed)), KeyErrorKind::Contradiction);
}

#[test]
fn t34_what_is_not_on_the_curve_is_no_key() {
    let is_offered = kinds().contains(&Kind::V3Public);
    let expect = |kind| if is_offered { kind } else { KeyErrorKind::Unsupported };
    let point = |first: u8, rest: u8| [&[first][..], &[rest; 48]].concat();
    for (row, bytes, expected) in [
        ("beyond the field", point(2, 0xff), KeyErrorKind::Weak),
        ("uncompressed", point(4, 1), KeyErrorKind::Malformed),
        ("infinity", point(0, 0), KeyErrorKind::Malformed),
        ("too short", vec![2; 48], KeyErrorKind::Malformed),
    ] {
        assert_eq!(wrong(&paserk::encode("k3.public.", &bytes)), expect(expected), "{row}");
    }
    // Half of all numbers are no `x` of a point.
    let refused =
        (0..64).filter(|x| PasetoKey::from_paserk(&paserk::encode("k3.public.", &point(2, *x))).is_err());
    assert!(refused.count() > 8);
    for (row, bytes) in [("zero", [0; 48]), ("beyond the order", [0xff; 48])] {
        assert_eq!(wrong(&paserk::encode("k3.secret.", &bytes)), expect(KeyErrorKind::Weak), "{row}");
    }
}

#[test]
fn nothing_secret_is_shown() {
    for kind in kinds() {
        let key = key(kind);
        let secret = key.expose_secret_paserk().unwrap();
        let shown = format!(
            "{key:?} {:?} {:?} {:?}",
            PasetoKeys::from(key.clone()),
            verifier(key.clone()),
            PasetoSigner::new(key.clone()).with_implicit_assertion("hidden")
        );
        assert!(shown.contains(key.id().as_str()) && !shown.contains("hidden"), "{shown}");
        for at in (10..secret.len() - 8).step_by(8) {
            assert!(!shown.contains(&secret[at..at + 8]), "{shown}");
        }
        let refused = PasetoKey::from_paserk(&format!("{secret}A")).unwrap_err();
        assert!(!format!("{refused} {refused:?}").contains(&secret[10..20]));
    }
}

#[test]
fn an_id_is_bounded() {
    let key = key(Kind::V4Local);
    assert!(key.clone().with_id("a".repeat(256)).is_ok());
    assert_eq!(key.clone().with_id("a".repeat(257)).unwrap_err().kind(), KeyErrorKind::TooLong);
    // What JSON makes longest still fits into a footer, or is refused when it is signed with.
    let odd = PasetoKeys::from(key.with_id("\u{1}".repeat(256)).unwrap());
    assert!(PasetoSigner::new(odd).sign_claims("{}", NOW).is_err());
}

#[test]
fn a_file_has_a_key_in_each_line() {
    let (first, second) = (key(Kind::V4Public), key(Kind::V4Local));
    let text = format!(
        "# ours\r\n\r\n  {}\t\r\n#{}\n{}",
        first.expose_secret_paserk().unwrap(),
        key(Kind::V4Local).expose_secret_paserk().unwrap(),
        second.expose_secret_paserk().unwrap()
    );
    let keys = PasetoKeys::from_paserk(&text).unwrap();
    let ids: Vec<_> = keys.keys(NOW).into_iter().map(|(key, _)| key.id().clone()).collect();
    assert_eq!(ids, [first.id().clone(), second.id().clone()]);
    assert!(keys.can_ever_sign());

    let wrong = PasetoKeys::from_paserk(&format!("{text}\nk4.local.c2VjcmV0")).unwrap_err();
    assert_eq!((wrong.kind(), wrong.line()), (KeyErrorKind::Malformed, Some(6)));
    assert!(wrong.to_string().contains("line 6") && !format!("{wrong} {wrong:?}").contains("c2VjcmV0"));
    for empty in ["", "\n\n", "# nothing"] {
        assert_eq!(PasetoKeys::from_paserk(empty).unwrap_err().kind(), KeyErrorKind::Empty);
    }
}

#[test]
fn a_document_has_schedules_and_keys_of_both_formats() {
    let (old, new, bad) = (key(Kind::V4Public), key(Kind::V4Local), key(Kind::V4Public));
    let now = NOW.unix_millis() / 1000;
    let json = format!(
        r#"{{"note":[1],"keys":[
            {{"kty":"oct","k":"AAAA"}}, 7, [], null,
            {{"paserk":"{0}","kid":"old","exp":{1}}},
            {{"paserk":"{2}","nbf":{3},"use":"sig"}},
            {{"paserk":"{4}","kid":7}}, {{"paserk":"{4}","exp":"soon"}}, {{"paserk":"{4}","nbf":-1}},
            {{"paserk":7}}, {{"paserk":"k4.public.AAAA"}}, {{"paserk":"{4}","kid":"{5}"}}
        ]}}"#,
        old.expose_secret_paserk().unwrap(),
        now + 60,
        new.expose_secret_paserk().unwrap(),
        now + 30,
        bad.expose_secret_paserk().unwrap(),
        "a".repeat(257),
    );
    let keys = PasetoKeys::from_json(&json).unwrap();
    let states = |seconds| {
        let held = keys.keys(NOW + Duration::from_secs(seconds));
        held.into_iter().map(|(key, state)| (key.id().as_str().to_owned(), state)).collect::<Vec<_>>()
    };
    let row = |old: KeyState, then: KeyState| vec![("old".to_owned(), old), (new.id().to_string(), then)];
    assert_eq!(states(0), row(KeyState::Active, KeyState::VerifyOnly));
    assert_eq!(states(30), row(KeyState::Active, KeyState::Active));
    assert_eq!(states(60), row(KeyState::Retired, KeyState::Active));

    for (row, json, expected) in [
        ("no document", "", KeyErrorKind::Malformed),
        ("an array", "[]", KeyErrorKind::Malformed),
        ("keys that are none", r#"{"keys":{}}"#, KeyErrorKind::Malformed),
        ("two lists", r#"{"keys":[],"keys":[]}"#, KeyErrorKind::Malformed),
        ("no keys", "{}", KeyErrorKind::Empty),
        ("nothing in the list", r#"{"keys":[]}"#, KeyErrorKind::Empty),
        ("other keys", r#"{"keys":[{"kty":"oct","k":"AAAA"}]}"#, KeyErrorKind::Empty),
    ] {
        assert_eq!(PasetoKeys::from_json(json).unwrap_err().kind(), expected, "{row}");
    }
}

#[test]
fn what_is_published_is_public_and_is_read_again() {
    let (pair, shared) = (key(Kind::V4Public).with_id("a \"name\"").unwrap(), key(Kind::V4Local));
    let gone = Schedule::default().retires_at(NOW);
    let keys = PasetoKeys::scheduled([
        (pair.clone(), Schedule::default()),
        (shared.clone(), Schedule::default()),
        (key(Kind::V4Public), gone),
    ]);
    let published = keys.public_keys_json(NOW);
    assert!(!published.contains("local") && !published.contains("secret"), "{published}");
    let read = PasetoKeys::from_json(&published).unwrap().keys(NOW);
    assert_eq!(read.len(), 1);
    assert!(read[0].0.is_same(&pair) && !read[0].0.can_sign() && read[0].0.id() == pair.id());
}

#[test]
fn a_file_is_read_in_either_form() {
    let folder = std::env::temp_dir().join(format!("portcullis-paseto-{}", key(Kind::V4Local).id()));
    std::fs::create_dir(&folder).unwrap();
    let key = key(Kind::V4Public);
    let paserk = key.expose_secret_paserk().unwrap();
    for (name, text) in
        [("lines", format!("{paserk}\n")), ("json", format!("\n{{\"keys\":[{{\"paserk\":\"{paserk}\"}}]}}"))]
    {
        let path = folder.join(name);
        std::fs::write(&path, text).unwrap();
        assert_eq!(PasetoKeys::from_paserk_file(&path).unwrap().keys(NOW)[0].0.id(), key.id(), "{name}");
    }
    let missing = PasetoKeys::from_paserk_file(folder.join("none")).unwrap_err();
    assert_eq!(missing.kind(), KeyErrorKind::File);
    std::fs::remove_dir_all(&folder).unwrap();
}
