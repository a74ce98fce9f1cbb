//! The store fails, hangs, or loses its answers.

use std::time::Duration;

use axum::http::{Request, Response, StatusCode, header::COOKIE};
use portcullis::{
    identity::Principal,
    session::{Session, SessionError, SessionErrorKind},
};
use portcullis_core::StoreErrorKind;
use portcullis_testkit::{Fault, Operation};
use support::{Jar, Site};

type Handler = fn(Session) -> std::pin::Pin<Box<dyn Future<Output = Result<(), SessionError>>>>;

const HANDLERS: [(&str, Handler); 7] = [
    ("get", |session| Box::pin(async move { session.get::<u32>("a").await.map(|_| ()) })),
    ("insert", |session| Box::pin(async move { session.insert("a", 2) })),
    ("update", |session| Box::pin(async move { session.update("a", |_: Option<u32>| 2).await.map(|_| ()) })),
    ("log_in", |session| Box::pin(async move { session.log_in(Principal::local("alan")).await })),
    ("renew", |session| Box::pin(async move { session.renew().await })),
    ("log_out", |session| Box::pin(async move { session.log_out().await })),
    ("principal", |session| Box::pin(async move { session.principal().await.map(|_| ()) })),
];

async fn state(site: &Site, jar: &Jar) -> (Option<String>, Option<u32>) {
    site.visit(&jar.clone(), async |session: Session| {
        let subject = session.principal().await?.map(|principal| principal.subject().to_owned());
        Ok((subject, session.get("a").await?))
    })
    .await
    .said()
}

fn ada() -> (Option<String>, Option<u32>) {
    (Some("ada".to_owned()), Some(1))
}

#[tokio::test]
async fn s54_a_failing_store_is_a_503_that_touches_no_cookie_and_recovers() {
    for (name, handler) in HANDLERS {
        let site = Site::new();
        let jar = site.logged_in().await;
        site.store.fail(Operation::ALL, Fault::refused(StoreErrorKind::Unavailable));
        let visit = site.visit(&jar, handler).await;
        assert_eq!((visit.status(), visit.cookies()), (503, vec![]), "{name}");
        assert_eq!(visit.field("retry-after"), Some("1"), "{name}");
        site.store.clear();
        assert_eq!(state(&site, &jar).await, ada(), "{name}: nothing was lost");
    }
}

#[tokio::test(start_paused = true)]
async fn s54_a_hanging_store_is_a_503_within_the_deadline() {
    for (name, handler) in HANDLERS {
        let site = Site::new().with(|layer| layer.with_store_deadline(Duration::from_millis(700)));
        let jar = site.logged_in().await;
        site.store.fail(Operation::ALL, Fault::hung());
        let begun = tokio::time::Instant::now();
        let visit = site.visit(&jar, handler).await;
        assert_eq!((visit.status(), visit.cookies()), (503, vec![]), "{name}");
        assert!(begun.elapsed() <= Duration::from_millis(710), "{name}: {:?}", begun.elapsed());
        site.store.clear();
        assert_eq!(state(&site, &jar).await, ada(), "{name}: nothing was lost");
    }
}

/// Each call's first answer is lost, once before and once after the store did it: the caller must not notice, and nothing may
/// happen twice.
#[tokio::test]
async fn one_lost_answer_of_a_write_is_resolved_by_asking_again() {
    let losses = [
        ("request", Fault::request_lost(StoreErrorKind::Timeout)),
        ("answer", Fault::answer_lost(StoreErrorKind::Timeout)),
    ];
    for (lost, fault) in losses {
        let site = Site::new();
        let jar = Jar::new();
        let add = async |session: Session| session.update("n", |n: Option<u32>| n.unwrap_or(0) + 1).await;

        site.store.fail_next(1, [Operation::Create], fault);
        assert_eq!(site.visit(&jar, add).await.said(), 1, "{lost} of create");
        site.store.clear();
        site.store.fail_next(1, [Operation::Replace], fault);
        assert_eq!(site.visit(&jar, add).await.said(), 2, "{lost} of replace");
        site.store.clear();
        site.store.fail_next(1, [Operation::Create], fault);
        site.store.fail_next(1, [Operation::Remove], fault);
        site.visit(&jar, async |session| session.log_in(Principal::local("ada")).await).await.said();
        site.store.clear();
        assert_eq!(site.visit(&jar, add).await.said(), 3, "{lost} at login: the session came along");
        site.store.fail_next(1, [Operation::Remove], fault);
        let before = jar.clone();
        site.visit(&jar, async |session| session.log_out().await).await.said();
        site.store.clear();
        assert_eq!(state(&site, &before).await.0, None, "{lost} of remove");
    }
}

