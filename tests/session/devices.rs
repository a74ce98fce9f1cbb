//! Somebody's sessions: listed, and ended one by one, inside and outside of a request.

use std::{net::IpAddr, time::Duration};

use axum::http::{
    Request, Response,
    header::{COOKIE, HeaderValue, USER_AGENT},
};
use portcullis::{
    event::EventKind,
    identity::{IssuerId, Principal},
    session::{Device, Login, PublicHandle, Session, SessionErrorKind, SessionLayer, Timeouts},
    store::Clock,
};
use portcullis_core::StoreErrorKind;
use portcullis_testkit::{Fault, Operation};
use support::{Jar, Site};

fn ada() -> Principal {
    Principal::local("ada")
}

async fn log_in(site: &Site, principal: Principal) -> Jar {
    let jar = Jar::new();
    site.visit(&jar, async |session| session.log_in(principal).await).await.said();
    jar
}

/// A login that comes from a program of that name.
async fn log_in_with(site: &Site, user_agent: &[u8], login: impl Into<Login>) -> Jar {
    let request = Request::builder().header(USER_AGENT, HeaderValue::from_bytes(user_agent).unwrap());
    let visit = site
        .serve(request.body(()).unwrap(), async |session| {
            session.log_in(login).await.unwrap();
            ((), Response::new(Vec::new()))
        })
        .await;
    let jar = Jar::new();
    jar.take_from(visit.response.headers());
    jar
}

async fn devices(site: &Site, jar: &Jar) -> Vec<Device> {
    site.visit(&jar.clone(), async |session| session.devices().await).await.said()
}

async fn handle(site: &Site, jar: &Jar) -> PublicHandle {
    site.visit(&jar.clone(), async |session| session.public_handle().await).await.said().expect("a session")
}

async fn revoke(site: &Site, jar: &Jar, handle: PublicHandle) -> bool {
    site.visit(jar, async |session| session.revoke(handle).await).await.said()
}

async fn renew(site: &Site, jar: &Jar) -> u16 {
    site.visit(jar, async |session| session.renew().await).await.status()
}

#[tokio::test]
async fn s58_a_list_says_when_it_began_when_it_was_seen_when_it_ends_and_what_it_came_from() {
    let site = Site::new();
    let address = IpAddr::from([203, 0, 113, 9]);
    let begun_at = site.clock.now();
    let phone = log_in_with(&site, b"Phone/1", Login::new(ada()).with_address(address)).await;
    site.clock.advance(Duration::from_secs(1_000));
    let laptop = log_in(&site, ada()).await;
    site.clock.advance(Duration::from_secs(500));
    assert_eq!(site.who(&phone).await.as_deref(), Some("ada"));
    let seen_at = site.clock.now();
    site.clock.advance(Duration::from_secs(100));

    let listed = devices(&site, &laptop).await;
    let [first, second] = &listed[..] else { panic!("{listed:?}") };
    assert_eq!(first.handle(), handle(&site, &phone).await, "the last used first");
    assert_eq!((first.logged_in_at(), first.last_seen_at()), (begun_at, seen_at));
    assert_eq!(first.ends_at(), seen_at + Duration::from_secs(3_600));
    assert_eq!((first.user_agent(), first.address()), (Some("Phone/1"), Some(address)));
    assert!(!first.is_current());

    assert_eq!(second.handle(), handle(&site, &laptop).await);
    assert_eq!(second.logged_in_at(), begun_at + Duration::from_secs(1_000));
    assert_eq!((second.user_agent(), second.address()), (None, None), "not guessed");
    assert!(second.is_current());
    assert!(site.layer.sessions().list(&ada()).await.unwrap().iter().all(|device| !device.is_current()));
}

#[tokio::test]
async fn s58_a_device_ends_no_later_than_its_absolute_end() {
    let site = Site::new();
    let begun_at = site.clock.now();
    let hour = Duration::from_secs(3_600);
    let jar = Jar::new();
    let timeouts = Timeouts::new(hour, hour + hour / 2).unwrap();
    site.visit(&jar, async |session| session.log_in(Login::new(ada()).with_timeouts(timeouts)).await)
        .await
        .said();
    site.clock.advance(hour * 3 / 4);
    site.who(&jar).await;
    assert_eq!(devices(&site, &jar).await[0].ends_at(), begun_at + hour + hour / 2);
}

