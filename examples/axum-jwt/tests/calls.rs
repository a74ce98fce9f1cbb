//! The program's routes, called without a socket.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the program's own file: its `main` is not used, but its routes")]
#[path = "../src/main.rs"]
mod program;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode},
};
use http_body_util::BodyExt;
use portcullis::jwt::{Algorithm, JwtKey, JwtKeys};
use serde_json::{Value, json};
use tower::ServiceExt;

const RIGHT: &str = r#"{"username":"ada","password":"lovelace"}"#;

#[tokio::test]
async fn a_login_is_answered_with_a_token_that_opens_the_route() {
    let app = app();
    let (status, headers, body) = log_in(&app, RIGHT).await;
    assert_eq!((status, &headers["cache-control"]), (StatusCode::OK, &"no-store".parse().expect("a value")));
    let told: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(told["token_type"], "Bearer");
    let token = told["access_token"].as_str().expect("a token");
    let (status, _, body) = me(&app, &format!("Bearer {token}")).await;
    assert_eq!((status, &*body), (StatusCode::OK, "Hello, ada!\n"));

    let others = self::app();
    assert_eq!(me(&others, &format!("Bearer {token}")).await.0, StatusCode::UNAUTHORIZED, "of other keys");
}

#[tokio::test]
async fn whoever_has_no_token_is_told_what_is_wanted() {
    let app = app();
    for (name, authorization, status, challenge) in [
        ("none", "", 401, "Bearer"),
        ("another scheme", "Basic YWRhOmxvdmVsYWNl", 401, "Bearer"),
        ("no token", "Bearer", 400, "Bearer error=\"invalid_request\""),
        ("not one of ours", "Bearer a.b.c", 401, "Bearer error=\"invalid_token\""),
    ] {
        let (told, headers, _) = me(&app, authorization).await;
        assert_eq!(
            (told.as_u16(), &headers["www-authenticate"]),
            (status, &challenge.parse().expect("a value")),
            "{name}"
        );
    }
}

#[tokio::test]
async fn a_wrong_password_gets_no_token() {
    let wrong = json!({ "username": "ada", "password": "byron" }).to_string();
    for (name, login, status) in
        [("a wrong password", &*wrong, 401), ("no JSON", "ada", 400), ("no password", "{}", 422)]
    {
        let (told, _, body) = log_in(&app(), login).await;
        assert_eq!(told.as_u16(), status, "{name}");
        assert!(!body.contains("access_token"), "{name}");
    }
}

fn app() -> Router {
    let key = JwtKey::generate(Algorithm::EdDsa).expect("randomness");
    program::app(JwtKeys::from(key)).expect("a key that signs")
}

async fn log_in(app: &Router, login: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::post("/login").header("content-type", "application/json");
    answer(app, request.body(Body::from(login.to_owned())).expect("a request")).await
}

async fn me(app: &Router, authorization: &str) -> (StatusCode, HeaderMap, String) {
    let request = Request::get("/me").header("authorization", authorization);
    answer(app, request.body(Body::empty()).expect("a request")).await
}

async fn answer(app: &Router, request: Request<Body>) -> (StatusCode, HeaderMap, String) {
    let (head, body) = app.clone().oneshot(request).await.expect("infallible").into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    (head.status, head.headers, String::from_utf8(body.into()).expect("text"))
}
