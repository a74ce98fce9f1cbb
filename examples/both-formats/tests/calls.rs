//! The program's routes, called without a socket.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the program's own file: its `main` is not used, but its routes")]
#[path = "../src/main.rs"]
mod program;

use axum::{
    Router,
    body::Body,
    http::{Request, StatusCode},
};
use http_body_util::BodyExt;
use portcullis::{
    issue::{TokenIssuer, TokenRequest},
    jwt::{Algorithm, JwtKey, JwtKeys},
    paseto::{Kind, PasetoKey, PasetoKeys},
};
use tower::ServiceExt;

#[tokio::test]
async fn both_are_accepted_and_counted_until_the_old_one_is_not_used_any_more() {
    let (old, new) = keys();
    let app = program::app(old.clone(), new.clone());
    let jwt = token(TokenIssuer::jwt(old, program::ISSUER, program::AUDIENCE)).await;
    let paseto = token(TokenIssuer::paseto(new, program::ISSUER, program::AUDIENCE)).await;
    assert_eq!(get(&app, "/accepted", "").await, (StatusCode::OK, "paseto 0\njwt 0\n".to_owned()));
    for (token, who) in [(&jwt, "ada by jwt\n"), (&paseto, "ada by paseto\n"), (&paseto, "ada by paseto\n")] {
        assert_eq!(get(&app, "/me", token).await, (StatusCode::OK, who.to_owned()));
    }
    assert_eq!(get(&app, "/accepted", "").await.1, "paseto 2\njwt 1\n");
}

#[tokio::test]
async fn what_is_neither_is_refused_and_not_counted() {
    let (old, new) = keys();
    let app = program::app(old, new);
    let (strange_old, strange_new) = keys();
    let tokens = [
        (
            "a JWT of other keys",
            token(TokenIssuer::jwt(strange_old, program::ISSUER, program::AUDIENCE)).await,
        ),
        (
            "a PASETO of other keys",
            token(TokenIssuer::paseto(strange_new, program::ISSUER, program::AUDIENCE)).await,
        ),
        ("no token", "stolen".to_owned()),
    ];
    for (name, token) in &tokens {
        assert_eq!(get(&app, "/me", token).await.0, StatusCode::UNAUTHORIZED, "{name}");
    }
    assert_eq!(get(&app, "/accepted", "").await.1, "paseto 0\njwt 0\n");
}

fn keys() -> (JwtKeys, PasetoKeys) {
    let old = JwtKey::generate(Algorithm::EdDsa).expect("randomness");
    let new = PasetoKey::generate(Kind::V4Public).expect("randomness");
    (old.into(), new.into())
}

async fn token(issuer: Result<TokenIssuer, impl std::fmt::Debug>) -> String {
    let issued = issuer.expect("a key that signs").issue(TokenRequest::for_subject("ada")).await;
    issued.expect("a token").token().to_owned()
}

async fn get(app: &Router, path: &str, token: &str) -> (StatusCode, String) {
    let mut request = Request::get(path);
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let answer =
        app.clone().oneshot(request.body(Body::empty()).expect("a request")).await.expect("infallible");
    let (head, body) = answer.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    (head.status, String::from_utf8(body.into()).expect("text"))
}
