//! Allocations per request over the same axum handler without the layer: at most six on every path that does not write
//! (architecture §9). Three of them are axum's, for any layer. With a bearer token: as many as what it says takes, and nothing for waiting; and what
//! is refused holds no memory in proportion to its length.

#[path = "allocations/bearer.rs"]
mod bearer;
#[path = "allocations/hostile.rs"]
mod hostile;

use std::{
    hint::black_box,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    http::{
        HeaderMap, HeaderValue, Request, Response,
        header::{COOKIE, HOST},
    },
    routing::get,
};
use portcullis::{
    identity::Principal,
    require::{Require, RequireLogin, RequireRecent},
    session::{Session, SessionError, SessionLayer},
    store::MemoryStore,
};
use support::Jar;
use tower_service::Service;

/// What architecture §9 allows on a path that does not write.
const ALLOWED: u64 = 6;

/// As `axum::serve` does once: without it every request would put the layers on anew.
fn served(router: Router) -> Router {
    router.with_state(())
}

fn layered(store: &portcullis::store::SharedStore) -> Router {
    Router::new()
        .route("/", get(async || "hello"))
        .route("/read", get(async |session: Session| read(session).await))
        .route(
            "/principal",
            get(async |principal: Option<Principal>| principal.map_or("nobody", |_| "somebody")),
        )
        .route("/required", get(async || "hello").layer(RequireLogin::new()))
        .route("/page", get(async || "hello").layer(led_to_the_login()))
        .route("/recent", get(async || "hello").layer(RequireRecent::within(Duration::from_secs(300))))
        .route("/admin", get(async || "hello").layer(Require::that(|who| who.has_role("admin"))))
        .layer(SessionLayer::new(store.clone()))
}

fn led_to_the_login() -> RequireLogin {
    RequireLogin::new().redirect_to("/login").expect("a local path")
}

async fn read(session: Session) -> Result<&'static str, SessionError> {
    Ok(session.get::<u32>("a").await?.map_or("absent", |_| "there"))
}

/// Requests as they come: cookies of others beside ours.
fn request(path: &str, cookie: Option<&str>) -> Request<Body> {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::from_static("shop.example"));
    if let Some(cookie) = cookie {
        let field = format!("theme=dark; _ga=GA1.2.3; {cookie}; lang=en");
        headers.insert(COOKIE, field.parse().expect("a field value"));
    }
    let mut request = Request::builder().uri(path).body(Body::empty()).expect("a request");
    *request.headers_mut() = headers;
    request
}

/// No path here waits, so one poll answers, and nothing of a runtime is counted.
fn answer(router: &mut Router, request: Request<Body>) -> Response<Body> {
    let mut call = pin!(router.call(request));
    match call.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(Ok(response)) => response,
        Poll::Ready(Err(never)) => match never {},
        Poll::Pending => panic!("waited"),
    }
}

fn allocations(router: &mut Router, path: &str, cookie: Option<&str>) -> u64 {
    let warm = answer(router, request(path, cookie));
    assert_eq!(warm.status(), 200, "{path}");
    let request = request(path, cookie);
    let counted = allocation_counter::measure(|| {
        black_box(answer(router, request));
    });
    counted.count_total
}

fn logged_in(store: &portcullis::store::SharedStore) -> String {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let mut router = Router::new()
        .route(
            "/",
            get(async |session: Session| {
                session.insert("a", 1)?;
                session.log_in(Principal::local("ada").with_roles(["admin"])).await
            }),
        )
        .layer(SessionLayer::new(store.clone()));
    let response = runtime.block_on(async { router.call(request("/", None)).await }).expect("infallible");
    let jar = Jar::new();
    jar.take_from(response.headers());
    jar.pair().expect("a cookie")
}

#[test]
fn no_path_that_does_not_write_allocates_more_than_six_times_over_bare_axum() {
    let store = portcullis::store::SharedStore::from(MemoryStore::new());
    let cookie = logged_in(&store);
    let elsewhere = logged_in(&MemoryStore::new().into());
    let mut bare = served(Router::new().route("/", get(async || "hello")));
    let mut router = served(layered(&store));
    let rows = [
        ("anonymous, untouched", "/", None),
        ("anonymous, read", "/read", None),
        ("valid cookie, untouched", "/", Some(cookie.as_str())),
        ("valid cookie, read one value", "/read", Some(&cookie)),
        ("dead cookie, read one value", "/read", Some(&elsewhere)),
        ("login required", "/required", Some(&cookie)),
        ("login required of a page", "/page", Some(&cookie)),
        ("recent login required", "/recent", Some(&cookie)),
        ("role required", "/admin", Some(&cookie)),
    ];
    for (name, path, cookie) in rows {
        let without = allocations(&mut bare, "/", cookie);
        let over = allocations(&mut router, path, cookie) - without;
        println!("{name}: +{over}");
        let allowed = ALLOWED
            + match path {
                "/required" | "/page" => OF_A_ROUTE_LAYER,
                "/recent" | "/admin" => OF_A_ROUTE_LAYER + OF_A_PRINCIPAL,
                _ => 0,
            };
        assert!(over <= allowed, "{name}: +{over} over {without}, allowed +{allowed}");
    }
}

/// axum's own cost of one more layer, whoever wrote it.
const OF_A_ROUTE_LAYER: u64 = 3;
/// Its issuer, its subject, and the list of its one role.
const OF_A_PRINCIPAL: u64 = 4;
