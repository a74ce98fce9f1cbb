use std::ops::Range;

use axum::http::StatusCode;
use portcullis::{
    identity::{IssuerId, Principal},
    session::{PublicHandle, Session, SessionError, SessionErrorKind},
};
use portcullis_core::{Owner, Store};

use super::{LOGGED_IN, block_on};
use crate::{Jar, Planted, Site, Visit};

/// Any bytes as what a store keeps under the id that a cookie names.
///
/// Either they are a session, and every call does what it does to one; or they are nobody's, and whatever is called they stay as
/// they are until a logout. Then the same bytes come in place of a session that a request has seen already. Nothing of it is ever
/// an outage.
pub fn session_record(payload: &[u8]) {
    let ada = Owner::new(IssuerId::LOCAL, "ada");
    block_on(async {
        let site = Site::new();
        for owner in [None, Some(ada)] {
            let seen = seen(&site, payload, owner).await;
            // A principal that cannot be told must not pass for nobody.
            if seen.handle.is_some() {
                assert_eq!(
                    seen.subject.is_none(),
                    payload.get(PRINCIPAL_LENGTH) == Some(&[0; 4]),
                    "{seen:?}"
                );
            }
            for call in CALLS {
                call_at_once(&site, payload, owner, &seen, call).await;
                come_between(&site, payload, owner, call).await;
            }
        }
    });
}

/// What the bytes are to a request that reads.
#[derive(Debug, Eq, PartialEq)]
struct Seen {
    handle: Option<PublicHandle>,
    subject: Option<String>,
}

impl Seen {
    async fn by(site: &Site, jar: &Jar) -> Self {
        let look = async |session: Session| {
            let subject = session.principal().await?.map(|principal| principal.subject().to_owned());
            Ok(Self { handle: session.public_handle().await?, subject })
        };
        site.visit(&jar.clone(), look).await.said()
    }
}

async fn seen(site: &Site, payload: &[u8], owner: Option<Owner>) -> Seen {
    let planted = plant_alone(site, payload, owner).await;
    Seen::by(site, &planted.jar).await
}

/// Plants what is to be the only record under its id and of its owner: a site is dear to build, and serves for all calls.
async fn plant_alone(site: &Site, payload: &[u8], owner: Option<Owner>) -> Planted {
    for subject in ["ada", "alan"] {
        site.layer.sessions().revoke_all(&Principal::local(subject)).await.expect("no faults");
    }
    site.store.remove(&Planted::named(SECRET, owner).key, None).await.expect("no faults");
    site.plant(SECRET, owner, payload).await
}

/// One call, by a request that has not looked before.
async fn call_at_once(site: &Site, payload: &[u8], owner: Option<Owner>, seen: &Seen, call: Call) {
    let Planted { key, jar } = plant_alone(site, payload, owner).await;
    let before = site.stored(&key).await.expect("planted");
    let old = jar.clone();
    let visit = site.visit(&jar, async |session| call.run(session, seen.handle).await).await;
    let what = format!("{call:?} of {seen:?}");
    check_status(&visit, &what);

    let after = site.stored(&key).await;
    let said = visit.answer.expect("reached");
    if seen.handle.is_none() {
        match (call, said) {
            // What leads on stays until it expires, so that every logout finds the way.
            (Call::LogOut | Call::LogOutEverywhere, Ok(())) if payload.starts_with(&[TOMBSTONE]) => {
                assert!(after.is_none() || after == Some(before), "{what}");
            }
            (Call::LogOut | Call::LogOutEverywhere, Ok(())) => assert_eq!(after, None, "{what}"),
            _ => assert_eq!(after, Some(before), "{what}"),
        }
        assert_eq!(Seen::by(site, &old).await.handle, None, "{what}");
        return;
    }
    match said {
        Err(SessionErrorKind::Value) if matches!(call, Call::Get | Call::Update) => {}
        said => assert_eq!(said, Ok(()), "{what}"),
    }
    match call {
        Call::LogOut | Call::LogOutEverywhere | Call::Revoke => {
            assert_eq!((after, jar.pair()), (None, None), "{what}");
        }
        Call::LogIn => {
            assert_eq!(site.who(&jar).await.as_deref(), Some("alan"), "{what}");
            assert_eq!(Seen::by(site, &old).await.handle, None, "{what}: the old id lives");
        }
        Call::Renew => {
            assert_eq!(Seen::by(site, &jar).await, *seen, "{what}");
            assert_eq!(Seen::by(site, &old).await.handle, None, "{what}: the old id lives");
        }
        Call::Insert => {
            assert_eq!(site.read(&jar, KEY).await, Some(7), "{what}");
            assert_eq!(Seen::by(site, &jar).await, *seen, "{what}");
        }
        Call::Remove => assert_eq!(site.read(&jar, KEY).await, None, "{what}"),
        _ => assert_eq!(Seen::by(site, &jar).await, *seen, "{what}"),
    }
}

