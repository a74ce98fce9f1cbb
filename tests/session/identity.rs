//! Who is calling, and what demands it.

use axum::{
    Router,
    body::Body,
    http::{
        Extensions, Request,
        header::{AUTHORIZATION, COOKIE},
    },
    routing::get,
};
use http_body_util::BodyExt;
use portcullis::{
    cookie::CookieSettings,
    identity::Principal,
    reject::{Rejection, RejectionKind},
    require::RequireLogin,
    session::{Session, SessionLayer},
};
use portcullis_core::StoreErrorKind;
use portcullis_testkit::{Fault, Operation};
use support::{Jar, Site};
use tower::ServiceExt;

fn routes() -> Router {
    Router::new()
        .route("/required", get(|principal: Principal| async move { principal.subject().to_owned() }))
        .route(
            "/optional",
            get(|principal: Option<Principal>| async move {
                format!("{:?}", principal.map(|p| p.subject().to_owned()))
            }),
        )
        .route("/of", get(async |request: Request<Body>| caller_of(&request.into_parts().0.extensions).await))
        .route("/layered", get(|| async { "in" }).layer(RequireLogin::new()))
        .route(
            "/state",
            get(|session: Session| async move { session.principal().await.map(|p| p.is_some().to_string()) }),
        )
}

/// As where no extractor runs: in tonic, and in layers of one's own.
async fn caller_of(extensions: &Extensions) -> Result<String, Rejection> {
    let demanded = Principal::of(extensions).await;
    match Principal::maybe_of(extensions).await {
        Ok(caller) => assert_eq!(demanded.as_ref().ok(), caller.as_ref()),
        Err(refused) => assert_eq!(demanded.as_ref(), Err(&refused)),
    }
    demanded.map(|principal| principal.subject().to_owned())
}

