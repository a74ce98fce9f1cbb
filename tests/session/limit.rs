//! How many sessions somebody may have at once.

use std::{collections::HashSet, time::Duration};

use async_trait::async_trait;
use axum::http::StatusCode;
use portcullis::{
    event::EventKind,
    identity::Principal,
    session::{ConfigError, Device, Login, Session, SessionErrorKind, SessionLayer, SessionLimit, Timeouts},
    store::MemoryStore,
};
use portcullis_core::{
    CreateOutcome, Draft, ExtendOutcome, Freshness, Linearizability, Listing, Owner, Page, Peek, Profile,
    Record, RecordKey, RemoveAllOutcome, RemoveOutcome, ReplaceOutcome, Space, Store, StoreError,
    StoreErrorKind, Timestamp, Version,
};
use portcullis_testkit::{Fault, Operation};
use support::{Jar, Site};

const POLICIES: [fn(usize) -> SessionLimit; 3] =
    [SessionLimit::evict_oldest, SessionLimit::evict_least_recent, SessionLimit::refuse];
const MINUTE: Duration = Duration::from_secs(60);

fn ada() -> Principal {
    Principal::local("ada")
}

fn limited(limit: SessionLimit) -> Site {
    Site::new().with(|layer| layer.with_session_limit(limit).expect("a store with an owner index"))
}

async fn log_in(site: &Site, jar: &Jar) -> u16 {
    site.visit(jar, async |session| session.log_in(ada()).await).await.status()
}

/// Logs in from a browser of its own, a minute after whatever was before.
async fn another(site: &Site) -> Jar {
    site.clock.advance(MINUTE);
    let jar = Jar::new();
    assert_eq!(log_in(site, &jar).await, 200);
    jar
}

async fn is_ada(site: &Site, jar: &Jar) -> bool {
    site.who(jar).await.as_deref() == Some("ada")
}

async fn left(site: &Site) -> usize {
    site.layer.sessions().list(&ada()).await.unwrap().len()
}

#[tokio::test]
async fn s57_the_oldest_or_the_least_recent_is_evicted_and_none_before_the_limit() {
    for (name, limit, spared) in [
        ("oldest", SessionLimit::evict_oldest(3), [false, true, true]),
        ("least recent", SessionLimit::evict_least_recent(3), [true, false, true]),
    ] {
        let site = limited(limit);
        let jars = [another(&site).await, another(&site).await, another(&site).await];
        for jar in &jars {
            assert!(is_ada(&site, jar).await, "{name}");
        }
        site.clock.advance(10 * MINUTE);
        assert!(is_ada(&site, &jars[0]).await, "the first is used once more");
        let newcomer = another(&site).await;
        for (jar, spared) in jars.iter().zip(spared) {
            assert_eq!(is_ada(&site, jar).await, spared, "{name}");
        }
        assert!(is_ada(&site, &newcomer).await);
        assert_eq!(left(&site).await, 3);
    }
}

#[tokio::test]
async fn s57_within_one_millisecond_the_newcomer_is_not_the_one_that_goes() {
    for policy in [SessionLimit::evict_oldest, SessionLimit::evict_least_recent] {
        for _ in 0..20 {
            let site = limited(policy(1));
            let (one, two) = (Jar::new(), Jar::new());
            log_in(&site, &one).await;
            log_in(&site, &two).await;
            assert!(!is_ada(&site, &one).await && is_ada(&site, &two).await);
        }
    }
}