#[tokio::test]
async fn s58_nobody_elses_session_is_listed() {
    let site = Site::new();
    let jar = log_in(&site, ada()).await;
    log_in(&site, Principal::local("alan")).await;
    log_in(&site, Principal::new(IssuerId::new("https://id.example"), "ada")).await;
    log_in(&site, Principal::new(IssuerId::new(format!("{}a", IssuerId::LOCAL)), "da")).await;
    site.begun().await;
    let listed = devices(&site, &jar).await;
    assert_eq!(listed.len(), 1, "{listed:?}");
    assert_eq!(listed[0].handle(), handle(&site, &jar).await);
    assert_eq!(site.layer.sessions().list(&ada()).await.unwrap().len(), 1);
}

#[tokio::test]
async fn s58_what_is_over_or_was_moved_is_not_listed() {
    let site = Site::new();
    let hour = Duration::from_secs(3_600);
    let (renewed, again, over, old) = (Jar::new(), Jar::new(), Jar::new(), Jar::new());
    let short = Timeouts::new(hour / 2, hour / 2).unwrap();
    // Its record outlives it: the last touch reached beyond its absolute end.
    let old_ends = Timeouts::new(hour / 2, hour * 2 / 3).unwrap();
    for (jar, timeouts) in
        [(&renewed, Timeouts::aal2()), (&again, Timeouts::aal2()), (&over, short), (&old, old_ends)]
    {
        site.visit(jar, async |session| session.log_in(Login::new(ada()).with_timeouts(timeouts)).await)
            .await
            .said();
    }
    site.clock.advance(hour / 2 - Duration::from_secs(60));
    assert!(site.who(&old).await.is_some());
    for _ in 0..3 {
        renew(&site, &renewed).await;
    }
    site.visit(&again, async |session| session.log_in(ada()).await).await.said();
    site.clock.advance(hour / 4 - Duration::from_secs(60));
    let listed = devices(&site, &renewed).await;
    let mut handles: Vec<_> = listed.iter().map(Device::handle).collect();
    let mut expected = vec![handle(&site, &renewed).await, handle(&site, &again).await];
    handles.sort_unstable();
    expected.sort_unstable();
    assert_eq!(handles, expected);
}

#[tokio::test]
async fn s58_a_session_that_is_being_renewed_is_listed_once_at_every_step() {
    for seed in 0..200 {
        let site = Site::new();
        let (moving, other) = (log_in(&site, ada()).await, log_in(&site, ada()).await);
        let name = handle(&site, &moving).await;
        site.store.interleave(seed, 3);
        let (_, listed) = tokio::join!(renew(&site, &moving), devices(&site, &other));
        site.store.clear();
        assert_eq!(listed.len(), 2, "seed {seed}: {listed:?}");
        assert_eq!(listed.iter().filter(|device| device.handle() == name).count(), 1, "seed {seed}");
    }
}

#[tokio::test]
async fn s58_hundreds_of_sessions_are_all_listed_and_each_once() {
    let site = Site::new();
    let jar = log_in(&site, ada()).await;
    for at in 0..250 {
        site.clock.advance(Duration::from_millis(at % 3));
        log_in(&site, ada()).await;
    }
    let listed = devices(&site, &jar).await;
    assert!(listed.is_sorted_by(|one, next| one.last_seen_at() >= next.last_seen_at()));
    let mut handles: Vec<_> = listed.iter().map(Device::handle).collect();
    handles.sort_unstable();
    handles.dedup();
    assert_eq!((listed.len(), handles.len()), (251, 251));
    let last = listed.iter().rfind(|device| !device.is_current()).unwrap().handle();
    assert!(revoke(&site, &jar, last).await, "one of another page");
    assert_eq!(devices(&site, &jar).await.len(), 250);
}

