//! Idle and absolute timeouts, by the injected clock alone.

use std::time::Duration;

use portcullis::{
    identity::Principal,
    session::{Session, Timeouts},
};
use support::{Jar, Site};

const IDLE: Duration = Duration::from_secs(1_000);
const ABSOLUTE: Duration = Duration::from_secs(5_000);
const MILLISECOND: Duration = Duration::from_millis(1);

fn site() -> Site {
    Site::new().with(|layer| layer.with_timeouts(Timeouts::new(IDLE, ABSOLUTE).unwrap()))
}

async fn is_alive(site: &Site, jar: &Jar) -> bool {
    site.visit(&jar.clone(), async |session| session.get::<u32>("a").await).await.said().is_some()
}

#[tokio::test]
async fn s39_a_session_ends_after_the_idle_timeout() {
    let site = site();
    let jar = site.begun().await;
    site.clock.advance(IDLE - MILLISECOND);
    assert!(is_alive(&site, &jar).await);
    site.clock.advance(IDLE);
    assert!(!is_alive(&site, &jar).await);
}

#[tokio::test]
async fn s39_activity_carries_it_to_the_absolute_end_and_no_further() {
    let site = site();
    let jar = site.begun().await;
    for _ in 0..9 {
        site.clock.advance(IDLE / 2);
        assert!(is_alive(&site, &jar).await);
    }
    site.clock.advance(IDLE / 2 - MILLISECOND);
    assert!(is_alive(&site, &jar).await, "a millisecond before the end");
    site.clock.advance(MILLISECOND);
    assert!(!is_alive(&site, &jar).await, "at the end");
}

#[tokio::test]
async fn s40_a_login_resets_both() {
    let site = site();
    let jar = site.begun().await;
    site.clock.advance(IDLE - MILLISECOND);
    site.visit(&jar, async |session| session.log_in(Principal::local("ada")).await).await.said();
    let left = site.visit(&jar, async |session| session.expires_in().await).await.said().unwrap();
    assert_eq!((left.idle, left.absolute), (IDLE, ABSOLUTE));
}

#[tokio::test]
async fn s43_a_session_never_outlives_idle_and_never_dies_earlier_than_a_tenth_before() {
    let site = site();
    let jar = site.begun().await;
    site.clock.advance(IDLE / 10 - MILLISECOND);
    assert!(is_alive(&site, &jar).await, "seen, but too soon to be noted");
    site.clock.advance(IDLE - IDLE / 10);
    assert!(is_alive(&site, &jar).await, "a tenth early is allowed, more is not");
    site.clock.advance(IDLE);
    assert!(!is_alive(&site, &jar).await);
}

#[tokio::test]
async fn s45_a_step_back_of_the_clock_makes_nothing_immortal() {
    use portcullis::store::Clock;
    let site = site();
    let jar = site.begun().await;
    let begun_at = site.clock.now();
    site.clock.set(begun_at.before(Duration::from_secs(3_600)));
    assert!(is_alive(&site, &jar).await);
    site.clock.set(begun_at + IDLE);
    assert!(!is_alive(&site, &jar).await);
}

#[tokio::test]
async fn s46_the_remaining_time_can_be_read() {
    let site = site();
    let jar = site.begun().await;
    site.clock.advance(IDLE / 2);
    let left = site.visit(&jar, async |session| session.expires_in().await).await.said().unwrap();
    assert_eq!((left.idle, left.absolute), (IDLE, ABSOLUTE - IDLE / 2));
    let nobody = site.visit(&Jar::new(), async |session| session.expires_in().await).await.said();
    assert_eq!(nobody, None);
}

#[tokio::test]
async fn s12_ordinary_responses_carry_no_cookie() {
    let site = site();
    let jar = site.begun().await;
    site.clock.advance(IDLE / 2);
    let visit = site.visit(&jar, async |session: Session| session.insert("a", 2)).await;
    assert!(visit.cookies().is_empty());
}

#[tokio::test]
async fn a_session_that_is_never_idle_does_not_keep_a_response() {
    let for_ever = Timeouts::new(Duration::MAX, Duration::MAX).unwrap();
    let site = Site::new()
        .with(|layer| layer.with_timeouts(for_ever).with_store_deadline(Duration::from_millis(300)));
    // Calls that yield, so that the deadline ends what would go on for ever.
    site.store.interleave(1, 2);
    let jar = Jar::new();
    let begun = site.visit(&jar, async |session| session.insert("a", 1)).await;
    assert_eq!(begun.status(), 200, "{:?}", site.store.take_trips());
    let read = site.visit(&jar, async |session| session.get::<u32>("a").await).await;
    assert_eq!(read.status(), 200, "{:?}", site.store.take_trips());
    assert_eq!(read.said(), Some(1));
}