#[tokio::test]
async fn s57_a_refusal_is_a_403_with_its_code_and_leaves_the_earlier_session_and_cookie_alone() {
    let site = limited(SessionLimit::refuse(2));
    let (one, two) = (another(&site).await, another(&site).await);
    for (name, jar) in [("no session", Jar::new()), ("nobody's", site.begun().await)] {
        let before = jar.clone();
        let visit = site.visit(&jar, async |session| session.log_in(ada()).await).await;
        assert_eq!((visit.status(), visit.cookies()), (403, vec![]), "{name}");
        assert_eq!(visit.field("x-rejection"), Some("too_many_sessions"), "{name}");
        assert_eq!(jar.pair(), before.pair(), "{name}");
        assert_eq!(site.who(&jar).await, None, "{name}");
    }
    let kept = site.begun().await;
    log_in(&site, &kept).await;
    assert_eq!(site.read(&kept, "a").await, Some(1));

    let alan = Jar::new();
    site.visit(&alan, async |session| session.log_in(Principal::local("alan")).await).await.said();
    assert_eq!(log_in(&site, &alan).await, 403);
    assert_eq!(site.who(&alan).await.as_deref(), Some("alan"), "who was logged in before still is");

    assert!(is_ada(&site, &one).await && is_ada(&site, &two).await);
    assert_eq!(left(&site).await, 2);
    site.visit(&one, async |session| session.log_out().await).await.said();
    assert_eq!(log_in(&site, &Jar::new()).await, 200, "there is room again");
}

#[tokio::test]
async fn s57_a_handler_can_answer_a_refusal_in_its_own_words() {
    let site = limited(SessionLimit::refuse(1));
    let first = another(&site).await;
    for jar in [Jar::new(), site.begun().await] {
        let before = jar.clone();
        let visit = site
            .visit_answering(&jar, StatusCode::ACCEPTED, async |session: Session| {
                session.log_in(ada()).await?;
                let told = session.commit().await.expect_err("one too many").kind();
                Ok((told, session.principal().await?.is_none()))
            })
            .await;
        assert_eq!((visit.status(), visit.cookies()), (202, vec![]));
        assert_eq!(visit.said(), (SessionErrorKind::TooManySessions, true));
        assert_eq!(jar.pair(), before.pair());
    }
    assert!(is_ada(&site, &first).await);
    assert_eq!(left(&site).await, 1);
}

/// The way out that a refusal leaves: end the others, and try again.
#[tokio::test]
async fn s57_a_refused_login_can_end_the_others_and_be_made_again() {
    let site = limited(SessionLimit::refuse(1));
    let first = another(&site).await;
    let jar = Jar::new();
    site.visit(&jar, async |session: Session| {
        session.log_in(ada()).await?;
        assert!(session.commit().await.is_err());
        session.log_in(ada()).await?;
        session.log_out_others().await
    })
    .await
    .said();
    assert!(is_ada(&site, &jar).await && !is_ada(&site, &first).await);
}

#[tokio::test]
async fn s57_a_refusal_of_a_grpc_call_is_resource_exhausted() {
    use axum::http::{Request, Response, header::CONTENT_TYPE};
    let site = limited(SessionLimit::refuse(1));
    another(&site).await;
    let request = Request::builder().method("POST").header(CONTENT_TYPE, "application/grpc");
    let visit = site
        .serve(request.body(()).unwrap(), async |session: Session| {
            session.log_in(ada()).await.unwrap();
            ((), Response::builder().header("grpc-status", "0").body(Vec::new()).unwrap())
        })
        .await;
    assert_eq!((visit.status(), visit.field("grpc-status")), (200, Some("8")));
    assert!(visit.cookies().is_empty());
}

#[tokio::test]
async fn s57_a_second_login_of_one_browser_evicts_nobody_and_is_not_refused() {
    for policy in POLICIES {
        let site = limited(policy(2));
        let (jar, other) = (another(&site).await, another(&site).await);
        for _ in 0..4 {
            site.clock.advance(MINUTE);
            assert_eq!(log_in(&site, &jar).await, 200);
            assert!(is_ada(&site, &jar).await && is_ada(&site, &other).await);
        }
        site.visit(&jar, async |session| session.renew().await).await.said();
        assert_eq!(log_in(&site, &jar).await, 200);
        assert!(is_ada(&site, &jar).await && is_ada(&site, &other).await);
        assert_eq!(left(&site).await, 2);
    }
}

