use axum::{Router, body::Body, http::StatusCode, routing::post};
use portcullis_core::MemoryStore;
use tower::ServiceExt;

use super::*;
use crate::session::SessionLayer;

const EXEMPT: Exempt = Exempt::insecure_because("signed");

async fn reason(request: Request<Body>) -> String {
    exemption(request.extensions()).unwrap_or("checked").to_owned()
}

async fn ask(app: &Router, path: &str) -> Response<Body> {
    let request = Request::post(path).body(Body::empty()).unwrap();
    app.clone().oneshot(request).await.unwrap()
}

async fn text(response: Response<Body>) -> String {
    let body = axum::body::to_bytes(response.into_body(), 1_000).await.unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

#[tokio::test]
async fn s68_the_routes_inside_are_exempt_and_no_others() {
    let sessions = SessionLayer::new(MemoryStore::new());
    let hook = Router::new().route("/hook", post(reason)).layer(sessions.clone()).layer(EXEMPT);
    let others = Router::new().route("/hook/", post(reason)).route("/{*path}", post(reason)).layer(sessions);
    let app = others.merge(hook);
    assert_eq!(text(ask(&app, "/hook").await).await, "signed");
    for path in
        ["/hook/", "/hook/x", "//hook", "/a/../hook", "/./hook", "/HOOK", "/hook%2f", "/hook;x", "/hookx"]
    {
        assert_eq!(text(ask(&app, path).await).await, "checked", "{path}");
    }
}

#[tokio::test]
async fn s68_an_exemption_inside_of_the_session_layer_is_a_500_that_says_where_to_put_it() {
    let app =
        Router::new().route("/hook", post(reason)).layer(EXEMPT).layer(SessionLayer::new(MemoryStore::new()));
    let response = ask(&app, "/hook").await;
    assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let rejection = response.extensions().get::<Rejection>().unwrap();
    assert_eq!(rejection.kind(), RejectionKind::Internal);
    assert!(rejection.to_string().contains("move it outside"), "{rejection}");
}

#[tokio::test]
async fn s90_a_misplaced_exemption_is_told_to_a_grpc_caller_in_its_own_terms() {
    let app =
        Router::new().route("/hook", post(reason)).layer(EXEMPT).layer(SessionLayer::new(MemoryStore::new()));
    let request = Request::post("/hook").header("content-type", "application/grpc").body(Body::empty());
    let response = app.oneshot(request.unwrap()).await.unwrap();
    assert_eq!(
        (response.status(), &response.headers()["grpc-status"]),
        (StatusCode::OK, &"13".parse().unwrap())
    );
}
