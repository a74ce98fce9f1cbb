//! Whom a token makes the caller, and until when.

use std::{convert::Infallible, time::Duration};

use http::{Request, Response, header::AUTHORIZATION};
use portcullis_core::{Clock, MemoryStore, SystemClock, Timestamp};
use portcullis_testkit::TestClock;
use tower::{ServiceExt, service_fn};
use tower_layer::Layer;

use super::stub::{END, ISSUER, Stub};
use crate::{
    bearer::BearerLayer,
    identity::{Amr, CredentialKind, Identity, IssuerId, Principal},
    require::RequireRecent,
    session::SessionLayer,
};

/// Answers with who is calling. A function and not a closure: of those, one build upon another has upset the compiler.
async fn tell(request: Request<()>) -> Result<Response<()>, Infallible> {
    let mut response = Response::new(());
    let caller = Principal::maybe_of(request.extensions()).await.unwrap();
    let identity = request.extensions().get::<Identity>().unwrap();
    assert_eq!(identity.is_somebody_now(), Some(caller.is_some()));
    response.extensions_mut().insert(caller);
    Ok(response)
}

/// Who is calling with `token`, where `layer` is around the route.
async fn caller(layer: &BearerLayer, token: &str) -> Option<Principal> {
    let request = Request::builder().header(AUTHORIZATION, format!("Bearer {token}"));
    let response = layer.layer(service_fn(tell)).oneshot(request.body(()).unwrap()).await.unwrap();
    assert_eq!(response.status(), 200);
    response.extensions().get::<Option<Principal>>().unwrap().clone()
}

const FULL: &str = r#""sub":"\u0061da","jti":"t1","iat":1000000000,"auth_time":1000000001,
    "amr":["pwd","otp"],"roles":["editor","admin"],"scope":"a b","scp":["c"],"client_id":"cli""#;

#[tokio::test]
async fn t80_a_token_and_a_session_make_the_same_principal() {
    for (stub, credential) in
        [(Stub::new(), CredentialKind::Jwt), (Stub::new().paseto(), CredentialKind::Paseto)]
    {
        let claims = match credential {
            CredentialKind::Jwt => FULL.to_owned(),
            _ => FULL
                .replace("1000000000", "\"2001-09-09T01:46:40Z\"")
                .replace("1000000001", "\"2001-09-09T01:46:41Z\""),
        };
        for stub in [stub.clone().with("full", &claims), stub.later().with("full", &claims)] {
            let caller = caller(&BearerLayer::new(stub), "full").await.unwrap();
            assert_eq!((caller.issuer(), caller.subject()), (&IssuerId::new(ISSUER), "ada"));
            assert!(caller.is_same_subject(&Principal::local("ada")));
            assert_eq!(caller.credential(), credential);
            assert_eq!(caller.amr(), [Amr::PASSWORD, Amr::ONE_TIME_PASSWORD]);
            assert!(caller.has_role("admin") && caller.has_role("editor") && !caller.has_role("a"));
            assert_eq!(caller.authenticated_at(), Some(Timestamp::from_unix_seconds(1_000_000_001)));
            assert_eq!(caller.expires_at(), Some(END));
            assert!(["a", "b", "c"].into_iter().all(|scope| caller.has_scope(scope)));
            assert!(!caller.has_scope("a b") && !caller.has_scope(""));
            assert_eq!(caller.token().unwrap().token_id(), Some("t1"));
        }
    }
}

#[tokio::test]
async fn what_merely_informs_is_not_there_where_it_has_another_shape() {
    let odd = r#""sub":"ada","auth_time":"now","amr":"pwd","roles":{"admin":true},"scope":["a"],"scp":7"#;
    let caller = caller(&BearerLayer::new(Stub::new().with("odd", odd)), "odd").await.unwrap();
    assert_eq!((caller.amr(), caller.roles(), caller.authenticated_at()), (&[][..], &[][..], None));
    assert!(!caller.has_role("admin"));
}