#[tokio::test]
async fn s57_what_is_over_or_nobodys_or_somebody_elses_takes_no_room() {
    for policy in POLICIES {
        let site = limited(policy(2));
        let over = Jar::new();
        let short = Timeouts::new(5 * MINUTE, 5 * MINUTE).unwrap();
        site.visit(&over, async |session| session.log_in(Login::new(ada()).with_timeouts(short)).await)
            .await
            .said();
        let jar = another(&site).await;
        site.clock.advance(5 * MINUTE);
        site.begun().await;
        site.visit(&Jar::new(), async |session| session.log_in(Principal::local("alan")).await).await.said();
        site.visit(&jar, async |session| session.renew().await).await.said();
        let another = another(&site).await;
        assert!(is_ada(&site, &jar).await && is_ada(&site, &another).await);
    }
}

#[tokio::test]
async fn s57_of_twice_as_many_logins_at_once_no_more_remain_than_may() {
    const MOST: usize = 3;
    for policy in POLICIES {
        for seed in 0..150 {
            let site = limited(policy(MOST));
            let jars: Vec<Jar> = (0..2 * MOST).map(|_| Jar::new()).collect();
            site.store.interleave(seed, 4);
            let statuses = together(jars.iter().map(|jar| log_in(&site, jar)), seed).await;
            site.store.clear();
            let limit = policy(MOST);
            assert!(statuses.iter().all(|status| matches!(status, 200 | 403)), "{limit:?}, seed {seed}");
            assert!(left(&site).await <= MOST, "{limit:?}, seed {seed}");
            let mut living = 0;
            for (jar, status) in jars.iter().zip(&statuses) {
                let lives = is_ada(&site, jar).await;
                assert!(*status == 200 || jar.pair().is_none(), "{limit:?}, seed {seed}");
                living += usize::from(lives);
            }
            assert_eq!(
                living,
                left(&site).await,
                "{limit:?}, seed {seed}: nobody holds the cookie of one that lives"
            );
        }
    }
}

/// The clock moves on while they race, as clocks do, and none is stored in the order in which they began.
#[tokio::test]
async fn s57_of_racing_logins_as_many_remain_as_may_and_none_that_was_let_in_is_refused() {
    const MOST: usize = 3;
    for policy in POLICIES {
        for seed in 0..150 {
            let site = limited(policy(MOST));
            let jars: Vec<Jar> = (0..2 * MOST).map(|_| Jar::new()).collect();
            site.store.interleave(seed, 4);
            let logins = jars.iter().map(|jar| async {
                // No two begin within one millisecond.
                site.clock.advance(Duration::from_millis(1));
                log_in(&site, jar).await
            });
            let statuses = together(logins, seed).await;
            site.store.clear();
            let limit = policy(MOST);
            let (left, accepted) =
                (left(&site).await, statuses.iter().filter(|status| **status == 200).count());
            if limit == SessionLimit::refuse(MOST) {
                // Racers may all give way, but who was let in stays.
                assert!(left <= MOST && accepted == left, "seed {seed}: {left} of {statuses:?}");
            } else {
                assert_eq!(left, MOST, "{limit:?}, seed {seed}: {statuses:?}");
            }
        }
    }
}

/// The same where all of them begin within one millisecond: racers that each take themselves for the newest evict one another.
#[tokio::test]
async fn s57_of_logins_within_one_millisecond_as_many_remain_as_may() {
    const MOST: usize = 2;
    let mut short = Vec::new();
    for policy in [SessionLimit::evict_oldest, SessionLimit::evict_least_recent] {
        for seed in 0..100 {
            let site = limited(policy(MOST));
            let jars: Vec<Jar> = (0..2 * MOST).map(|_| Jar::new()).collect();
            site.store.interleave(seed, 4);
            together(jars.iter().map(|jar| log_in(&site, jar)), seed).await;
            site.store.clear();
            let left = left(&site).await;
            if left < MOST {
                short.push((policy(MOST), seed, left));
            }
        }
    }
    let none = short.iter().filter(|(.., left)| *left == 0).count();
    assert!(
        short.is_empty(),
        "{} of 200 races left fewer than may remain, {none} of them none at all",
        short.len()
    );
}

