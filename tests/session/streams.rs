//! A stream learns of its session's end.

use std::{convert::Infallible, net::SocketAddr, pin::Pin, time::Duration};

use axum::{
    Router,
    body::Body,
    http::{Request, header::COOKIE},
    response::sse::{Event, Sse},
    routing::{get, post},
};
use futures_util::{Stream as Events, StreamExt, stream};
use http_body_util::BodyExt;
use hyper::{body::Incoming, client::conn::http1::handshake};
use hyper_util::rt::TokioIo;
use portcullis::{
    identity::{Principal, Subjects},
    session::{Login, PublicHandle, Session, SessionLayer, SessionLimit, Timeouts},
    store::MemoryStore,
};
use portcullis_core::StoreErrorKind;
use portcullis_testkit::{Fault, Operation};
use support::{Connection, Jar, Site, serve};
use tokio::{
    net::TcpStream,
    time::{Instant, timeout},
};

const INTERVAL: Duration = Duration::from_secs(10);
const IDLE: Duration = Duration::from_secs(1_003);
const ABSOLUTE: Duration = Duration::from_secs(2_507);

fn ada() -> Principal {
    Principal::local("ada")
}

fn site() -> Site {
    Site::new().with(|layer| {
        layer.with_recheck_interval(INTERVAL).with_timeouts(Timeouts::new(IDLE, ABSOLUTE).unwrap())
    })
}

async fn log_in(site: &Site) -> Jar {
    let jar = Jar::new();
    site.visit(&jar, async |session| session.log_in(ada()).await).await.said();
    jar
}

/// Who the session belongs to, as a handler that begins a stream was told.
async fn principal(site: &Site, jar: &Jar) -> Principal {
    site.visit(&jar.clone(), async |session| session.principal().await).await.said().expect("ada")
}

async fn handle(site: &Site, jar: &Jar) -> PublicHandle {
    site.visit(&jar.clone(), async |session| session.public_handle().await).await.said().expect("a session")
}

/// A stream, and the clock of the site beside the runtime's.
struct Stream<'a> {
    site: &'a Site,
    ended: Pin<Box<dyn Future<Output = ()> + Send>>,
    is_over: bool,
}

impl<'a> Stream<'a> {
    fn of(site: &'a Site, principal: &Principal) -> Self {
        Self { site, ended: Box::pin(principal.ended()), is_over: false }
    }

    async fn begun(site: &'a Site, jar: &Jar) -> Self {
        Self::of(site, &principal(site, jar).await)
    }

    /// Lets `duration` pass on both clocks, in steps that are short beside what is waited for; says after how long it ended.
    async fn ends_within(&mut self, duration: Duration) -> Option<Duration> {
        const STEP: Duration = Duration::from_millis(250);
        let mut elapsed = Duration::ZERO;
        while elapsed < duration && !self.is_over {
            let step = STEP.min(duration - elapsed);
            let until = Instant::now() + step;
            self.site.clock.advance(step);
            elapsed += step;
            tokio::select! {
                biased;
                () = &mut self.ended => self.is_over = true,
                () = tokio::time::sleep_until(until) => {}
            }
        }
        self.is_over.then_some(elapsed)
    }
}

#[tokio::test(start_paused = true)]
async fn s60_a_stream_ends_within_twice_the_interval_whatever_ends_its_session() {
    for way in ["log_out", "revoke", "sessions", "everywhere", "revoke_all", "subjects", "others", "evicted"]
    {
        let site = site().with(|layer| layer.with_session_limit(SessionLimit::evict_oldest(2)).unwrap());
        let jar = log_in(&site).await;
        site.clock.advance(Duration::from_secs(1));
        let other = log_in(&site).await;
        let (name, tab) = (handle(&site, &jar).await, jar.clone());
        let mut stream = Stream::begun(&site, &jar).await;
        assert_eq!(stream.ends_within(3 * INTERVAL).await, None, "{way}");
        match way {
            "log_out" => site.visit(&tab, async |session| session.log_out().await).await.said(),
            "revoke" => assert!(site.visit(&other, async |session| session.revoke(name).await).await.said()),
            "sessions" => assert!(site.layer.sessions().revoke(&ada(), name).await.unwrap()),
            "everywhere" => {
                site.visit(&other, async |session| session.log_out_everywhere().await).await.said();
            }
            "revoke_all" => site.layer.sessions().revoke_all(&ada()).await.unwrap(),
            "subjects" => Subjects::new(site.store.clone()).log_out_everywhere(&ada()).await.unwrap(),
            "others" => site.visit(&other, async |session| session.log_out_others().await).await.said(),
            _ => {
                log_in(&site).await;
            }
        }
        assert!(stream.ends_within(2 * INTERVAL).await.is_some(), "{way}");
    }
}

