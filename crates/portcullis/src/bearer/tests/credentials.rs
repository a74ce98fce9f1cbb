//! What is taken for a bearer credential, from outside.

use http::{Response, header::AUTHORIZATION};

use super::{
    grammar::challenges,
    stage::{Stage, asks, bears},
    stub::Stub,
};
use crate::{
    bearer::{BearerLayer, MOST_BYTES},
    event::EventKind,
    reject::{Rejection, RejectionKind},
};

/// What is answered: the caller, or the rejection with its error code and the reason that is told of.
type Outcome = Result<&'static str, (RejectionKind, Option<&'static str>, Option<&'static str>)>;

const ABSENT: Outcome = Err((RejectionKind::Unauthenticated, None, None));

const fn invalid_request(reason: &'static str) -> Outcome {
    Err((RejectionKind::InvalidRequest, Some("invalid_request"), Some(reason)))
}

const fn invalid_token(reason: &'static str) -> Outcome {
    Err((RejectionKind::InvalidToken, Some("invalid_token"), Some(reason)))
}

/// Each with what is answered where a token is required; where it is not, only what is absent is let through.
const ROWS: [(&str, &[&[u8]], Outcome); 24] = [
    ("t1 as registered", &[b"Bearer good"], Ok("ada")),
    ("t1 in lower case", &[b"bearer good"], Ok("ada")),
    ("t1 in upper case", &[b"BEARER good"], Ok("ada")),
    ("t1 with many spaces", &[b"Bearer     good  "], Ok("ada")),
    ("t2 two", &[b"Bearer good", b"Bearer good"], invalid_request("several_credentials")),
    ("t2 beside another scheme", &[b"Basic YTpi", b"Bearer good"], invalid_request("several_credentials")),
    ("t2 before another scheme", &[b"Bearer good", b"Basic YTpi"], invalid_request("several_credentials")),
    ("t2 two others", &[b"Basic YTpi", b"Digest x"], invalid_request("several_credentials")),
    ("t2 beside an empty one", &[b"", b"Bearer good"], invalid_request("several_credentials")),
    ("t3 the scheme alone", &[b"Bearer"], invalid_request("no_token")),
    ("t3 only spaces", &[b"Bearer    "], invalid_request("no_token")),
    ("t3 a tab", &[b"Bearer\t"], invalid_request("no_token")),
    ("t3 garbage behind it", &[b"Bearer good good"], invalid_token("malformed_credentials")),
    ("t3 only padding", &[b"Bearer ="], invalid_token("malformed_credentials")),
    ("t4 two in one field", &[b"Bearer good, Bearer good"], invalid_token("malformed_credentials")),
    ("t4 not at the beginning", &[b"x Bearer good"], ABSENT),
    ("t4 in a list", &[b"Basic YTpi, Bearer good"], ABSENT),
    ("t5 bytes that are no text", &[b"Bearer \xff\xfe"], invalid_token("malformed_credentials")),
    ("t5 a scheme that is no text", &[b"B\xc3\xa9arer good"], ABSENT),
    ("t6 none", &[], ABSENT),
    ("t6 another scheme", &[b"Basic YTpi"], ABSENT),
    ("t6 a longer word", &[b"Bearerx good"], ABSENT),
    ("t6 an empty field", &[b""], ABSENT),
    ("a token that no key made", &[b"Bearer bad"], invalid_token("signature")),
];

#[tokio::test]
async fn t1_t6_t10_t76_credentials_are_answered_as_they_are_and_the_rest_is_not_touched() {
    for stub in [Stub::new(), Stub::new().later()] {
        let required = Stage::new(BearerLayer::new(stub.clone()));
        let optional = Stage::new(BearerLayer::new(stub).optional());
        for (name, fields, expected) in ROWS {
            check(name, &required, fields, expected).await;
            let is_absent = expected == ABSENT;
            check(name, &optional, fields, if is_absent { Ok("nobody") } else { expected }).await;
        }
    }
}