/// One call, by a request that found a whole session where the bytes are now.
async fn come_between(site: &Site, payload: &[u8], owner: Option<Owner>, call: Call) {
    let Planted { key, jar } = plant_alone(site, LOGGED_IN, owner).await;
    let visit = site
        .visit(&jar, async |session| {
            let handle = session.public_handle().await?;
            site.replace(&key, payload).await;
            call.run(session, handle).await
        })
        .await;
    check_status(&visit, &format!("{call:?}, and bytes that come between"));
}

/// A session that was ended meanwhile is a conflict, and a value of another type the handler's own mistake; nothing else is.
fn check_status(visit: &Visit<Result<(), SessionErrorKind>>, what: &str) {
    let is_expected = match &visit.answer {
        Some(Ok(())) => [StatusCode::OK, StatusCode::CONFLICT].contains(&visit.response.status()),
        Some(Err(kind)) => matches!(kind, SessionErrorKind::Gone | SessionErrorKind::Value),
        None => false,
    };
    assert!(is_expected, "{what}: {} after {:?}", visit.status(), visit.answer);
}

/// What a handler can ask of its session.
#[derive(Clone, Copy, Debug)]
enum Call {
    Get,
    Insert,
    Remove,
    Update,
    LogIn,
    Renew,
    LogOut,
    LogOutEverywhere,
    LogOutOthers,
    Devices,
    Revoke,
    ExpiresIn,
    Commit,
}

impl Call {
    async fn run(self, session: Session, handle: Option<PublicHandle>) -> Result<(), SessionError> {
        match self {
            Self::Get => session.get::<u32>("visits").await.map(drop),
            Self::Insert => {
                session.insert(KEY, 7)?;
                session.commit().await
            }
            Self::Remove => {
                session.remove(KEY)?;
                session.commit().await
            }
            Self::Update => session.update(KEY, |_: Option<u32>| 7).await.map(drop),
            Self::LogIn => session.log_in(Principal::local("alan")).await,
            Self::Renew => session.renew().await,
            Self::LogOut => session.log_out().await,
            Self::LogOutEverywhere => session.log_out_everywhere().await,
            Self::LogOutOthers => session.log_out_others().await,
            Self::Devices => {
                assert!(session.devices().await?.len() <= 1);
                Ok(())
            }
            Self::Revoke => {
                let handle = handle.unwrap_or("00112233445566778899aabbccddeeff".parse().expect("a handle"));
                session.revoke(handle).await.map(drop)
            }
            Self::ExpiresIn => {
                assert_eq!(session.expires_in().await?.is_some(), handle.is_some());
                Ok(())
            }
            Self::Commit => session.commit().await,
        }
    }
}

const CALLS: [Call; 13] = [
    Call::Get,
    Call::Insert,
    Call::Remove,
    Call::Update,
    Call::LogIn,
    Call::Renew,
    Call::LogOut,
    Call::LogOutEverywhere,
    Call::LogOutOthers,
    Call::Devices,
    Call::Revoke,
    Call::ExpiresIn,
    Call::Commit,
];
const KEY: &str = "k";
/// Where a session record has it: behind format, flags, handle, two instants and the idle timeout.
const TOMBSTONE: u8 = 0x81;
const PRINCIPAL_LENGTH: Range<usize> = 50..54;
const SECRET: u8 = 1;
