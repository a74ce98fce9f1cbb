//! What a good token costs, and that nothing is paid for waiting.

use std::{
    convert::Infallible,
    future::{Ready, ready},
    hint::black_box,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use axum::{
    Router,
    body::Body,
    http::{
        HeaderValue, Request, Response,
        header::{AUTHORIZATION, CONTENT_LENGTH},
    },
    routing::get,
};
use portcullis::{
    bearer::{AnyOf, BearerLayer, Verification, VerifiedToken, VerifyToken},
    claims::ClaimsPolicy,
    identity::{Identity, Principal},
    issue::{TokenIssuer, TokenRequest},
    jwt::{Algorithm, JwtKey, JwtVerifier},
    paseto::{Kind, PasetoKey, PasetoVerifier},
    revocation::Revocations,
    store::MemoryStore,
};
use tower_layer::Layer;
use tower_service::Service;

use super::{answer, request, served};

type Verifier = Arc<dyn VerifyToken>;

#[test]
fn t79_a_good_token_costs_what_it_says_and_nothing_for_waiting() {
    let mut bare = served(routes().route("/principal", get(async || "hello")));
    for (format, token, verifier, of_the_token) in formats() {
        let none = JwtVerifier::new(key(Algorithm::EdDsa), policy());
        let any_of = BearerLayer::new(AnyOf::new().or("none", none).or("ours", Arc::clone(&verifier)));
        let layer = BearerLayer::new(verifier);
        let revocations = Revocations::new(MemoryStore::new());
        let rows = [
            ("untouched", "/", layer.clone()),
            ("revocations asked", "/", layer.clone().with_revocations(revocations)),
            ("principal", "/principal", layer.clone()),
            ("principal, optional", "/principal", layer.optional()),
            ("principal, by the second of two verifiers", "/principal", any_of),
        ];
        for (name, path, layer) in rows {
            let principal =
                get(async |caller: Principal| if caller.subject() == "ada" { "hello" } else { "?" });
            let mut router = served(routes().route("/principal", principal).layer(layer));
            let over = allocations(&mut router, path, &token) - allocations(&mut bare, path, &token);
            println!("{format}, {name}: +{over}");
            assert_eq!(over, OF_ANY_LAYER + OF_THE_IDENTITY + of_the_token, "{format}, {name}");
        }
    }
}

/// A verifier that needs no memory, around a service that needs none: what is left is the layer's own, with no box for a future among it.
#[test]
fn t79_the_layer_itself_makes_an_identity_and_no_future() {
    let (_, token, verifier, _) = formats().swap_remove(0);
    let Verification::Ready(Ok(verified)) = verifier.verify(&token) else { panic!("a good token") };
    // What else is in a response or among a request's extensions shares the memory of the first of them.
    let mut response = Response::new(());
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
    let mut request = Request::new(());
    request.headers_mut().insert(AUTHORIZATION, field(&token));
    request.extensions_mut().insert(());
    let mut service = BearerLayer::new(Known(verified)).layer(Inner(Some(response)));
    let counted = allocation_counter::measure(|| {
        let mut call = pin!(service.call(request));
        let answer = call.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        assert!(matches!(black_box(answer), Poll::Ready(Ok(_))));
    });
    assert_eq!(counted.count_total, OF_THE_IDENTITY, "{counted:?}");
}

struct Known(VerifiedToken);

impl VerifyToken for Known {
    fn verify(&self, _: &str) -> Verification {
        Verification::Ready(Ok(self.0.clone()))
    }
}

/// Answers once, with what it was given.
#[derive(Clone)]
struct Inner(Option<Response<()>>);

impl Service<Request<()>> for Inner {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = Ready<Result<Response<()>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<()>) -> Self::Future {
        assert!(request.extensions().get::<Identity>().is_some());
        ready(Ok(self.0.take().expect("called once")))
    }
}

fn routes() -> Router {
    Router::new().route("/", get(async || "hello"))
}

fn allocations(router: &mut Router, path: &str, token: &str) -> u64 {
    let request = || {
        let mut request = request(path, None);
        request.headers_mut().insert(AUTHORIZATION, field(token));
        request
    };
    assert_eq!(answer(router, request()).status(), 200, "{path}");
    let request: Request<Body> = request();
    allocation_counter::measure(|| {
        black_box(answer(router, request));
    })
    .count_total
}

fn field(token: &str) -> HeaderValue {
    HeaderValue::try_from(format!("Bearer {token}")).expect("a field value")
}

/// A token of each format with its verifier, and what it takes to verify it.
fn formats() -> Vec<(&'static str, String, Verifier, u64)> {
    let jwts = [Algorithm::Hs256, Algorithm::Es256, Algorithm::EdDsa].map(|algorithm| {
        let key = key(algorithm);
        let issuer =
            TokenIssuer::jwt(key.clone(), "https://id.example", "https://api.example").expect("it signs");
        let verifier: Verifier = Arc::new(JwtVerifier::new(key, policy()));
        (algorithm.as_str(), token(&issuer), verifier, OF_CLAIMS)
    });
    let pasetos = [
        ("v4.local", Kind::V4Local, OF_CLAIMS + OF_A_FOOTER),
        ("v4.public", Kind::V4Public, OF_CLAIMS + OF_A_FOOTER + OF_WHAT_WAS_SIGNED),
    ]
    .map(|(name, kind, of_the_token)| {
        let key = PasetoKey::generate(kind).expect("a key");
        let issuer =
            TokenIssuer::paseto(key.clone(), "https://id.example", "https://api.example").expect("it signs");
        let verifier: Verifier = Arc::new(PasetoVerifier::new(key, policy()));
        (name, token(&issuer), verifier, of_the_token)
    });
    jwts.into_iter().chain(pasetos).collect()
}

fn key(algorithm: Algorithm) -> JwtKey {
    JwtKey::generate(algorithm).expect("a key")
}

fn policy() -> ClaimsPolicy {
    ClaimsPolicy::new("https://id.example", "https://api.example")
}

fn token(issuer: &TokenIssuer) -> String {
    let asked = TokenRequest::for_subject("ada").with_scope("orders:read orders:write").expect("scopes");
    let mut issued = pin!(issuer.issue(asked));
    match issued.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(issued) => issued.expect("a token").token().to_owned(),
        Poll::Pending => panic!("waited"),
    }
}

/// axum's own, whoever wrote the layer.
const OF_ANY_LAYER: u64 = 3;
/// It, and its place among the request's extensions. A `Principal` is made of what is there already.
const OF_THE_IDENTITY: u64 = 2;
/// The claims as they were signed, their subject, their id, and what holds them together.
const OF_CLAIMS: u64 = 4;
/// It names the key, and is decoded to find that.
const OF_A_FOOTER: u64 = 1;
/// The message, between lengths; v4.local is hashed piece by piece instead, and decrypted where it is.
const OF_WHAT_WAS_SIGNED: u64 = 1;
