//! Logins and renewals: fixation, what comes along, and races with writes.

use axum::http::{Request, Response, header::COOKIE};
use portcullis::{
    identity::{Amr, Principal},
    session::{Session, SessionErrorKind},
};
use portcullis_core::{Owner, Page, Space, Store};
use portcullis_testkit::Operation;
use support::{Jar, Site};

fn ada() -> Principal {
    Principal::local("ada").with_amr([Amr::PASSWORD])
}

async fn with_cart(site: &Site) -> Jar {
    let jar = Jar::new();
    site.visit(&jar, async |session| session.insert("cart", 1)).await.said();
    jar
}

async fn log_in(site: &Site, jar: &Jar, principal: Principal) {
    site.visit(jar, async |session| session.log_in(principal).await).await.said();
}

async fn subject(site: &Site, jar: &Jar) -> Option<String> {
    let principal = site.visit(&jar.clone(), async |session| session.principal().await).await.said();
    principal.map(|principal| principal.subject().to_owned())
}

async fn cart(site: &Site, jar: &Jar) -> Option<u32> {
    site.visit(&jar.clone(), async |session| session.get("cart").await).await.said()
}

#[tokio::test]
async fn s33_a_login_changes_the_id_and_the_old_one_is_dead_at_once() {
    let site = Site::new();
    let planted = with_cart(&site).await;
    let victim = planted.clone();
    log_in(&site, &victim, ada()).await;
    assert_ne!(victim.pair(), planted.pair());
    assert_eq!(subject(&site, &victim).await.as_deref(), Some("ada"));
    assert_eq!(cart(&site, &victim).await, Some(1), "the cart comes along");
    assert_eq!((subject(&site, &planted).await, cart(&site, &planted).await), (None, None));
}

#[tokio::test]
async fn s34_a_login_of_the_same_subject_changes_the_id_too_and_keeps_its_data() {
    let site = Site::new();
    let jar = with_cart(&site).await;
    log_in(&site, &jar, ada()).await;
    let before = jar.clone();
    log_in(&site, &jar, ada()).await;
    assert_ne!(jar.pair(), before.pair());
    assert_eq!(cart(&site, &jar).await, Some(1));
    assert_eq!(subject(&site, &before).await, None);
}

#[tokio::test]
async fn s35_a_login_of_another_subject_drops_the_data() {
    let site = Site::new();
    let jar = with_cart(&site).await;
    log_in(&site, &jar, ada()).await;
    log_in(&site, &jar, Principal::local("alan")).await;
    assert_eq!((subject(&site, &jar).await.as_deref(), cart(&site, &jar).await), (Some("alan"), None));
}

#[tokio::test]
async fn s36_an_unknown_id_is_never_adopted() {
    let site = Site::new();
    let elsewhere = Site::new();
    let chosen_by_the_attacker = with_cart(&elsewhere).await;
    let jar = chosen_by_the_attacker.clone();
    let visit = site.visit(&jar, async |session| session.insert("cart", 2)).await;
    assert_eq!(visit.cookies().len(), 1);
    assert_ne!(jar.pair(), chosen_by_the_attacker.pair());
    assert_eq!(cart(&site, &chosen_by_the_attacker).await, None);
}

#[tokio::test]
async fn s51_an_unknown_id_is_not_answered_with_a_deletion() {
    let site = Site::new();
    let elsewhere = Site::new();
    let stale = with_cart(&elsewhere).await;
    let visit = site.visit(&stale, async |session| session.get::<u32>("cart").await).await;
    assert!(visit.cookies().is_empty());
}

#[tokio::test]
async fn a_login_is_not_cancelled_by_a_later_write_of_the_handler() {
    let site = Site::new();
    let jar = with_cart(&site).await;
    let before = jar.clone();
    site.visit(&jar, async |session: Session| {
        session.log_in(ada()).await?;
        session.insert("cart", 7)?;
        session.update("visits", |visits: Option<u32>| visits.unwrap_or(0) + 1).await.map(|_| ())
    })
    .await
    .said();
    assert_ne!(jar.pair(), before.pair());
    assert_eq!((subject(&site, &jar).await.as_deref(), cart(&site, &jar).await), (Some("ada"), Some(7)));
}

#[tokio::test]
async fn the_principal_keeps_its_time_and_means() {
    use portcullis::store::Clock;
    let site = Site::new();
    let jar = Jar::new();
    log_in(&site, &jar, ada()).await;
    let at = site.clock.now();
    site.clock.advance(std::time::Duration::from_secs(60));
    let principal = site.visit(&jar, async |session| session.principal().await).await.said().unwrap();
    assert_eq!((principal.authenticated_at(), principal.amr()), (Some(at), &[Amr::PASSWORD][..]));
}

