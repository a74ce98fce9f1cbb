//! Requests that no user is behind.

use std::time::Duration;

use axum::http::{Request, Response, header::COOKIE};
use portcullis::{
    identity::Principal,
    session::{Remaining, Session, Timeouts},
};
use portcullis_testkit::Operation;
use support::{Jar, Site};

const IDLE: Duration = Duration::from_secs(1_000);
const ABSOLUTE: Duration = Duration::from_secs(50_000);

fn site() -> Site {
    Site::new().with(|layer| {
        layer.with_timeouts(Timeouts::new(IDLE, ABSOLUTE).unwrap()).with_activity(|request| {
            request.uri().path() != "/poll" && !request.headers().contains_key("x-poll")
        })
    })
}

/// A request that a page makes by itself.
async fn poll<T>(
    site: &Site,
    jar: &Jar,
    handler: impl AsyncFnOnce(Session) -> Result<T, portcullis::session::SessionError>,
) -> T {
    let request = Request::builder().uri("/poll").header(COOKIE, jar.pair().unwrap_or_default());
    let visit = site
        .serve(request.body(()).unwrap(), async |session| {
            (handler(session).await.unwrap(), Response::new(Vec::new()))
        })
        .await;
    assert_eq!(visit.status(), 200);
    jar.take_from(visit.response.headers());
    visit.answer.unwrap()
}

async fn left(site: &Site, jar: &Jar) -> Option<Remaining> {
    poll(site, jar, async |session| session.expires_in().await).await
}

#[tokio::test]
async fn s44_reads_writes_and_renewals_in_the_background_do_not_keep_a_session_alive() {
    for kind in 0..5 {
        let site = site();
        let jar = site.logged_in().await;
        for step in 1..10 {
            site.clock.advance(IDLE / 10);
            poll(&site, &jar, async |session: Session| match kind {
                0 => session.get::<u32>("a").await.map(|_| ()),
                1 => session.insert("a", step),
                2 => session.update("a", |_: Option<u32>| step).await.map(|_| ()),
                3 => session.renew().await,
                _ => session.log_out_others().await,
            })
            .await;
            let left = left(&site, &jar).await.expect("it lives");
            assert_eq!(left.idle, IDLE - IDLE / 10 * step, "kind {kind}: and says so");
        }
        site.clock.advance(IDLE / 10);
        assert_eq!(site.who(&jar).await, None, "kind {kind}");
    }
}

#[tokio::test]
async fn s44_a_user_among_the_polls_does() {
    let site = site();
    let jar = site.logged_in().await;
    for _ in 0..20 {
        site.clock.advance(IDLE / 2);
        poll(&site, &jar, async |session: Session| session.get::<u32>("a").await).await;
        assert_eq!(site.read(&jar, "a").await, Some(1));
        assert_eq!(left(&site, &jar).await.unwrap().idle, IDLE);
    }
}

#[tokio::test]
async fn s44_the_predicate_sees_the_request() {
    let site = site();
    let jar = site.logged_in().await;
    site.clock.advance(IDLE / 2);
    site.store.take_trips();
    let request = Request::builder().uri("/page").header(COOKIE, jar.pair().unwrap()).header("x-poll", "1");
    site.serve(request.body(()).unwrap(), async |session| {
        session.get::<u32>("a").await.unwrap();
        ((), Response::new(Vec::new()))
    })
    .await;
    assert_eq!(site.store.take_trips().of(Operation::Extend), 0);
    assert_eq!(left(&site, &jar).await.unwrap().idle, IDLE / 2);
}

#[tokio::test]
async fn s44_a_session_begun_or_logged_in_to_in_the_background_has_its_whole_time() {
    let site = site();
    let jar = Jar::new();
    poll(&site, &jar, async |session: Session| session.insert("a", 1)).await;
    let left_now = left(&site, &jar).await.unwrap();
    assert_eq!((left_now.idle, left_now.absolute), (IDLE, ABSOLUTE));
    site.clock.advance(IDLE / 2);
    poll(&site, &jar, async |session: Session| session.log_in(Principal::local("ada")).await).await;
    let left_now = left(&site, &jar).await.unwrap();
    assert_eq!((left_now.idle, left_now.absolute), (IDLE, ABSOLUTE));
}

/// A long poll that writes in the end does not take back what a user did meanwhile.
#[tokio::test]
async fn s43_s44_a_late_write_or_renewal_in_the_background_does_not_take_activity_back() {
    for kind in 0..3 {
        let site = site();
        let jar = site.logged_in().await;
        site.clock.advance(IDLE / 10);
        poll(&site, &jar, async |session: Session| {
            session.get::<u32>("a").await?;
            site.clock.advance(IDLE / 2);
            assert_eq!(site.read(&jar, "a").await, Some(1), "the user is there");
            match kind {
                0 => session.insert("b", 1),
                1 => session.update("b", |_: Option<u32>| 1).await.map(|_| ()),
                _ => session.renew().await,
            }
        })
        .await;
        site.clock.advance(IDLE - IDLE / 10 - Duration::from_millis(1));
        assert_eq!(site.read(&jar, "a").await, Some(1), "kind {kind}: it died early");
    }
}

/// The principal's expiry is what `expires_in` says.
#[tokio::test]
async fn s46_a_principal_in_the_background_ends_when_its_session_does() {
    use portcullis::store::Clock;
    let site = site();
    let jar = site.logged_in().await;
    let begun_at = site.clock.now();
    site.clock.advance(IDLE / 2);
    let principal = poll(&site, &jar, async |session: Session| session.principal().await).await.unwrap();
    assert_eq!(principal.expires_at(), Some(begun_at + IDLE));
    let principal = site.visit(&jar, async |session| session.principal().await).await.said().unwrap();
    assert_eq!(principal.expires_at(), Some(begun_at + IDLE / 2 + IDLE));
}