async fn check(name: &str, stage: &Stage, fields: &[&[u8]], expected: Outcome) {
    let response = stage.send(asks(fields)).await;
    let told = stage.told();
    match expected {
        Ok(caller) => {
            assert_eq!((response.body().as_str(), told), (caller, vec![]), "{name}");
            assert_eq!(stage.reached(), 1, "{name}");
        }
        Err((kind, code, reason)) => {
            assert_eq!(kind_of(&response), kind, "{name}");
            assert_eq!(stage.reached(), 0, "{name}");
            let reasons: Vec<_> =
                reason.map(|reason| (EventKind::TokenRefused, Some(reason))).into_iter().collect();
            assert_eq!(told, reasons, "{name}");
            let [(scheme, parameters)] = &*challenges(response.headers()).unwrap() else {
                panic!("{name}: one challenge")
            };
            let expected = code.map(|code| ("error".to_owned(), code.to_owned()));
            assert_eq!((&**scheme, parameters.first()), ("bearer", expected.as_ref()), "{name}");
        }
    }
}

fn kind_of(response: &Response<String>) -> RejectionKind {
    let kind = response.extensions().get::<Rejection>().unwrap().kind();
    let expected = match kind {
        RejectionKind::InvalidRequest => 400,
        _ => 401,
    };
    assert_eq!(response.status(), expected, "{kind:?}");
    kind
}

#[tokio::test]
async fn t7_a_token_in_the_query_or_a_cookie_is_not_looked_for() {
    let stub = Stub::new();
    let stage = Stage::new(BearerLayer::new(stub.clone()));
    let mut request = asks(&[]);
    *request.uri_mut() = "/?access_token=good".parse().unwrap();
    request.headers_mut().insert("cookie", "access_token=good; Authorization=good".parse().unwrap());
    request.headers_mut().insert("proxy-authorization", "Bearer good".parse().unwrap());
    let response = stage.send(request).await;
    assert_eq!((kind_of(&response), stub.asked()), (RejectionKind::Unauthenticated, 0));
}

#[tokio::test]
async fn t11_t12_what_is_too_long_is_refused_before_anybody_looks_at_it() {
    let stub = Stub::new();
    let stage = Stage::new(BearerLayer::new(stub.clone()));
    let response = stage.send(bears(&"a".repeat(MOST_BYTES))).await;
    assert_eq!((kind_of(&response), stub.asked()), (RejectionKind::InvalidToken, 1));
    stage.told();
    for letters in ["a", ".", "="] {
        for length in [MOST_BYTES + 1, 1 << 20] {
            let response = stage.send(bears(&letters.repeat(length))).await;
            assert_eq!(kind_of(&response), RejectionKind::InvalidToken, "{length} {letters}");
            assert_eq!(stage.told(), [(EventKind::TokenRefused, Some("too_large"))], "{length} {letters}");
        }
    }
    assert_eq!((stub.asked(), stage.reached()), (1, 0));
}

#[tokio::test]
async fn the_verifier_gets_the_token_alone() {
    let stage = Stage::new(BearerLayer::new(Stub::new().with("a-Z0._~+/==", r#""sub":"bob""#)));
    assert_eq!(stage.send(asks(&[b" \t bEARER \t a-Z0._~+/== \t "])).await.body(), "bob");
    assert_eq!(stage.send(bears("a-Z0._~+/=")).await.status(), 401);
}

#[tokio::test]
async fn what_is_inside_sees_the_field_as_a_secret_or_not_at_all() {
    use std::convert::Infallible;

    use http::Request;
    use tower::{ServiceExt, service_fn};
    use tower_layer::Layer;

    let kept = BearerLayer::new(Stub::new()).optional();
    let rows = [
        ("kept", &kept, "Bearer good", Some(true)),
        ("kept, another scheme", &kept, "Basic YTpi", Some(true)),
        ("removed", &kept.clone().without_forwarding(), "Bearer good", None),
        ("removed, another scheme", &kept.clone().without_forwarding(), "Basic YTpi", Some(true)),
        ("removed later", &BearerLayer::new(Stub::new().later()).without_forwarding(), "Bearer good", None),
    ];
    for (name, layer, authorization, expected) in rows {
        let service = layer.layer(service_fn(move |request: Request<()>| async move {
            let field = request.headers().get(AUTHORIZATION);
            assert_eq!(field.map(http::HeaderValue::is_sensitive), expected, "{name}");
            Ok::<_, Infallible>(Response::new(()))
        }));
        let request = Request::builder().header(AUTHORIZATION, authorization).body(()).unwrap();
        assert_eq!(service.oneshot(request).await.unwrap().status(), 200, "{name}");
    }
}