#[tokio::test]
async fn a_login_joins_the_owners_index() {
    let site = Site::new();
    log_in(&site, &Jar::new(), ada()).await;
    log_in(&site, &Jar::new(), ada()).await;
    let owner = Owner::new(ada().issuer().as_str(), "ada");
    assert_eq!(site.store.list(&owner, Space::Session, Page::first(10)).await.unwrap().records.len(), 2);
}

/// A write that commits between the copy and the removal of the old record is copied again.
#[tokio::test]
async fn a_write_that_races_with_a_login_is_not_lost() {
    for seed in 0..200 {
        let site = Site::new();
        let jar = with_cart(&site).await;
        let writer = jar.clone();
        site.store.interleave(seed, 3);
        let (login, write) = tokio::join!(
            site.visit(&jar, async |session| session.log_in(ada()).await),
            site.visit(&writer, async |session| {
                session.update("cart", |cart: Option<u32>| cart.unwrap_or(0) + 1).await
            }),
        );
        site.store.clear();
        login.said();
        match write.answer.unwrap() {
            // Begun after the old id died, the write began a session of its own.
            Ok(1) => assert_eq!(
                (cart(&site, &jar).await, cart(&site, &writer).await),
                (Some(1), Some(1)),
                "seed {seed}"
            ),
            Ok(stored) => assert_eq!((stored, cart(&site, &jar).await), (2, Some(2)), "seed {seed}"),
            Err(told) => {
                assert_eq!((told, cart(&site, &jar).await), (SessionErrorKind::Gone, Some(1)), "seed {seed}")
            }
        }
    }
}

#[tokio::test]
async fn s39_a_renewal_keeps_data_principal_and_absolute_end() {
    use std::time::Duration;
    let site = Site::new();
    let jar = with_cart(&site).await;
    log_in(&site, &jar, ada()).await;
    let before = jar.clone();
    site.clock.advance(Duration::from_secs(1_800));
    site.visit(&jar, async |session| session.renew().await).await.said();
    assert_ne!(jar.pair(), before.pair());
    assert_eq!((subject(&site, &jar).await.as_deref(), cart(&site, &jar).await), (Some("ada"), Some(1)));
    assert_eq!(subject(&site, &before).await, None);
    let left = site.visit(&jar, async |session| session.expires_in().await).await.said().unwrap();
    assert_eq!(left.absolute, Duration::from_secs(24 * 3_600 - 1_800));
}

#[tokio::test]
async fn a_renewal_of_nobodys_session_does_nothing() {
    let site = Site::new();
    let visit = site.visit(&Jar::new(), async |session| session.renew().await).await;
    assert!(visit.cookies().is_empty());
    assert_eq!(site.store.trips().of(Operation::Create), 0);
}

/// The fence: everything of the owner is revoked between the load and the creation of the renewal.
#[tokio::test]
async fn a_renewal_does_not_survive_a_revocation_of_everything() {
    let site = Site::new();
    let jar = Jar::new();
    log_in(&site, &jar, ada()).await;
    let owner = Owner::new(ada().issuer().as_str(), "ada");
    let visit = site
        .visit(&jar, async |session: Session| {
            session.renew().await?;
            site.store.remove_all(&owner, &[Space::Session]).await.expect("no fault is set");
            Ok(())
        })
        .await;
    assert_eq!((visit.status(), visit.cookies()), (409, vec![]));
    assert!(site.store.list(&owner, Space::Session, Page::first(10)).await.unwrap().records.is_empty());
}

#[tokio::test]
async fn s33_a_login_ends_every_live_id_that_the_request_bears() {
    let site = Site::new();
    let (planted, own) = (site.begun().await, site.begun().await);
    let both = format!("{}; {}", planted.pair().unwrap(), own.pair().unwrap());
    let request = Request::builder().header(COOKIE, both).body(()).unwrap();
    let visit = site
        .serve(request, async |session| {
            session.log_in(ada()).await.unwrap();
            ((), Response::new(Vec::new()))
        })
        .await;
    let new = Jar::new();
    new.take_from(visit.response.headers());
    // The browser replaces its own and keeps what was planted.
    let both = Jar::with(format!("{}; {}", planted.pair().unwrap(), new.pair().unwrap()));
    assert_eq!(site.who(&both).await.as_deref(), Some("ada"));
}

/// The renewal is done in another tab, and its answer is on its way.
#[tokio::test]
async fn s33_a_login_under_a_moved_id_ends_what_that_goes_on_as() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let other_tab = jar.clone();
    site.visit(&other_tab, async |session| session.renew().await).await.said();
    log_in(&site, &jar, Principal::local("bob")).await;
    assert_eq!(subject(&site, &jar).await.as_deref(), Some("bob"));
    assert_eq!(subject(&site, &other_tab).await, None, "the session from before the login lives on");
}
