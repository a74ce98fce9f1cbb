//! Records as earlier versions stored them, under the ids that cookies name.

use std::{fs, net::IpAddr};

use portcullis::{
    identity::IssuerId,
    session::{Session, SessionErrorKind},
};
use portcullis_core::Owner;
use support::{Planted, Site};

/// A record that 0.1 stored, from the fixtures of the crate, whose own tests decode every field of it.
fn fixture(name: &str) -> Vec<u8> {
    let text = fs::read_to_string(format!("../crates/portcullis/src/session/tests/fixtures/0.1/{name}.hex"))
        .expect("a fixture");
    let digits: String = text.lines().filter(|line| !line.starts_with('#')).collect();
    let pairs = digits.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).expect("ASCII"));
    pairs.map(|pair| u8::from_str_radix(pair, 16).expect("hexadecimal digits")).collect()
}

#[tokio::test]
async fn what_0_1_stored_is_still_a_session() {
    let rows = [
        ("session-empty", None, None, None),
        ("session-anonymous", None, Some(3), None),
        ("session-logged-in", Some("ada"), Some(3), None),
        ("session-remembered-v4", Some("ada"), None, Some("203.0.113.7")),
        ("session-remembered-v6", Some("ada"), None, Some("2001:db8::7")),
    ];
    for (name, subject, visits, address) in rows {
        let site = Site::new();
        let owner = subject.map(|subject| Owner::new(IssuerId::LOCAL, subject));
        let Planted { jar, .. } = site.plant(1, owner, &fixture(name)).await;
        assert_eq!(site.who(&jar).await.as_deref(), subject, "{name}");
        assert_eq!(site.read(&jar, "visits").await, visits, "{name}");
        let look = async |session: Session| {
            let devices = session.devices().await?;
            Ok((session.public_handle().await?, devices.first().and_then(|device| device.address())))
        };
        let (handle, from) = site.visit(&jar, look).await.said();
        assert_eq!(handle.unwrap().to_string(), "00112233445566778899aabbccddeeff", "{name}");
        assert_eq!(from, address.map(|address| address.parse::<IpAddr>().unwrap()), "{name}");
        // It goes on: what is written now is added to it.
        site.visit(&jar, async |session| session.insert("theme", "light")).await.said();
        site.visit(&jar, async |session| session.renew().await).await.said();
        assert_eq!(site.who(&jar).await.as_deref(), subject, "{name}");
        assert_eq!(site.read(&jar, "visits").await, visits, "{name}");
    }
}

#[tokio::test]
async fn what_a_later_version_stored_is_nobodys_and_stays_until_a_logout() {
    for name in ["later-format", "later-flag"] {
        let site = Site::new();
        let Planted { key, jar } = site.plant(1, None, &fixture(name)).await;
        let before = site.stored(&key).await;
        let other = jar.clone();
        let insert = async |session: Session| {
            assert_eq!(session.public_handle().await?, None);
            session.insert("a", 1)
        };
        site.visit(&other, insert).await.said();
        assert_ne!(other.pair(), jar.pair(), "{name}: a session of its own");
        assert_eq!(site.stored(&key).await, before, "{name}");
        site.visit(&jar, async |session| session.log_out().await).await.said();
        assert_eq!(site.stored(&key).await, None, "{name}");
    }
}

#[tokio::test]
async fn an_id_that_0_1_gave_up_is_dead_and_begins_nothing() {
    for name in ["tombstone-renewed", "tombstone-logged-in", "tombstone-without-successors"] {
        let site = Site::new();
        let Planted { jar, .. } = site.plant(1, None, &fixture(name)).await;
        assert_eq!(site.who(&jar).await, None, "{name}");
        let update = async |session: Session| session.update("a", |_: Option<u32>| 1).await;
        assert_eq!(site.visit(&jar, update).await.failed(), SessionErrorKind::Gone, "{name}");
    }
}

/// libFuzzer wants them raw.
#[test]
fn the_fuzz_targets_begin_with_the_same_bytes() {
    for name in ["session-anonymous", "session-logged-in", "tombstone-renewed", "later-format"] {
        let seed = fs::read(format!("../fuzz/seeds/session_record/{name}")).expect("a seed");
        assert_eq!(seed, fixture(name), "{name}");
    }
}
