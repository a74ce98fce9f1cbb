use super::*;

fn header() -> Header {
    Header {
        handle: PublicHandle::from_bytes([7; 16]),
        beginning: Beginning { at: Timestamp::from_unix_seconds(1), serial: 2 },
        absolute_end: Timestamp::from_unix_seconds(1_000),
        idle: Duration::from_secs(60),
        persistence: Persistence::Persistent,
    }
}

fn ada() -> Principal {
    Principal::local("ada")
        .with_amr([Amr::PASSWORD])
        .with_roles(["admin", "editor"])
        .with_authenticated_at(Timestamp::from_unix_seconds(10))
}

fn changes(changes: &[(&str, Option<&'static str>)]) -> Changes {
    let mut all = Changes::default();
    changes.iter().for_each(|(key, value)| all.set(key, value.map(Bytes::from)));
    all
}

fn begun(principal: Option<&Principal>) -> Payload {
    Payload::begun(header(), principal, &[], None, &Changes::default())
}

#[test]
fn what_was_encoded_is_decoded() {
    let payload = begun(Some(&ada())).merge(&changes(&[("a", Some("1")), ("b", Some("[]"))]));
    let decoded = Payload::decode(payload.encode()).unwrap();
    assert_eq!(decoded, payload);
    assert_eq!(decoded.principal(), Some(ada()));
    assert_eq!(decoded.value("b").unwrap(), "[]");
    assert_eq!(decoded.value("c"), None);
    assert_eq!(begun(None).principal(), None);
}

#[test]
fn every_cut_and_every_other_format_is_unreadable_and_none_panics() {
    let whole = begun(Some(&ada())).merge(&changes(&[("key", Some("\"value\""))])).encode();
    let frames_begin = begun(Some(&ada())).encode().len();
    for cut in (0..whole.len()).filter(|cut| *cut != frames_begin) {
        assert_eq!(Payload::decode(whole.slice(..cut)), Err(Unreadable), "{cut}");
    }
    let mut next = whole.to_vec();
    next[0] = FORMAT + 1;
    assert_eq!(Payload::decode(next.into()), Err(Unreadable));
    let mut not_text = whole.to_vec();
    not_text[HEADER_BYTES + 4] = 0xff;
    assert_eq!(Payload::decode(not_text.into()), Err(Unreadable), "not a nobody");
}

#[test]
fn s49_a_merge_changes_the_keys_spoken_of_and_no_other() {
    let base = begun(None).merge(&changes(&[("a", Some("1")), ("b", Some("2"))]));
    let merged = base.merge(&changes(&[("a", Some("3")), ("b", None), ("c", Some("4"))]));
    assert_eq!(merged.value("a").unwrap(), "3");
    assert_eq!(merged.value("b"), None);
    assert_eq!(merged.value("c").unwrap(), "4");
}

#[test]
fn s50_changes_that_change_nothing_are_told() {
    let base = begun(None).merge(&changes(&[("a", Some("1")), ("b", Some("2"))]));
    let rows = [
        (changes(&[("a", Some("1"))]), true),
        (changes(&[("b", Some("2")), ("c", None)]), true),
        (changes(&[("a", Some("1")), ("b", None)]), false),
        (changes(&[("a", Some("2"))]), false),
        (changes(&[("c", Some("1"))]), false),
    ];
    for (changes, expected) in rows {
        assert_eq!(base.satisfies(&changes), expected, "{changes:?}");
    }
}