#[tokio::test]
async fn a_token_without_a_subject_names_nobody() {
    let stub = Stub::new().with("machine", r#""client_id":"cli","scope":"a""#);
    assert_eq!(caller(&BearerLayer::new(stub), "machine").await, None);
}

#[tokio::test]
async fn principals_are_equal_by_what_they_say_and_not_by_what_proved_them() {
    let stub = Stub::new()
        .with("one", r#""sub":"ada","jti":"1""#)
        .with("other", r#""sub":"ada","jti":"2","tenant":"acme""#)
        .with("bob", r#""sub":"bob""#);
    let layer = BearerLayer::new(stub);
    let one = caller(&layer, "one").await.unwrap();
    assert_eq!(Some(one.clone()), caller(&layer, "one").await);
    assert_eq!(Some(one.clone()), caller(&layer, "other").await);
    assert_ne!(Some(one.clone()), caller(&layer, "bob").await);
    // One is known by a token and the other is not: they are the same subject, and not the same answer.
    assert_ne!(one, Principal::local("ada"));
    assert!(one.is_same_subject(&Principal::local("ada")));
}

#[tokio::test]
async fn the_claims_are_no_part_of_what_debug_shows() {
    let stub = Stub::new().with("s3cret", r#""sub":"ada","email":"ada@example.com""#);
    let caller = caller(&BearerLayer::new(stub), "s3cret").await.unwrap();
    let shown = format!("{caller:?} {:?}", caller.token());
    assert!(!shown.contains("s3cret") && !shown.contains("ada@example.com"), "{shown}");
}

#[tokio::test]
async fn a_recent_login_is_one_by_the_time_in_the_token() {
    let clock = TestClock::new();
    let auth_time = clock.now().unix_seconds();
    let stub = Stub::new().with("dated", &format!("\"sub\":\"ada\",\"auth_time\":{auth_time}"));
    let bearer = BearerLayer::new(stub.with_clock(clock.clone())).with_clock(clock.clone());
    let recent = RequireRecent::within(Duration::from_secs(300));
    let handler = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(())));
    let service = bearer.layer(recent.layer(handler));
    let sessions = SessionLayer::new(MemoryStore::new()).with_clock(clock.clone());
    let with_sessions = sessions.layer(bearer.layer(recent.layer(handler)));
    let rows = [("dated", 0, 200), ("good", 0, 401), ("dated", 300, 200), ("dated", 1, 401)];
    for (token, seconds, expected) in rows {
        clock.advance(Duration::from_secs(seconds));
        let request =
            || Request::builder().header(AUTHORIZATION, format!("Bearer {token}")).body(()).unwrap();
        assert_eq!(service.clone().oneshot(request()).await.unwrap().status(), expected, "{token} {seconds}");
        let both = with_sessions.clone().oneshot(request()).await.unwrap();
        assert_eq!(both.status(), expected, "{token} {seconds}, with a session layer");
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_learns_that_its_token_has_ended() {
    let clock = TestClock::new();
    let end = clock.now() + Duration::from_secs(60);
    let stub = Stub::new().ending("short", r#""sub":"ada""#, end);
    let layer = BearerLayer::new(stub).with_clock(clock.clone());
    let ended = tokio::spawn(caller(&layer, "short").await.unwrap().ended());

    // Ten seconds pass on the machine and none by the layer's clock: it is asked again, and not without a pause.
    tokio::time::sleep(Duration::from_secs(70)).await;
    assert!(!ended.is_finished(), "by the layer's clock no time has passed");
    clock.advance(Duration::from_secs(59));
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert!(!ended.is_finished(), "a second is left");
    clock.advance(Duration::from_secs(1));
    tokio::time::timeout(Duration::from_secs(2), ended).await.unwrap().unwrap();

    // It can be asked after the end too.
    let late = Stub::new().ending("late", r#""sub":"ada""#, SystemClock.now() + Duration::from_secs(1));
    let late = caller(&BearerLayer::new(late).with_clock(clock), "late").await.unwrap();
    tokio::time::timeout(Duration::from_millis(1), late.ended()).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_ends_in_the_distant_future_does_not_end_today() {
    let layer = BearerLayer::new(Stub::new().ending(
        "long",
        r#""sub":"ada""#,
        Timestamp::from_unix_seconds(253_402_300_799),
    ));
    let ended = caller(&layer, "long").await.unwrap().ended();
    assert!(tokio::time::timeout(Duration::from_secs(86_400), ended).await.is_err());
}

#[tokio::test]
async fn who_asks_outside_of_the_bearer_layer_does_not_decide_for_who_asks_inside() {
    // A log that wants to know who is calling, where nothing is known yet.
    let handler = service_fn(async |request: Request<()>| {
        let caller = Principal::of(request.extensions()).await.unwrap();
        Ok::<_, Infallible>(Response::builder().header("x-caller", caller.subject()).body(()).unwrap())
    });
    let inside = BearerLayer::new(Stub::new()).layer(handler);
    let log = service_fn(move |request: Request<()>| {
        let inside = inside.clone();
        async move {
            assert_eq!(Principal::maybe_of(request.extensions()).await.unwrap(), None);
            inside.oneshot(request).await
        }
    });
    let sessions = SessionLayer::new(MemoryStore::new());
    let request = Request::builder().header(AUTHORIZATION, "Bearer good").body(()).unwrap();
    let response = sessions.layer(log).oneshot(request).await.unwrap();
    assert_eq!(response.headers()["x-caller"], "ada");
}