/// Seeded campaigns of losses: whatever the store does, an `update` that was acknowledged counted once, and one that was not
/// counted once or not at all.
#[tokio::test(start_paused = true)]
async fn no_loss_of_answers_makes_an_update_count_twice() {
    for seed in 0..60 {
        let site = Site::new();
        let jar = Jar::new();
        site.visit(&jar, async |session| session.insert("n", 0)).await.said();
        let losses = [
            Fault::request_lost(StoreErrorKind::Timeout),
            Fault::answer_lost(StoreErrorKind::Unavailable),
            Fault::refused(StoreErrorKind::Overloaded),
        ];
        for (at, fault) in losses.into_iter().enumerate() {
            site.store.fail_at_random(
                seed * 3 + at as u64,
                0.2,
                [Operation::Load, Operation::Replace],
                fault,
            );
        }
        let (mut acknowledged, mut unclear) = (0, 0);
        for _ in 0..30 {
            let visits = (0..3).map(|_| async {
                site.visit(&jar.clone(), async |session| {
                    session.update("n", |n: Option<u32>| n.unwrap_or(0) + 1).await
                })
                .await
            });
            for visit in futures_of(visits).await {
                match visit.answer.expect("reached") {
                    Ok(_) => acknowledged += 1,
                    Err(SessionErrorKind::Unavailable) => unclear += 1,
                    Err(other) => panic!("seed {seed}: {other:?}"),
                }
            }
        }
        site.store.clear();
        let n = site.visit(&jar, async |session| session.get::<u32>("n").await).await.said().unwrap();
        assert!(
            (acknowledged..=acknowledged + unclear).contains(&n),
            "seed {seed}: {acknowledged} + {unclear} < {n}"
        );
        assert!(acknowledged > 0 && unclear > 0, "seed {seed} tried nothing");
    }
}

#[tokio::test]
async fn an_outage_that_the_handler_turns_into_its_own_5xx_still_says_when_to_come_back() {
    let site = Site::new();
    let jar = site.logged_in().await;
    site.store.fail([Operation::Load], Fault::refused(StoreErrorKind::Unavailable));
    let request = Request::builder().header(COOKIE, jar.pair().unwrap()).body(()).unwrap();
    let visit = site
        .serve(request, async |session| {
            let failed = session.get::<u32>("a").await.is_err();
            let mut response = Response::new(Vec::new());
            *response.status_mut() = StatusCode::BAD_GATEWAY;
            (failed, response)
        })
        .await;
    assert_eq!((visit.answer, visit.status()), (Some(true), 502));
    assert_eq!(visit.field("retry-after"), Some("1"));
}

#[tokio::test]
async fn a_touch_that_fails_does_not_fail_the_response() {
    let site = Site::new();
    let jar = site.logged_in().await;
    site.clock.advance(Duration::from_secs(600));
    site.store.fail([Operation::Extend], Fault::refused(StoreErrorKind::Unavailable));
    let visit = site.visit(&jar, async |session| session.get::<u32>("a").await).await;
    assert_eq!(visit.status(), 200);
    assert_eq!(visit.said(), Some(1));
}

#[tokio::test(start_paused = true)]
async fn a_touch_that_hangs_does_not_fail_the_response() {
    let site = Site::new().with(|layer| layer.with_store_deadline(Duration::from_millis(700)));
    let jar = site.logged_in().await;
    site.clock.advance(Duration::from_secs(600));
    site.store.fail([Operation::Extend], Fault::hung());
    let visit = site.visit(&jar, async |session| session.get::<u32>("a").await).await;
    assert_eq!((visit.status(), visit.cookies()), (200, vec![]));
    // What was to be written is another matter.
    site.store.fail([Operation::Replace], Fault::hung());
    assert_eq!(site.visit(&jar, async |session| session.insert("a", 2)).await.status(), 503);
}

#[tokio::test]
async fn s52_a_redirect_never_outruns_its_save() {
    let site = Site::new();
    let jar = site.logged_in().await;
    site.store.fail([Operation::Replace], Fault::refused(StoreErrorKind::Unavailable));
    let visit = site
        .visit_answering(&jar, StatusCode::SEE_OTHER, async |session: Session| session.insert("a", 9))
        .await;
    assert_eq!(visit.status(), 503);
}

async fn futures_of<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut pending: Vec<_> = futures.into_iter().map(|future| (Box::pin(future), None)).collect();
    std::future::poll_fn(|context| {
        let mut waiting = false;
        for (future, done) in pending.iter_mut().filter(|(_, done)| done.is_none()) {
            match future.as_mut().poll(context) {
                std::task::Poll::Ready(output) => *done = Some(output),
                std::task::Poll::Pending => waiting = true,
            }
        }
        if waiting { std::task::Poll::Pending } else { std::task::Poll::Ready(()) }
    })
    .await;
    pending.into_iter().filter_map(|(_, done)| done).collect()
}