async fn ask(app: Router, path: &str, cookie: Option<&str>, authorization: Option<&str>) -> (u16, String) {
    let mut request = Request::builder().uri(path);
    if let Some(cookie) = cookie {
        request = request.header(COOKIE, cookie);
    }
    if let Some(authorization) = authorization {
        request = request.header(AUTHORIZATION, authorization);
    }
    let response = app.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let status = response.status().as_u16();
    if status == 401 {
        assert!(response.headers().contains_key("www-authenticate"));
    }
    if status == 503 {
        assert!(response.headers().contains_key("retry-after"));
    }
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_session_identifies_its_caller_to_extractors_and_layers() {
    let site = Site::new();
    let cookie = site.logged_in().await.pair().unwrap();
    let app = routes().layer(site.layer.clone());
    let rows = [
        ("/required", Some(cookie.as_str()), 200, "ada"),
        ("/required", None, 401, "log in first"),
        ("/optional", Some(&cookie), 200, "Some(\"ada\")"),
        ("/optional", None, 200, "None"),
        ("/of", Some(&cookie), 200, "ada"),
        ("/of", None, 401, "log in first"),
        ("/layered", Some(&cookie), 200, "in"),
        ("/layered", None, 401, ""),
    ];
    for (path, cookie, status, body) in rows {
        assert_eq!(
            ask(app.clone(), path, cookie, None).await,
            (status, body.to_owned()),
            "{path} {cookie:?}"
        );
    }
}

/// A cookie and an `Authorization` field together: only a bearer token, which no browser attaches unasked, silences the session.
#[tokio::test]
async fn s81_with_a_bearer_token_the_session_never_identifies_the_caller() {
    let site = Site::new();
    let cookie = site.logged_in().await.pair().unwrap();
    let app = routes().layer(site.layer.clone());
    let rows =
        [("Bearer some.token.here", 401), ("bearer x", 401), ("Basic YWRhOng=", 200), ("Unknown x", 200)];
    for (authorization, status) in rows {
        for path in ["/required", "/of", "/layered"] {
            let (answered, _) = ask(app.clone(), path, Some(&cookie), Some(authorization)).await;
            assert_eq!(answered, status, "{path} {authorization}");
        }
        let (_, state) = ask(app.clone(), "/state", Some(&cookie), Some(authorization)).await;
        assert_eq!(state, "true", "the session stays usable as state");
    }
}

#[tokio::test]
async fn s54_an_outage_is_a_503_and_never_nobody() {
    let site = Site::new();
    let cookie = site.logged_in().await.pair().unwrap();
    let app = routes().layer(site.layer.clone());
    site.store.fail(Operation::ALL, Fault::refused(StoreErrorKind::Unavailable));
    for path in ["/required", "/optional", "/of", "/layered", "/state"] {
        assert_eq!(ask(app.clone(), path, Some(&cookie), None).await.0, 503, "{path}");
    }
    site.store.clear();
    assert_eq!(ask(app, "/layered", Some(&cookie), None).await.0, 200);
}

/// A store that makes the layer wait: the verdict comes later, and the request is served all the same.
#[tokio::test]
async fn require_login_waits_for_a_store_that_is_slow() {
    let site = Site::new();
    let cookie = site.logged_in().await.pair().unwrap();
    site.store.interleave(3, 3);
    let app = routes().layer(site.layer.clone());
    assert_eq!(ask(app.clone(), "/layered", Some(&cookie), None).await, (200, "in".to_owned()));
    assert_eq!(ask(app, "/layered", None, None).await.0, 401);
}

#[tokio::test]
async fn a_missing_layer_is_a_500_that_says_which_way_to_move_it() {
    for path in ["/required", "/optional", "/of", "/state"] {
        let (status, body) = ask(routes(), path, None, None).await;
        assert_eq!(status, 500);
        assert!(body.contains("SessionLayer"), "{body}");
    }
    let misplaced =
        Router::new().route("/", get(|| async { "in" })).layer(Site::new().layer).layer(RequireLogin::new());
    let response = misplaced.oneshot(Request::new(Body::empty())).await.unwrap();
    assert_eq!(response.status(), 500);
    assert!(response.extensions().get::<Rejection>().unwrap().to_string().contains("outside of what asks"));
}

#[tokio::test]
async fn two_session_layers_around_one_route_are_a_500_that_names_both() {
    let (one, other) = (Site::new(), Site::new());
    let cart = other.layer.with_cookie(CookieSettings::named("cart").unwrap());
    let app = Router::new().route("/", get(|| async { "in" })).layer(cart).layer(one.layer);
    let response = app.oneshot(Request::new(Body::empty())).await.unwrap();
    let rejection = response.extensions().get::<Rejection>().unwrap();
    assert_eq!((response.status().as_u16(), rejection.kind()), (500, RejectionKind::Internal));
    let names = ["__Host-Http-sid", "__Host-Http-cart"];
    assert!(names.iter().all(|name| rejection.to_string().contains(name)), "{rejection}");
}

#[tokio::test]
async fn an_id_of_one_realm_is_unknown_in_another() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let forum = site.clone().with(|layer| layer.with_realm("forum"));
    assert!(forum.visit(&jar, async |session| session.principal().await).await.said().is_none());
    assert!(site.visit(&jar, async |session| session.principal().await).await.said().is_some());
}

#[tokio::test]
async fn events_name_the_session_by_its_public_handle() {
    use std::sync::{Arc, Mutex};
    let site = Site::new();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let ear = Arc::clone(&heard);
    let site = site.with(|layer: SessionLayer| {
        layer.with_event_hook(move |event| ear.lock().unwrap().push((event.kind().name(), event.session())))
    });
    let jar = Jar::new();
    site.visit(&jar, async |session| session.insert("a", 1)).await.said();
    site.visit(&jar, async |session| session.log_in(Principal::local("ada")).await).await.said();
    let handle = site.visit(&jar, async |session| session.public_handle().await).await.said();
    site.visit(&jar, async |session| session.renew().await).await.said();
    assert_eq!(site.visit(&jar, async |session| session.public_handle().await).await.said(), handle);
    site.visit(&jar, async |session: Session| {
        session.principal().await?;
        session.log_out().await
    })
    .await
    .said();
    let heard = heard.lock().unwrap().clone();
    let names: Vec<&str> = heard.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["session.created", "session.logged_in", "session.renewed", "session.logged_out"]);
    assert!(heard[1..].iter().all(|(_, session)| *session == handle), "{heard:?}");
}
