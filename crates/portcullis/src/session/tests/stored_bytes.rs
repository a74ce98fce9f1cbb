//! What earlier versions wrote is read for as long as it can lie in a store, and written no other way: the bytes in `fixtures`
//! were put together by hand after the layouts in the docs, and stay as they are. A change of the layout takes a format's next
//! number, and fixtures of its own beside these.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use portcullis_core::{Partition, RecordId, RecordKey, Space, Timestamp};

use super::super::{
    changes::Changes,
    client::Client,
    public_handle::PublicHandle,
    record::{Beginning, Header, Payload, Unreadable},
    timeouts::Persistence,
    tombstone::{Reason, Tombstone},
};
use crate::identity::{Amr, Principal};

macro_rules! fixture {
    ($name:literal) => {
        bytes_of(include_str!(concat!("fixtures/0.1/", $name, ".hex")))
    };
}

fn sessions() -> [(&'static str, Bytes, Payload); 5] {
    use Persistence::{Browser, Persistent};
    let ada = Principal::local("ada").with_amr([Amr::PASSWORD]).with_authenticated_at(BEGUN);
    let editor =
        ada.clone().with_amr([Amr::PASSWORD, Amr::ONE_TIME_PASSWORD]).with_roles(["admin", "editor"]);
    let from = |address: &str| {
        let agent = HeaderValue::from_static("Mozilla/5.0 (X11; Linux x86_64)");
        Client::encode(Some(address.parse().unwrap()), Some(&agent))
    };
    let nothing = Changes::default();
    let remembered = |address| Payload::begun(header(Persistent), Some(&ada), &from(address), None, &nothing);
    [
        ("empty", fixture!("session-empty"), Payload::begun(header(Browser), None, &[], None, &nothing)),
        (
            "anonymous",
            fixture!("session-anonymous"),
            Payload::begun(header(Browser), None, &[], None, &data()),
        ),
        (
            "logged in",
            fixture!("session-logged-in"),
            Payload::begun(header(Browser), Some(&editor), &[], None, &data()),
        ),
        ("remembered, IPv4", fixture!("session-remembered-v4"), remembered("203.0.113.7")),
        ("remembered, IPv6", fixture!("session-remembered-v6"), remembered("2001:db8::7")),
    ]
}

fn tombstones() -> [(&'static str, Bytes, Tombstone); 3] {
    let until = Timestamp::from_unix_seconds(2_000_000_300);
    let key = |partition, byte| {
        let id = RecordId::from_bytes([byte; RecordId::LENGTH_BYTES]);
        RecordKey::new(Space::Session, Partition::new(partition).unwrap(), id)
    };
    let (one, other) = (key(9_999, 0x0a), key(16_383, 0x0b));
    let rows = [
        ("renewed", fixture!("tombstone-renewed"), Reason::Renewed, vec![one]),
        ("logged in", fixture!("tombstone-logged-in"), Reason::LoggedIn, vec![one, other]),
        ("without successors", fixture!("tombstone-without-successors"), Reason::LoggedIn, vec![]),
    ];
    rows.map(|(name, bytes, reason, successors)| (name, bytes, Tombstone { reason, until, successors }))
}

#[test]
fn a_session_as_0_1_stored_it_is_read_and_written_the_same() {
    for (name, bytes, session) in sessions() {
        assert_eq!(Payload::decode(bytes.clone()).as_ref(), Ok(&session), "{name}");
        assert_eq!(session.encode(), bytes, "{name}");
        assert_eq!(Tombstone::decode(bytes), None, "{name}");
    }
}

/// Beside the comparison as a whole, which both could pass with the same mistake in reading and in making what is expected.
#[test]
fn what_0_1_stored_of_somebody_is_told() {
    let [_, _, (_, logged_in, _), (_, v4, _), (_, v6, _)] = sessions();
    let logged_in = Payload::decode(logged_in).unwrap();
    let ada = logged_in.principal().unwrap();
    let methods: Vec<&str> = ada.amr().iter().map(Amr::as_str).collect();
    assert_eq!((ada.subject(), methods, ada.authenticated_at()), ("ada", vec!["pwd", "otp"], Some(BEGUN)));
    assert!(ada.has_role("admin") && ada.has_role("editor"));
    assert_eq!(logged_in.value("theme").unwrap(), "\"dark\"");
    assert_eq!(logged_in.header.max_age(BEGUN), None);
    for (bytes, address) in [(v4, "203.0.113.7"), (v6, "2001:db8::7")] {
        let remembered = Payload::decode(bytes).unwrap();
        let client = Client::decode(remembered.client());
        assert_eq!(client.address, Some(address.parse().unwrap()));
        assert_eq!(client.user_agent.as_deref(), Some("Mozilla/5.0 (X11; Linux x86_64)"));
        assert_eq!(remembered.header.max_age(BEGUN), Some(END.since(BEGUN)));
    }
}

#[test]
fn a_tombstone_as_0_1_stored_it_is_read_and_written_the_same() {
    for (name, bytes, tombstone) in tombstones() {
        assert_eq!(Tombstone::decode(bytes.clone()).as_ref(), Some(&tombstone), "{name}");
        assert_eq!(tombstone.encode(), bytes, "{name}");
        assert_eq!(Payload::decode(bytes), Err(Unreadable), "{name}");
    }
}

#[test]
fn what_a_later_version_stored_is_neither_a_session_nor_a_tombstone() {
    for bytes in [fixture!("later-format"), fixture!("later-flag")] {
        assert_eq!(Payload::decode(bytes.clone()), Err(Unreadable), "{bytes:?}");
        assert_eq!(Tombstone::decode(bytes), None);
    }
}

fn header(persistence: Persistence) -> Header {
    let handle = "00112233445566778899aabbccddeeff".parse::<PublicHandle>().unwrap();
    let beginning = Beginning { at: BEGUN, serial: 3 };
    Header { handle, beginning, absolute_end: END, idle: Duration::from_secs(3_600), persistence }
}

fn data() -> Changes {
    let mut data = Changes::default();
    data.set("theme", Some("\"dark\"".into()));
    data.set("visits", Some("3".into()));
    data
}

/// The bytes that the lines name which are no comments.
fn bytes_of(fixture: &str) -> Bytes {
    let lines = fixture.lines().filter(|line| !line.starts_with('#'));
    let digits: Vec<u8> = lines.flat_map(str::bytes).collect();
    let digit = |byte: u8| u8::try_from(char::from(byte).to_digit(16).unwrap()).unwrap();
    digits.chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}

const BEGUN: Timestamp = Timestamp::from_unix_seconds(1_999_999_000);
const END: Timestamp = Timestamp::from_unix_seconds(2_000_086_400);