#[tokio::test]
async fn s58_a_user_agent_is_the_logins_own_and_cut_at_256_bytes() {
    let site = Site::new();
    let jar = log_in_with(&site, &[b'x'; 1_000], ada()).await;
    let other_browser = Request::builder().header(USER_AGENT, "Other/2").header(COOKIE, jar.pair().unwrap());
    site.serve(other_browser.body(()).unwrap(), async |session| {
        session.insert("a", 1).unwrap();
        ((), Response::new(Vec::new()))
    })
    .await;
    renew(&site, &jar).await;
    assert_eq!(devices(&site, &jar).await[0].user_agent(), Some("x".repeat(256).as_str()));

    let jar = log_in_with(&site, &[b"caf".as_slice(), &[0xe9; 300]].concat(), ada()).await;
    let listed = devices(&site, &jar).await;
    let device = listed.iter().find(|device| device.is_current()).unwrap();
    assert!(device.user_agent().unwrap().starts_with("caf\u{fffd}"), "bytes that are no text harm nobody");
}

#[tokio::test]
async fn s58_a_second_login_says_anew_where_it_came_from() {
    let site = Site::new();
    let address = IpAddr::from([0x2001, 0xdb8, 0, 0, 0, 0, 0, 1]);
    let jar = log_in_with(&site, b"Phone/1", Login::new(ada()).with_address(address)).await;
    assert_eq!(devices(&site, &jar).await[0].address(), Some(address));
    site.visit(&jar, async |session| session.log_in(ada()).await).await.said();
    let device = &devices(&site, &jar).await[0];
    assert_eq!((device.user_agent(), device.address()), (None, None));
}

#[tokio::test]
async fn s58_a_session_is_revoked_by_its_handle_at_once_whatever_the_response() {
    let site = Site::new();
    let (jar, other, third) =
        (log_in(&site, ada()).await, log_in(&site, ada()).await, log_in(&site, ada()).await);
    let name = handle(&site, &other).await;
    let failing = site
        .visit_answering(&jar, axum::http::StatusCode::INTERNAL_SERVER_ERROR, async |session: Session| {
            let was_there = session.revoke(name).await?;
            assert!(site.who(&other).await.is_none(), "before the response");
            Ok(was_there)
        })
        .await;
    assert!(failing.cookies().is_empty());
    assert!(failing.said());
    assert!(site.who(&jar).await.is_some() && site.who(&third).await.is_some());
    assert!(!revoke(&site, &jar, name).await, "there is none any more");

    let name = handle(&site, &third).await;
    assert!(site.layer.sessions().revoke(&ada(), name).await.unwrap());
    assert!(!site.layer.sessions().revoke(&ada(), name).await.unwrap());
    assert!(site.who(&third).await.is_none());
    assert!(site.who(&jar).await.is_some());
}

#[tokio::test]
async fn s58_the_own_handle_logs_out() {
    let site = Site::new();
    let (jar, other) = (log_in(&site, ada()).await, log_in(&site, ada()).await);
    let before = jar.clone();
    let name = handle(&site, &jar).await;
    let visit = site.visit(&jar, async |session| session.revoke(name).await).await;
    assert!(visit.cookies()[0].contains("Max-Age=0"), "{:?}", visit.cookies());
    assert!(visit.said());
    assert!(site.who(&before).await.is_none() && site.who(&other).await.is_some());
}

#[tokio::test]
async fn s58_a_handle_of_nobody_or_of_somebody_else_ends_nothing() {
    let site = Site::new();
    let (jar, alan) = (log_in(&site, ada()).await, log_in(&site, Principal::local("alan")).await);
    let elsewhere = Principal::new(IssuerId::new("https://id.example"), "ada");
    let elsewhere = log_in(&site, elsewhere).await;
    let anonymous = site.begun().await;
    let unknown: PublicHandle = "00112233445566778899aabbccddeeff".parse().unwrap();
    let mut names = vec![unknown];
    for other in [&alan, &elsewhere, &anonymous] {
        names.push(handle(&site, other).await);
    }
    for name in names {
        assert!(!revoke(&site, &jar, name).await);
        assert!(!site.layer.sessions().revoke(&ada(), name).await.unwrap());
        let mallory = log_in(&site, Principal::local("mallory")).await;
        assert!(!revoke(&site, &mallory, name).await);
    }
    assert!(site.who(&alan).await.is_some() && site.who(&elsewhere).await.is_some());
    assert!(site.who(&jar).await.is_some());
    assert_eq!(site.read(&anonymous, "a").await, Some(1));
}

