//! A session's own terms: how long it lives, and whether its cookie outlives the browser.

use std::{
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use portcullis::{
    event::EventKind,
    identity::Principal,
    session::{Login, Remaining, Session, SessionErrorKind, Timeouts},
    store::Clock,
};
use support::{Jar, Site, Visit};

const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(24 * 3_600);

fn remembered(duration: Duration) -> Login {
    Login::new(Principal::local("ada")).with_timeouts(Timeouts::remember(duration))
}

async fn log_in(site: &Site, jar: &Jar, login: impl Into<Login>) -> Visit<Result<(), SessionErrorKind>> {
    site.visit(jar, async |session| session.log_in(login).await).await
}

async fn remaining(site: &Site, jar: &Jar) -> Option<Remaining> {
    site.visit(&jar.clone(), async |session| session.expires_in().await).await.said()
}

/// The `Max-Age` of the one cookie that a visitor was sent, in seconds.
fn max_age<T>(visit: &Visit<T>) -> Option<u64> {
    let cookies = visit.cookies();
    assert_eq!(cookies.len(), 1, "{cookies:?}");
    let ages: Vec<u64> = cookies[0]
        .split("; ")
        .filter_map(|attribute| attribute.strip_prefix("Max-Age="))
        .map(|seconds| seconds.parse().unwrap())
        .collect();
    assert!(ages.len() <= 1, "{cookies:?}");
    ages.first().copied()
}

#[tokio::test]
async fn s10_remember_sets_max_age_on_login_and_again_on_renewal_to_what_is_left() {
    let site = Site::new();
    let jar = Jar::new();
    assert_eq!(max_age(&log_in(&site, &jar, remembered(30 * DAY)).await), Some(30 * 86_400));
    site.clock.advance(10 * DAY);
    let renewed = site.visit(&jar, async |session| session.renew().await).await;
    assert_eq!(max_age(&renewed), Some(20 * 86_400), "the rest");
    site.clock.advance(DAY);
    let again = log_in(&site, &jar, remembered(30 * DAY)).await;
    assert_eq!(max_age(&again), Some(30 * 86_400), "a login begins anew");
    let plain = log_in(&site, &jar, Principal::local("ada")).await;
    assert_eq!(max_age(&plain), None, "and without being asked for it ends with the browser");
    let renewed = site.visit(&jar, async |session| session.renew().await).await;
    assert_eq!(max_age(&renewed), None);
}

#[tokio::test]
async fn s12_no_ordinary_response_of_a_remembered_session_carries_a_cookie() {
    let site = Site::new();
    let jar = Jar::new();
    log_in(&site, &jar, remembered(30 * DAY)).await;
    for _ in 0..5 {
        site.clock.advance(5 * DAY);
        let write = site.visit(&jar, async |session: Session| session.insert("a", 1)).await;
        let read = site.visit(&jar, async |session: Session| session.get::<u32>("a").await).await;
        let update =
            site.visit(&jar, async |session: Session| session.update("n", |_: Option<u32>| 1).await).await;
        let others = site.visit(&jar, async |session: Session| session.log_out_others().await).await;
        let cookies = [write.cookies(), read.cookies(), update.cookies(), others.cookies()];
        assert!(cookies.iter().all(Vec::is_empty), "{cookies:?}");
    }
    assert_eq!(site.who(&jar).await.as_deref(), Some("ada"), "25 days later");
    site.clock.advance(5 * DAY);
    assert_eq!(site.who(&jar).await, None, "at the end of the month, however often it was used");
}

#[tokio::test]
async fn s10_a_persistent_layer_hands_out_persistent_cookies_to_nobody_and_to_somebody() {
    let timeouts = Timeouts::new(HOUR, DAY).unwrap().persistent();
    let site = Site::new().with(|layer| layer.with_timeouts(timeouts));
    let jar = Jar::new();
    let begun = site.visit(&jar, async |session| session.insert("a", 1)).await;
    assert_eq!(max_age(&begun), Some(86_400));
    site.clock.advance(HOUR / 2);
    let renewed = site.visit(&jar, async |session| session.renew().await).await;
    assert_eq!(max_age(&renewed), Some(86_400 - 1_800));
    assert_eq!(max_age(&log_in(&site, &jar, Principal::local("ada")).await), Some(86_400));
    site.clock.advance(HOUR);
    assert_eq!(site.who(&jar).await, None, "the idle timeout is the server's business");
}

#[tokio::test]
async fn s10_the_cookie_counts_from_the_authentication_as_the_session_does() {
    let site = Site::new();
    let earlier = Principal::local("ada").with_authenticated_at(site.clock.now().before(DAY));
    let login = Login::new(earlier).with_timeouts(Timeouts::remember(30 * DAY));
    let jar = Jar::new();
    assert_eq!(max_age(&log_in(&site, &jar, login).await), Some(29 * 86_400));
    assert_eq!(remaining(&site, &jar).await.unwrap().absolute, 29 * DAY);
    let too_old = Principal::local("ada").with_authenticated_at(site.clock.now().before(30 * DAY));
    let login = Login::new(too_old).with_timeouts(Timeouts::remember(30 * DAY));
    let refused = log_in(&site, &Jar::new(), login).await;
    assert_eq!((refused.status(), refused.failed()), (401, SessionErrorKind::AuthenticationTooOld));
}

#[tokio::test]
async fn s10_beyond_400_days_the_cookie_is_cut_and_that_is_told() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&told);
    let site = Site::new()
        .with(|layer| layer.with_event_hook(move |event| heard.lock().unwrap().push(event.kind())));
    let shortened =
        || told.lock().unwrap().iter().filter(|kind| **kind == EventKind::CookieShortened).count();
    let jar = Jar::new();
    assert_eq!(max_age(&log_in(&site, &jar, remembered(400 * DAY)).await), Some(400 * 86_400));
    assert_eq!(shortened(), 0);
    assert_eq!(max_age(&log_in(&site, &jar, remembered(500 * DAY)).await), Some(400 * 86_400));
    assert_eq!(shortened(), 1);
    assert_eq!(remaining(&site, &jar).await.unwrap().absolute, 500 * DAY, "the session is not cut");
    site.visit(&jar, async |session| session.insert("a", 1)).await.said();
    assert_eq!(shortened(), 1, "not by an ordinary response");
    site.clock.advance(450 * DAY);
    let renewed = site.visit(&jar, async |session| session.renew().await).await;
    assert_eq!((max_age(&renewed), shortened()), (Some(50 * 86_400), 1));
}

