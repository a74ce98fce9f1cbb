//! What a refusal says, and what it does not.

use std::time::Duration;

use axum::body::Body;
use http::{Method, Request, header::CONTENT_TYPE};
use proptest::prelude::*;

use super::{
    grammar::challenges,
    stage::{Stage, asks, bears, field, seen},
    stub::{Stub, every_kind},
};
use crate::{
    bearer::{BearerLayer, ConfigError, TokenErrorKind},
    event::EventKind,
};

const METADATA: &str = "https://api.example/.well-known/oauth-protected-resource";

#[tokio::test]
async fn t66_t67_t69_every_refusal_challenges_as_it_should() {
    let layer = BearerLayer::new(Stub::new()).with_realm("the api, and more").unwrap();
    let stage = Stage::new(layer.with_resource_metadata(METADATA).unwrap());
    type Row = (&'static str, &'static [&'static [u8]], u16, Option<&'static str>);
    let rows: [Row; 5] = [
        ("no credentials", &[], 401, None),
        ("another scheme", &[b"Basic YTpi"], 401, None),
        ("two", &[b"Bearer a", b"Bearer b"], 400, Some("invalid_request")),
        ("no token", &[b"Bearer"], 400, Some("invalid_request")),
        ("a bad token", &[b"Bearer bad"], 401, Some("invalid_token")),
    ];
    for (name, fields, status, code) in rows {
        let response = stage.send(asks(fields)).await;
        assert_eq!(response.status(), status, "{name}");
        let mut expected = vec![("realm", "the api, and more")];
        expected.extend(code.map(|code| ("error", code)));
        expected.push(("resource_metadata", METADATA));
        let expected: Vec<_> =
            expected.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let challenges = challenges(response.headers()).unwrap();
        assert_eq!(challenges, [("bearer".to_owned(), expected)], "{name}");
    }
}

#[test]
fn t68_what_cannot_stand_in_a_challenge_is_an_error_of_the_layer() {
    let layer = BearerLayer::new(Stub::new());
    let realm = layer.clone().with_realm("a\"b").unwrap_err();
    assert_eq!(realm, ConfigError::Realm("a\"b".to_owned()));
    let url = layer.with_resource_metadata("http://api.example").unwrap_err();
    assert_eq!(url, ConfigError::ResourceMetadata("http://api.example".to_owned()));
}

#[tokio::test]
async fn t70_a_refusal_does_not_say_which_check_the_token_failed() {
    for content_type in ["text/plain", "application/grpc", "application/grpc-web-text"] {
        let mut answers = Vec::new();
        for kind in every_kind().filter(|kind| *kind != TokenErrorKind::Unavailable) {
            for stub in [Stub::new(), Stub::new().later()] {
                let stage = Stage::new(BearerLayer::new(stub.refusing("bad", kind)));
                let mut request = bears("bad");
                *request.method_mut() = Method::POST;
                request.headers_mut().insert(CONTENT_TYPE, content_type.parse().unwrap());
                answers.push((kind, seen(&stage.send(request).await)));
                assert_eq!(stage.reached(), 0);
                assert_eq!(stage.told(), [(EventKind::TokenRefused, Some(kind.name()))]);
            }
        }
        // What never reached a verifier says no more.
        let stage = Stage::new(BearerLayer::new(Stub::new()));
        for token in ["a b", &"a".repeat(100_000)] {
            let mut request = bears(token);
            *request.method_mut() = Method::POST;
            request.headers_mut().insert(CONTENT_TYPE, content_type.parse().unwrap());
            answers.push((TokenErrorKind::Malformed, seen(&stage.send(request).await)));
        }
        let (_, first) = &answers[0];
        assert!(answers.len() > 30);
        for (kind, answer) in &answers {
            assert_eq!(answer, first, "{kind:?}");
        }
    }
}

#[tokio::test]
async fn t68_nothing_of_the_request_comes_back() {
    const MARK: &str = "m4rk3r";
    // A header and claims with marks, as a token bears them, beside marks in the clear.
    let encoded = crate::base64url::encode(format!("{{\"kid\":\"{MARK}\",\"iss\":\"{MARK}\"}}").as_bytes());
    let tokens = [
        MARK.to_owned(),
        format!("{MARK}.{MARK}.{MARK}"),
        format!("{encoded}.{encoded}.{MARK}"),
        format!("v4.public.{encoded}.{MARK}"),
        format!("\"{MARK}"),
        format!("{MARK}, Bearer {MARK}"),
        format!("{MARK}\u{e9}"),
        MARK.repeat(10_000),
    ];
    let mark_encoded = &crate::base64url::encode(MARK.as_bytes())[..6];
    for layer in [BearerLayer::new(Stub::new()), BearerLayer::new(Stub::new()).optional()] {
        let stage = Stage::new(layer);
        for token in &tokens {
            for (method, content_type) in
                [("GET", "text/plain"), ("POST", "application/grpc"), ("POST", "application/grpc-web-text")]
            {
                let mut request = bears(token);
                *request.method_mut() = method.parse().unwrap();
                *request.uri_mut() = format!("/{MARK}?{MARK}={MARK}").parse().unwrap();
                let headers = request.headers_mut();
                headers.insert(CONTENT_TYPE, format!("{content_type}; {MARK}={MARK}").parse().unwrap());
                headers.insert("x-request-id", MARK.parse().unwrap());
                headers.insert("origin", format!("https://{MARK}.example").parse().unwrap());
                let seen = seen(&stage.send(request).await);
                assert!(!seen.contains(MARK) && !seen.contains(mark_encoded), "{seen}");
            }
        }
    }
}

#[tokio::test]
async fn t72_an_outage_is_no_verdict_about_the_caller() {
    for stub in [Stub::new(), Stub::new().later()] {
        for layer in [BearerLayer::new(stub.refusing("out", TokenErrorKind::Unavailable))] {
            for stage in [Stage::new(layer.clone()), Stage::new(layer.optional())] {
                let response = stage.send(bears("out")).await;
                assert_eq!(response.status(), 503);
                assert_eq!(field(&response, "retry-after"), Some("1"));
                assert_eq!(field(&response, "www-authenticate"), None);
                assert_eq!(field(&response, "x-rejection"), Some("unavailable"));
                assert_eq!(stage.told(), [(EventKind::TokenUnchecked, Some("unavailable"))]);
                assert_eq!(stage.reached(), 0);
            }
        }
    }
}

#[tokio::test]
async fn t74_no_refusal_is_stored_by_a_cache() {
    let stub = Stub::new().refusing("out", TokenErrorKind::Unavailable);
    let stage = Stage::new(BearerLayer::new(stub));
    for fields in [&[] as &[&[u8]], &[b"Bearer"], &[b"Bearer bad"], &[b"Bearer out"]] {
        for method in [Method::GET, Method::POST] {
            let mut request = asks(fields);
            *request.method_mut() = method;
            request.headers_mut().insert(CONTENT_TYPE, "application/grpc".parse().unwrap());
            assert_eq!(field(&stage.send(request).await, "cache-control"), Some("no-store"));
        }
    }
}

proptest! {
    #[test]
    fn t66_t68_whatever_a_layer_was_told_makes_a_challenge_that_says_it(
        realm in any_setting(),
        url in any_setting().prop_map(|path| format!("https://api.example/{path}")),
    ) {
        let layer = BearerLayer::new(Stub::new());
        let (layer, mut expected) = match layer.clone().with_realm(&realm) {
            Ok(layer) => (layer, vec![("realm", realm)]),
            Err(_) => (layer, vec![]),
        };
        expected.push(("error", "invalid_token".to_owned()));
        let layer = match layer.clone().with_resource_metadata(&url) {
            Ok(layer) => {
                expected.push(("resource_metadata", url));
                layer
            }
            Err(_) => layer,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let response = runtime.block_on(Stage::new(layer).send(bears("bad")));
        let expected = expected.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        prop_assert_eq!(challenges(response.headers()).unwrap(), [("bearer".to_owned(), expected)]);
    }

    #[test]
    fn t73_whatever_somebody_sends_is_no_mistake_of_ours(
        fields in proptest::collection::vec(any_field(), 0..4),
        is_grpc in any::<bool>(),
        is_optional in any::<bool>(),
    ) {
        let layer = BearerLayer::new(Stub::new());
        let stage = Stage::new(if is_optional { layer.optional() } else { layer });
        let mut request: Request<Body> = asks(&[]);
        for field in fields {
            if let Ok(field) = http::HeaderValue::from_bytes(&field) {
                request.headers_mut().append("authorization", field);
            }
        }
        if is_grpc {
            *request.method_mut() = Method::POST;
            request.headers_mut().insert(CONTENT_TYPE, "application/grpc".parse().unwrap());
        }
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let response = runtime.block_on(stage.send(request));
        let status = response.status().as_u16();
        prop_assert!(matches!(status, 200 | 400 | 401), "{status}");
        let code = field(&response, "grpc-status");
        prop_assert!(matches!(code, None | Some("16")), "{code:?}");
        let challenges = challenges(response.headers()).unwrap();
        let was_refused = stage.reached() == 0;
        prop_assert_eq!(challenges.len(), usize::from(was_refused));
        if is_optional && was_refused {
            prop_assert!(!challenges[0].1.is_empty(), "refused, though nothing was borne");
        }
    }
}

fn any_setting() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{0,12}", "[a-z]{0,12}", any::<String>()]
}

/// Bytes that are like a credential more often than chance would have it.
fn any_field() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        "(?i)(bearer|basic)?[ \t,=]{0,3}(good|[!-~]{0,12})?[ \t,=]{0,3}".prop_map(String::into_bytes),
        (0_usize..20_000).prop_map(|length| [b"Bearer ".as_slice(), &vec![b'.'; length]].concat()),
    ]
}

#[tokio::test]
async fn t66_a_step_up_says_how_recent_is_enough() {
    use std::convert::Infallible;

    use http::Response;
    use tower::{ServiceExt, service_fn};
    use tower_layer::Layer;

    use crate::require::RequireRecent;

    let handler = service_fn(async |_: Request<Body>| Ok::<_, Infallible>(Response::new(String::new())));
    let recent = RequireRecent::within(Duration::from_secs(300));
    let service = BearerLayer::new(Stub::new()).layer(recent.layer(handler));
    let response = service.oneshot(bears("good")).await.unwrap();
    assert_eq!(response.status(), 401);
    let expected = [("error", "insufficient_user_authentication"), ("max_age", "300")];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    assert_eq!(challenges(response.headers()).unwrap(), [("bearer".to_owned(), expected)]);
}