#[tokio::test]
async fn s58_nobody_has_no_devices_and_revokes_none_but_the_own_session() {
    let site = Site::new();
    let victim = log_in(&site, ada()).await;
    let name = handle(&site, &victim).await;
    for jar in [Jar::new(), site.begun().await] {
        assert!(devices(&site, &jar).await.is_empty());
        assert!(!revoke(&site, &jar, name).await);
    }
    let jar = site.begun().await;
    let before = jar.clone();
    let own = handle(&site, &jar).await;
    assert!(revoke(&site, &jar, own).await);
    assert_eq!((jar.pair(), site.read(&before, "a").await), (None, None));
    assert!(site.who(&victim).await.is_some());
}

/// A device that is revoked while it renews its id: whatever it was handed over is dead.
#[tokio::test]
async fn s58_no_interleaving_lets_a_renewal_survive_its_revocation() {
    for seed in 0..500 {
        let site = Site::new();
        let (jar, thief) = (log_in(&site, ada()).await, log_in(&site, ada()).await);
        let before = thief.clone();
        let (one, two) = (thief.clone(), thief.clone());
        let name = handle(&site, &thief).await;
        site.store.interleave(seed, 3);
        let by_request = async || {
            if seed % 2 == 0 {
                revoke(&site, &jar, name).await
            } else {
                site.layer.sessions().revoke(&ada(), name).await.unwrap()
            }
        };
        let twice = async || {
            renew(&site, &two).await;
            renew(&site, &two).await
        };
        let (first, _, was_there) = tokio::join!(renew(&site, &one), twice(), by_request());
        site.store.clear();
        assert!(was_there, "seed {seed}");
        for handed_over in [&before, &one, &two] {
            assert!(site.who(handed_over).await.is_none(), "seed {seed}: {first}");
        }
        assert!(site.who(&jar).await.is_some(), "seed {seed}");
        assert_eq!(devices(&site, &jar).await.len(), 1, "seed {seed}");
    }
}

#[tokio::test]
async fn s58_no_interleaving_lets_a_writer_survive_its_revocation() {
    for seed in 0..300 {
        let site = Site::new();
        let (jar, thief) = (log_in(&site, ada()).await, log_in(&site, ada()).await);
        let slow = thief.clone();
        let name = handle(&site, &thief).await;
        site.store.interleave(seed, 3);
        site.clock.advance(Duration::from_secs(600));
        let (_, was_there) = tokio::join!(
            site.visit(&slow, async |session: Session| match seed % 3 {
                0 => session.insert("b", 1),
                1 => session.update("b", |_: Option<u32>| 1).await.map(|_| ()),
                _ => session.get::<u32>("a").await.map(|_| ()),
            }),
            revoke(&site, &jar, name),
        );
        site.store.clear();
        assert!(was_there, "seed {seed}");
        assert!(site.who(&slow).await.is_none() && site.who(&thief).await.is_none(), "seed {seed}");
    }
}

#[tokio::test]
async fn s58_one_lost_answer_of_a_revocation_is_asked_for_again() {
    for fault in [Fault::request_lost(StoreErrorKind::Timeout), Fault::answer_lost(StoreErrorKind::Timeout)] {
        let site = Site::new();
        let (jar, other) = (log_in(&site, ada()).await, log_in(&site, ada()).await);
        let name = handle(&site, &other).await;
        site.store.fail_next(1, [Operation::Remove], fault);
        assert!(revoke(&site, &jar, name).await);
        assert!(site.who(&other).await.is_none());
    }
}