#[tokio::test(start_paused = true)]
async fn s60_a_stream_ends_when_its_session_expires_and_not_an_interval_later() {
    let site = site().with(|layer| layer.with_recheck_interval(Duration::from_secs(400)));
    let jar = log_in(&site).await;
    let mut stream = Stream::begun(&site, &jar).await;
    assert_eq!(stream.ends_within(IDLE - Duration::from_secs(1)).await, None);
    let late = stream.ends_within(Duration::from_secs(400)).await.expect("it ended");
    assert!(late <= Duration::from_millis(1_500), "by its idle timeout: {late:?} after the last second");

    let jar = log_in(&site).await;
    let mut stream = Stream::begun(&site, &jar).await;
    let step = Duration::from_secs(500);
    let mut left = ABSOLUTE - Duration::from_secs(1);
    while left > Duration::ZERO {
        assert_eq!(stream.ends_within(step.min(left)).await, None, "others keep it alive: {left:?}");
        left -= step.min(left);
        assert!(site.who(&jar).await.is_some());
    }
    let late = stream.ends_within(step).await.expect("it ended");
    assert!(late <= Duration::from_millis(1_500), "by its absolute end: {late:?} after the last second");
}

#[tokio::test(start_paused = true)]
async fn s60_a_stream_is_no_activity() {
    let site = site();
    let jar = log_in(&site).await;
    let mut stream = Stream::begun(&site, &jar).await;
    site.store.take_trips();
    let lasted = stream.ends_within(2 * IDLE).await.expect("it ended");
    assert!(lasted <= IDLE + Duration::from_secs(1), "{lasted:?}");
    let trips = site.store.take_trips();
    assert_eq!((trips.of(Operation::Extend), trips.of(Operation::Replace)), (0, 0));
    assert!(trips.total() <= 102, "one for each interval and one at the end: {}", trips.total());
    assert!(site.who(&jar).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn s60_a_renewal_does_not_end_a_stream_and_the_end_of_what_it_became_does() {
    let site = site();
    let jar = log_in(&site).await;
    let mut stream = Stream::begun(&site, &jar).await;
    for _ in 0..4 {
        for _ in 0..3 {
            site.visit(&jar, async |session| session.renew().await).await.said();
        }
        assert_eq!(
            stream.ends_within(Duration::from_secs(400)).await,
            None,
            "longer than a tombstone is kept"
        );
    }
    site.visit(&jar, async |session| session.log_out().await).await.said();
    assert!(stream.ends_within(2 * INTERVAL).await.is_some());
}

/// Whoever asks more rarely than the sign of a renewal is kept must find it all the same.
#[tokio::test(start_paused = true)]
async fn s60_a_renewal_does_not_end_a_stream_that_asks_rarely() {
    let site = site().with(|layer| layer.with_recheck_interval(Duration::from_secs(600)));
    let jar = log_in(&site).await;
    let mut stream = Stream::begun(&site, &jar).await;
    stream.ends_within(Duration::from_secs(10)).await;
    site.visit(&jar, async |session| session.renew().await).await.said();
    assert_eq!(stream.ends_within(Duration::from_secs(900)).await, None);
    assert!(site.who(&jar).await.is_some());
}

#[tokio::test(start_paused = true)]
async fn s60_a_stream_does_not_end_when_its_own_session_ends_the_others() {
    let site = site();
    let (jar, other) = (log_in(&site).await, log_in(&site).await);
    let (mut stream, mut others) = (Stream::begun(&site, &jar).await, Stream::begun(&site, &other).await);
    site.visit(&jar, async |session| session.log_out_others().await).await.said();
    assert_eq!(stream.ends_within(5 * INTERVAL).await, None);
    assert!(others.ends_within(INTERVAL).await.is_some());
    site.visit(&jar, async |session| session.insert("a", 1)).await.said();
    assert_eq!(stream.ends_within(5 * INTERVAL).await, None, "nor when it is written to");
}

/// A password was changed: others end, and this session gets a new id, in either order.
#[tokio::test(start_paused = true)]
async fn s60_a_stream_does_not_end_when_its_own_session_is_renewed_and_ends_the_others() {
    for others_first in [true, false] {
        let site = site();
        let jar = log_in(&site).await;
        let mut stream = Stream::begun(&site, &jar).await;
        site.visit(&jar, async |session: Session| {
            if others_first {
                session.log_out_others().await?;
            }
            session.renew().await
        })
        .await
        .said();
        if !others_first {
            site.visit(&jar, async |session| session.log_out_others().await).await.said();
        }
        assert_eq!(stream.ends_within(5 * INTERVAL).await, None, "others first: {others_first}");
        site.visit(&jar, async |session| session.log_out().await).await.said();
        assert!(stream.ends_within(2 * INTERVAL).await.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn s60_an_outage_ends_no_stream_before_its_session_would_have_ended() {
    for fault in [Fault::refused(StoreErrorKind::Unavailable), Fault::hung()] {
        let site = site();
        let jar = log_in(&site).await;
        let mut stream = Stream::begun(&site, &jar).await;
        site.store.fail(Operation::ALL, fault);
        assert_eq!(stream.ends_within(IDLE - Duration::from_secs(1)).await, None, "{fault:?}");
        let late = stream.ends_within(INTERVAL).await.expect("it ended");
        assert!(late <= Duration::from_secs(5), "{fault:?}: {late:?}");
        site.store.clear();

        let jar = log_in(&site).await;
        let mut stream = Stream::begun(&site, &jar).await;
        site.store.fail(Operation::ALL, fault);
        assert_eq!(stream.ends_within(5 * INTERVAL).await, None, "{fault:?}");
        site.store.clear();
        site.visit(&jar, async |session| session.log_out().await).await.said();
        assert!(stream.ends_within(2 * INTERVAL).await.is_some(), "{fault:?}: once it is over");
    }
}

#[tokio::test(start_paused = true)]
async fn s60_every_clone_of_a_principal_learns_of_the_end() {
    let site = site();
    let jar = log_in(&site).await;
    let principal = principal(&site, &jar).await;
    let (mut one, mut two) = (Stream::of(&site, &principal), Stream::of(&site, &principal.clone()));
    drop(principal);
    site.visit(&jar, async |session| session.log_out().await).await.said();
    assert!(one.ends_within(2 * INTERVAL).await.is_some());
    assert!(two.ends_within(2 * INTERVAL).await.is_some());
}

/// No credential of this request proved it, so none can end.
#[tokio::test(start_paused = true)]
async fn s60_a_principal_that_no_request_proved_waits_for_ever() {
    let site = site();
    let mut by_hand = Stream::of(&site, &ada());
    assert_eq!(by_hand.ends_within(2 * ABSOLUTE).await, None);
    for (name, jar) in
        [("no session", Jar::new()), ("nobody's", site.begun().await), ("ada's", log_in(&site).await)]
    {
        let mut recorded = None;
        site.visit(&jar, async |session: Session| {
            session.log_in(ada()).await?;
            recorded = session.principal().await?;
            Ok(())
        })
        .await
        .said();
        let mut stream = Stream::of(&site, &recorded.expect("ada"));
        assert_eq!(
            stream.ends_within(5 * INTERVAL).await,
            None,
            "{name}: recorded by a login of this request"
        );
    }
}

/// A principal that was read from a session and recorded in another is the other's.
#[tokio::test(start_paused = true)]
async fn s60_a_recorded_principal_is_not_bound_to_where_it_came_from() {
    let site = site();
    let jar = log_in(&site).await;
    let from = principal(&site, &jar).await;
    let other = Jar::new();
    site.visit(&other, async |session| session.log_in(from.clone()).await).await.said();
    let mut stream = Stream::begun(&site, &other).await;
    site.visit(&jar, async |session| session.log_out().await).await.said();
    assert_eq!(stream.ends_within(5 * INTERVAL).await, None);
}

/// The shortest interval that can be set is no loop over the store.
#[tokio::test(start_paused = true)]
async fn s60_an_interval_of_nothing_does_not_ask_the_store_without_a_pause() {
    let site = site().with(|layer| layer.with_recheck_interval(Duration::ZERO));
    let jar = log_in(&site).await;
    let mut ended = Box::pin(principal(&site, &jar).await.ended());
    site.store.take_trips();
    let begun = Instant::now();
    for _ in 0..2_000 {
        tokio::select! {
            biased;
            () = &mut ended => panic!("it lives"),
            () = tokio::task::yield_now() => {}
        }
    }
    let (asked, elapsed) = (site.store.take_trips().total(), begun.elapsed());
    let most = 1 + usize::try_from(elapsed.as_millis()).unwrap();
    assert!(asked <= most, "{asked} times within {elapsed:?}");
}

/// Sessions of one's own length have streams of that length.
#[tokio::test(start_paused = true)]
async fn s60_a_stream_ends_by_the_terms_of_its_own_session() {
    let site = site();
    let jar = Jar::new();
    let short = Login::new(ada()).with_timeouts(Timeouts::remember(Duration::from_secs(45)));
    site.visit(&jar, async |session| session.log_in(short).await).await.said();
    let mut stream = Stream::begun(&site, &jar).await;
    let lasted = stream.ends_within(IDLE).await.expect("it ended");
    assert!(lasted >= Duration::from_secs(45) && lasted <= Duration::from_millis(45_500), "{lasted:?}");
}

const RECHECK: Duration = Duration::from_millis(200);

fn app() -> Router {
    let layer = SessionLayer::insecure_for_localhost(MemoryStore::new()).with_recheck_interval(RECHECK);
    Router::new()
        .route("/login", post(async |session: Session| session.log_in(ada()).await))
        .route("/renew", post(async |session: Session| session.renew().await))
        .route("/others", post(async |session: Session| session.log_out_others().await))
        .route("/logout", post(async |session: Session| session.log_out().await))
        .route("/events", get(events))
        .route("/news", get(news))
        .layer(layer)
}

/// A tick every few milliseconds until the session has ended.
async fn events(principal: Principal) -> Sse<impl Events<Item = Result<Event, Infallible>>> {
    let ended = Box::pin(principal.ended());
    Sse::new(stream::unfold(ended, async |mut ended| {
        tokio::select! {
            () = &mut ended => None,
            () = tokio::time::sleep(Duration::from_millis(20)) => Some((Ok(Event::default().data("tick")), ended)),
        }
    }))
}

/// As it is in the manual, to the letter; it ends without having said anything.
async fn news(caller: Principal) -> Sse<impl Events<Item = Result<Event, Infallible>>> {
    let all = stream::pending(); // your events
    Sse::new(all.take_until(caller.ended()))
}

async fn begun(address: SocketAddr, path: &str, jar: &Jar) -> Incoming {
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, driver) = handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(driver);
    let request = Request::builder().uri(path).header("host", "x").header(COOKIE, jar.pair().unwrap());
    let response = sender.send_request(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    response.into_body()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s60_the_stream_of_the_manual_ends_over_a_socket_though_it_says_nothing() {
    let address = serve(app()).await;
    let mut connection = Connection::to(address).await;
    let jar = Jar::new();
    assert_eq!(connection.send("POST", "/login", &jar).await.status, 200);
    let mut news = begun(address, "/news", &jar).await;
    assert!(timeout(4 * RECHECK, news.frame()).await.is_err(), "it lives as long as its session");
    assert_eq!(connection.send("POST", "/logout", &jar).await.status, 200);
    let last = timeout(2 * RECHECK + Duration::from_secs(1), news.frame()).await;
    assert!(last.expect("it ends").is_none(), "and ends as bodies do");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s60_server_sent_events_over_a_socket_end_within_twice_the_interval() {
    let address = serve(app()).await;
    let mut connection = Connection::to(address).await;
    let jar = Jar::new();
    assert_eq!(connection.send("POST", "/login", &jar).await.status, 200);

    let mut body = begun(address, "/events", &jar).await;
    let mut ticks = async |duration: Duration| -> (usize, bool) {
        let (mut ticks, until) = (0, Instant::now() + duration);
        loop {
            match tokio::time::timeout_at(until, body.frame()).await {
                Ok(Some(Ok(_))) => ticks += 1,
                Ok(None) => return (ticks, true),
                Ok(Some(Err(error))) => panic!("{error}"),
                Err(_elapsed) => return (ticks, false),
            }
        }
    };
    assert_eq!(connection.send("POST", "/renew", &jar).await.status, 200);
    assert_eq!(connection.send("POST", "/others", &jar).await.status, 200);
    let (seen, is_over) = ticks(4 * RECHECK).await;
    assert!(seen > 5 && !is_over, "{seen} ticks over a renewal");
    assert_eq!(connection.send("POST", "/logout", &jar).await.status, 200);
    let (_, is_over) = ticks(2 * RECHECK + Duration::from_millis(300)).await;
    assert!(is_over, "it goes on");
}

/// A thief's WebSocket holds a handle from before the theft was found.
#[tokio::test]
async fn s60_a_handle_beside_a_stream_has_no_power_over_others_once_its_session_was_revoked() {
    let site = site();
    let (stolen, own) = (log_in(&site).await, log_in(&site).await);
    let held = site.visit(&stolen, async |session| Ok(session.principal().await?.map(|_| session))).await;
    let held = held.said().expect("somebody");
    site.visit(&own, async |session| session.log_out_others().await).await.said();

    assert!(held.devices().await.is_err(), "it lists where its owner is logged in");
    let handle = handle(&site, &own).await;
    assert!(held.revoke(handle).await.is_err(), "it logs its owner out");
    assert!(site.who(&own).await.is_some());
}