#[tokio::test]
async fn s39_a_session_keeps_its_own_timeouts_whatever_the_layer_says_by_then() {
    let one = Site::new();
    let jar = Jar::new();
    let terms = Timeouts::new(2 * HOUR, 10 * HOUR).unwrap().persistent();
    log_in(&one, &jar, Login::new(Principal::local("ada")).with_timeouts(terms)).await.said();
    // Another node, or the same after a restart, with shorter ones.
    let two = one.clone().with(|layer| layer.with_timeouts(Timeouts::new(HOUR / 4, HOUR).unwrap()));
    let mut elapsed = Duration::ZERO;
    for step in 0..4 {
        two.clock.advance(2 * HOUR - Duration::from_secs(720));
        elapsed += 2 * HOUR - Duration::from_secs(720);
        match step {
            0 => two.visit(&jar, async |session| session.insert("a", 1)).await.said(),
            1 => {
                let renewed = two.visit(&jar, async |session| session.renew().await).await;
                assert_eq!(max_age(&renewed), Some((10 * HOUR - elapsed).as_secs()));
            }
            2 => two.visit(&jar, async |session| session.get::<u32>("a").await.map(|_| ())).await.said(),
            _ => {
                two.visit(&jar, async |session| session.update("a", |_: Option<u32>| 2).await.map(|_| ()))
                    .await
                    .said();
            }
        }
        let left = remaining(&two, &jar).await.expect("it lives");
        assert_eq!((left.idle, left.absolute), (2 * HOUR, 10 * HOUR - elapsed), "step {step}");
    }
    two.clock.advance(2 * HOUR);
    assert_eq!(two.who(&jar).await, None);
}