#[tokio::test]
async fn s54_a_list_or_a_revocation_in_an_outage_is_a_503_and_ends_nothing() {
    let site = Site::new();
    let (jar, other) = (log_in(&site, ada()).await, log_in(&site, ada()).await);
    let name = handle(&site, &other).await;
    for operation in [Operation::List, Operation::Remove] {
        site.store.fail([operation], Fault::refused(StoreErrorKind::Unavailable));
        let visit = site.visit(&jar, async |session| session.revoke(name).await).await;
        assert_eq!((visit.status(), visit.cookies()), (503, vec![]), "{operation:?}");
        let failed = site.layer.sessions().revoke(&ada(), name).await.unwrap_err();
        assert_eq!(failed.kind(), SessionErrorKind::Unavailable);
        site.store.clear();
        assert!(site.who(&other).await.is_some());
    }
    site.store.fail([Operation::List], Fault::refused(StoreErrorKind::Unavailable));
    assert_eq!(site.visit(&jar, async |session| session.devices().await.map(|_| ())).await.status(), 503);
}

#[tokio::test]
async fn s90_a_revocation_is_told_with_the_handle_of_what_ended() {
    let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let heard = std::sync::Arc::clone(&told);
    let site = Site::new().with(|layer: SessionLayer| {
        layer.with_event_hook(move |event| heard.lock().unwrap().push((event.kind(), event.session())))
    });
    let (jar, other) = (log_in(&site, ada()).await, log_in(&site, ada()).await);
    let name = handle(&site, &other).await;
    told.lock().unwrap().clear();
    revoke(&site, &jar, name).await;
    assert_eq!(*told.lock().unwrap(), [(EventKind::Revoked, Some(name))]);
}

/// The app's sessions of two realms on one store are the same person's.
#[tokio::test]
async fn s58_sessions_of_two_realms_are_listed_together_and_revoked_from_either() {
    let site = Site::new();
    let other = site.clone().with(|layer| layer.with_realm("other"));
    let (here, there) = (log_in(&site, ada()).await, log_in(&other, ada()).await);
    assert_eq!(devices(&site, &here).await.len(), 2);
    let name = handle(&other, &there).await;
    assert!(revoke(&site, &here, name).await);
    assert!(other.who(&there).await.is_none());
}

#[tokio::test]
async fn s27_an_id_of_one_realm_is_unknown_in_another_on_the_same_store() {
    let site = Site::new();
    let other = site.clone().with(|layer| layer.with_realm("other"));
    let jar = log_in(&site, ada()).await;
    site.visit(&jar, async |session| session.insert("a", 1)).await.said();
    assert!(other.who(&jar).await.is_none());
    assert_eq!(other.read(&jar, "a").await, None);
    let visit = other.visit(&jar.clone(), async |session| session.renew().await).await;
    assert!(visit.cookies().is_empty());
    other.visit(&jar.clone(), async |session| session.log_out().await).await.said();
    other.visit(&jar.clone(), async |session| session.log_out_everywhere().await).await.said();
    assert_eq!(site.who(&jar).await.as_deref(), Some("ada"), "nor ended there");
    let again = site.clone().with(|layer| layer.with_realm("other"));
    let there = log_in(&other, ada()).await;
    assert_eq!(again.who(&there).await.as_deref(), Some("ada"), "a realm is its name alone");
}

#[tokio::test]
async fn s58_devices_beside_a_login_are_those_of_whom_the_request_logs_in() {
    let site = Site::new();
    let (bob, phone) = (log_in(&site, Principal::local("bob")).await, log_in(&site, ada()).await);
    let (of_bob, of_ada) = (handle(&site, &bob).await, handle(&site, &phone).await);
    let visit = site
        .visit(&bob, async |session: Session| {
            session.log_in(ada()).await?;
            let listed: Vec<_> = session.devices().await?.iter().map(Device::handle).collect();
            Ok((listed, session.revoke(of_bob).await?, session.revoke(of_ada).await?))
        })
        .await;
    assert_eq!(visit.said(), (vec![of_ada], false, true), "bob's own is none of ada's");
    assert_eq!(site.who(&phone).await, None);
    assert_eq!(site.who(&bob).await.as_deref(), Some("ada"), "the login was not dropped");
}