/// A session that is being renewed lies under two ids, and takes the room of one.
#[tokio::test]
async fn s57_a_session_being_renewed_counts_once() {
    for policy in POLICIES {
        for seed in 0..150 {
            let site = limited(policy(2));
            let jar = another(&site).await;
            site.clock.advance(MINUTE);
            let (before, newcomer) = (jar.clone(), Jar::new());
            site.store.interleave(seed, 4);
            let (renewed, logged_in) = tokio::join!(
                async { site.visit(&jar, async |session| session.renew().await).await.status() },
                log_in(&site, &newcomer),
            );
            site.store.clear();
            let limit = policy(2);
            assert_eq!((renewed, logged_in), (200, 200), "{limit:?}, seed {seed}");
            assert!(is_ada(&site, &jar).await && is_ada(&site, &newcomer).await, "{limit:?}, seed {seed}");
            assert!(!is_ada(&site, &before).await);
        }
    }
}

/// One that is evicted while it renews its id does not survive it.
#[tokio::test]
async fn s57_no_interleaving_lets_an_evicted_session_survive_by_a_renewal() {
    for seed in 0..200 {
        let site = limited(SessionLimit::evict_oldest(1));
        let jar = another(&site).await;
        site.clock.advance(MINUTE);
        let (before, newcomer) = (jar.clone(), Jar::new());
        site.store.interleave(seed, 4);
        let (_, logged_in) = tokio::join!(
            async { site.visit(&jar, async |session| session.renew().await).await.status() },
            log_in(&site, &newcomer),
        );
        site.store.clear();
        assert_eq!((logged_in, left(&site).await), (200, 1), "seed {seed}");
        assert!(is_ada(&site, &newcomer).await, "seed {seed}");
        assert!(!is_ada(&site, &jar).await && !is_ada(&site, &before).await, "seed {seed}");
    }
}

/// The store's answer to the creation is lost: it is made under another id, and what may lie under the first one is the same login.
#[tokio::test]
async fn s57_a_login_whose_creation_was_answered_late_counts_once() {
    for policy in POLICIES {
        let site = limited(policy(2));
        let first = another(&site).await;
        site.clock.advance(MINUTE);
        site.store.fail_next(1, [Operation::Create], Fault::answer_lost(StoreErrorKind::Timeout));
        let jar = Jar::new();
        let status = log_in(&site, &jar).await;
        let limit = policy(2);
        assert_eq!(status, 200, "{limit:?}");
        assert!(is_ada(&site, &first).await, "{limit:?}: evicted for nobody");
        assert!(is_ada(&site, &jar).await, "{limit:?}");
        assert_eq!(left(&site).await, 2, "{limit:?}: listed once");
    }
}