#[tokio::test]
async fn s41_the_presets_end_sessions_when_nist_says() {
    let minute = Duration::from_secs(60);
    for (name, timeouts, idle, absolute) in [
        ("aal1", Timeouts::aal1(), 30 * DAY, 30 * DAY),
        ("aal2", Timeouts::aal2(), HOUR, DAY),
        ("aal3", Timeouts::aal3(), 15 * minute, 12 * HOUR),
    ] {
        let site = Site::new().with(|layer| layer.with_timeouts(timeouts));
        let jar = Jar::new();
        let visit = log_in(&site, &jar, Principal::local("ada")).await;
        assert_eq!(max_age(&visit).is_some(), timeouts.is_persistent(), "{name}");
        let unused = jar.clone();
        let step = (idle / 3).min(absolute / 5);
        let mut elapsed = Duration::ZERO;
        while elapsed + step < absolute {
            site.clock.advance(step);
            elapsed += step;
            assert!(site.who(&jar).await.is_some(), "{name}: used after {elapsed:?}");
        }
        site.clock.advance(absolute - elapsed);
        assert_eq!(site.who(&jar).await, None, "{name}: its absolute end");

        let site = Site::new().with(|layer| layer.with_timeouts(timeouts));
        log_in(&site, &unused, Principal::local("ada")).await;
        site.clock.advance(idle);
        assert_eq!(site.who(&unused).await, None, "{name}: unused");
    }
}

#[tokio::test]
async fn s41_who_is_remembered_for_a_month_is_not_forgotten_for_not_coming() {
    let site = Site::new();
    let jar = Jar::new();
    log_in(&site, &jar, remembered(30 * DAY)).await.said();
    site.clock.advance(30 * DAY - Duration::from_millis(1));
    assert!(site.who(&jar).await.is_some());
    site.clock.advance(Duration::from_millis(1));
    assert!(site.who(&jar).await.is_none());
}

#[tokio::test]
async fn s46_what_is_left_after_a_pending_login_is_what_the_login_says() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let left = site
        .visit(&jar, async |session: Session| {
            session.log_in(remembered(10 * DAY)).await?;
            session.expires_in().await
        })
        .await
        .said();
    assert_eq!(left, remaining(&site, &jar).await);
    assert_eq!(left.unwrap().absolute, 10 * DAY);
}

/// *For ever*, as somebody may write it: no arithmetic runs away with it.
#[test]
fn s45_a_session_remembered_for_ever_is_served_like_any_other() {
    let longest = [
        Timeouts::remember(Duration::MAX),
        Timeouts::new(Duration::MAX, Duration::MAX).unwrap(),
        Timeouts::new(HOUR, Duration::MAX).unwrap().persistent(),
    ];
    for timeouts in longest {
        let (done, is_done) = mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
            runtime.block_on(async {
                let site = Site::new();
                let jar = Jar::new();
                log_in(&site, &jar, Login::new(Principal::local("ada")).with_timeouts(timeouts)).await.said();
                site.visit(&jar, async |session| session.insert("a", 1)).await.said();
                let listed = site.visit(&jar, async |session| session.devices().await).await.said();
                assert_eq!(listed[0].last_seen_at(), site.clock.now(), "when it was last seen");
                assert_eq!(site.read(&jar, "a").await, Some(1));
            });
            done.send(()).unwrap();
        });
        is_done
            .recv_timeout(Duration::from_secs(10))
            .unwrap_or_else(|stuck| panic!("{timeouts:?}: {stuck}: a request never ends, or told a lie"));
    }
}