/// The list fails once, and the handler tries again: what it is told then is the truth.
#[tokio::test]
async fn s57_a_login_tried_again_after_an_outage_of_the_list_is_made_or_fails() {
    for policy in POLICIES {
        let site = limited(policy(2));
        let jar = site.begun().await;
        site.store.fail_next(1, [Operation::List], Fault::refused(StoreErrorKind::Unavailable));
        let visit = site
            .visit(&jar, async |session: Session| {
                session.log_in(ada()).await?;
                session.insert("b", 2)?;
                let failed = session.commit().await.expect_err("the list is out");
                assert_eq!(failed.kind(), SessionErrorKind::Unavailable);
                session.commit().await
            })
            .await;
        let told_that_it_was_made = visit.status() == 200;
        let limit = policy(2);
        assert_eq!(is_ada(&site, &jar).await, told_that_it_was_made, "{limit:?}");
        assert_eq!(site.read(&jar, "b").await, told_that_it_was_made.then_some(2), "{limit:?}");
        assert_eq!(
            left(&site).await,
            usize::from(told_that_it_was_made),
            "{limit:?}: nothing is left behind"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn s54_a_store_that_cannot_make_room_is_a_503_and_the_earlier_session_lives_on() {
    for policy in POLICIES {
        for fault in [
            Fault::refused(StoreErrorKind::Unavailable),
            Fault::request_lost(StoreErrorKind::Timeout),
            Fault::hung(),
        ] {
            let site = limited(policy(1));
            let first = another(&site).await;
            let (jar, before) = (site.begun().await, first.clone());
            site.clock.advance(MINUTE);
            site.store.fail([Operation::List], fault);
            let visit = site.visit(&jar, async |session| session.log_in(ada()).await).await;
            assert_eq!((visit.status(), visit.cookies()), (503, vec![]), "{fault:?}");
            site.store.clear();
            assert!(is_ada(&site, &before).await, "{fault:?}: nobody is evicted for a login that failed");
            assert_eq!(site.read(&jar, "a").await, Some(1), "{fault:?}");
        }
    }
}

#[tokio::test]
async fn s57_a_login_with_a_limit_costs_one_trip_more() {
    for policy in POLICIES {
        for (begun, trips) in [(false, 2), (true, 4)] {
            let site = limited(policy(3));
            another(&site).await;
            let jar = if begun { site.begun().await } else { Jar::new() };
            site.store.take_trips();
            log_in(&site, &jar).await;
            let taken = site.store.take_trips();
            assert_eq!((taken.total(), taken.of(Operation::List)), (trips, 1));
        }
    }
    let site = limited(SessionLimit::evict_oldest(1));
    another(&site).await;
    site.store.take_trips();
    log_in(&site, &Jar::new()).await;
    assert_eq!(site.store.take_trips().total(), 3, "and one for each that is evicted");
    let jar = another(&site).await;
    site.store.take_trips();
    site.visit(&jar, async |session| session.renew().await).await.said();
    assert_eq!(site.store.take_trips().of(Operation::List), 0, "a renewal is none");
}

#[tokio::test]
async fn s90_evictions_and_refusals_are_told() {
    for (limit, expected) in [
        (SessionLimit::evict_oldest(1), EventKind::Evicted),
        (SessionLimit::refuse(1), EventKind::TooManySessions),
    ] {
        let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
        let heard = std::sync::Arc::clone(&told);
        let site = limited(limit).with(|layer| {
            layer.with_event_hook(move |event| heard.lock().unwrap().push((event.kind(), event.session())))
        });
        let jar = another(&site).await;
        let name = site.visit(&jar, async |session| session.public_handle().await).await.said();
        told.lock().unwrap().clear();
        site.clock.advance(MINUTE);
        log_in(&site, &Jar::new()).await;
        let told = told.lock().unwrap();
        let of_limit = told.iter().find(|(kind, _)| *kind == expected).expect("told");
        assert_eq!(of_limit.1, name.filter(|_| expected == EventKind::Evicted));
    }
}

#[tokio::test]
async fn s57_handles_of_evicted_sessions_are_those_of_the_first() {
    let site = limited(SessionLimit::evict_oldest(2));
    let handles = async || -> HashSet<String> {
        let listed = site.layer.sessions().list(&ada()).await.unwrap();
        listed.iter().map(|device: &Device| device.handle().to_string()).collect()
    };
    another(&site).await;
    let first = handles().await;
    another(&site).await;
    another(&site).await;
    assert!(handles().await.is_disjoint(&first));
}

#[test]
fn s57_a_limit_of_none_is_refused() {
    for policy in POLICIES {
        let refused = SessionLayer::new(MemoryStore::new()).with_session_limit(policy(0)).unwrap_err();
        assert_eq!(refused, ConfigError::SessionLimit);
        assert!(refused.to_string().contains("at least one"), "{refused}");
    }
}

#[tokio::test]
async fn s57_s58_a_store_without_an_owner_index_is_refused_by_a_sentence_that_names_the_setting() {
    let layer = SessionLayer::new(WithoutIndex(MemoryStore::new()));
    let limit = layer.clone().with_session_limit(SessionLimit::evict_oldest(3)).unwrap_err();
    assert_eq!(limit, ConfigError::NoOwnerIndex { setting: "with_session_limit" });
    assert!(limit.to_string().contains("`with_session_limit`"), "{limit}");
    let devices = layer.clone().with_devices().unwrap_err();
    assert!(devices.to_string().contains("`with_devices`"), "{devices}");
    assert!(SessionLayer::new(MemoryStore::new()).with_devices().is_ok());

    // Without the settings it works, and what needs a list says that there is none.
    let site = Site::new();
    let site = site.with(|_| layer);
    let jar = Jar::new();
    assert_eq!(log_in(&site, &jar).await, 200);
    let visit = site.visit(&jar, async |session| session.devices().await).await;
    assert_eq!(visit.failed(), SessionErrorKind::Unsupported);
    assert!(is_ada(&site, &jar).await);
}

/// A store that cannot list: it has everything else.
struct WithoutIndex(MemoryStore);

#[async_trait]
impl Store for WithoutIndex {
    fn peek(&self, key: &RecordKey, freshness: Freshness) -> Peek {
        self.0.peek(key, freshness)
    }

    async fn load(&self, key: &RecordKey, freshness: Freshness) -> Result<Option<Record>, StoreError> {
        self.0.load(key, freshness).await
    }

    async fn create(&self, key: &RecordKey, draft: Draft) -> Result<CreateOutcome, StoreError> {
        self.0.create(key, draft).await
    }

    async fn replace(
        &self,
        key: &RecordKey,
        expected: Version,
        draft: Draft,
    ) -> Result<ReplaceOutcome, StoreError> {
        self.0.replace(key, expected, draft).await
    }

    async fn extend(&self, key: &RecordKey, expires_at: Timestamp) -> Result<ExtendOutcome, StoreError> {
        self.0.extend(key, expires_at).await
    }

    async fn remove(&self, key: &RecordKey, expected: Option<Version>) -> Result<RemoveOutcome, StoreError> {
        self.0.remove(key, expected).await
    }

    async fn list(&self, _: &Owner, _: Space, _: Page) -> Result<Listing, StoreError> {
        Err(StoreError::unsupported())
    }

    async fn remove_all(&self, owner: &Owner, spaces: &[Space]) -> Result<RemoveAllOutcome, StoreError> {
        self.0.remove_all(owner, spaces).await
    }

    async fn sweep(&self, budget: usize) -> Result<usize, StoreError> {
        self.0.sweep(budget).await
    }

    async fn check(&self) -> Result<(), StoreError> {
        self.0.check().await
    }

    fn profile(&self) -> Profile {
        Profile::new(Linearizability::Always, self.0.profile().largest_payload_bytes)
    }
}

impl std::fmt::Debug for WithoutIndex {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WithoutIndex")
    }
}

/// Polls all of them in an order of dice until each is done.
async fn together<F: Future<Output = u16>>(logins: impl Iterator<Item = F>, seed: u64) -> Vec<u16> {
    let mut dice = fastrand::Rng::with_seed(seed);
    let mut pending: Vec<_> = logins.map(|login| (Box::pin(login), None)).collect();
    while pending.iter().any(|(_, done)| done.is_none()) {
        let at = dice.usize(..pending.len());
        let (login, done) = &mut pending[at];
        if done.is_none() {
            let polled = std::future::poll_fn(|context| std::task::Poll::Ready(login.as_mut().poll(context)));
            if let std::task::Poll::Ready(status) = polled.await {
                *done = Some(status);
            }
        }
        tokio::task::yield_now().await;
    }
    pending.into_iter().filter_map(|(_, done)| done).collect()
}

/// The store hung while room was to be made. Nobody has the new session's id.
#[tokio::test(start_paused = true)]
async fn s57_a_login_that_met_the_deadline_takes_no_room() {
    let site = limited(SessionLimit::refuse(1));
    let jar = Jar::new();
    site.visit(&jar, async |session| session.insert("a", 1)).await.said();
    site.store.fail([Operation::List], Fault::hung());
    assert_eq!(log_in(&site, &jar).await, 503);
    site.store.clear();
    assert_eq!(log_in(&site, &jar).await, 200, "ada is locked out until the orphan expires");
}
