//! The same refusals over gRPC and gRPC-Web.

use axum::body::Body;
use http::{Method, Request, header::CONTENT_TYPE};

use super::{
    grammar::challenges,
    stage::{Stage, asks, bears, field},
    stub::Stub,
};
use crate::bearer::{BearerLayer, TokenErrorKind};

fn call(mut request: Request<Body>, content_type: &str) -> Request<Body> {
    *request.method_mut() = Method::POST;
    request.headers_mut().insert(CONTENT_TYPE, content_type.parse().unwrap());
    request
}

#[tokio::test]
async fn t71_t72_refusals_are_trailers_only_in_the_callers_own_protocol() {
    let stub = Stub::new().refusing("out", TokenErrorKind::Unavailable);
    for stub in [stub.clone(), stub.later()] {
        let stage = Stage::new(BearerLayer::new(stub));
        for (asked, answered) in [
            ("application/grpc", "application/grpc"),
            ("application/grpc+proto", "application/grpc"),
            ("application/grpc;charset=utf-8", "application/grpc"),
            ("application/grpc-web", "application/grpc-web"),
            ("application/grpc-web+proto", "application/grpc-web"),
            ("application/grpc-web-text", "application/grpc-web-text"),
            ("application/grpc-web-text+proto", "application/grpc-web-text"),
        ] {
            let rows = [
                ("absent", asks(&[]), "16", 1),
                ("two", asks(&[b"Bearer a", b"Bearer b"]), "16", 1),
                ("bad", bears("bad"), "16", 1),
                ("out", bears("out"), "14", 0),
            ];
            for (name, request, grpc_status, count) in rows {
                let response = stage.send(call(request, asked)).await;
                assert_eq!(response.status(), 200, "{name} {asked}");
                assert_eq!(field(&response, "content-type"), Some(answered), "{name}");
                assert_eq!(field(&response, "grpc-status"), Some(grpc_status), "{name} {asked}");
                assert!(!field(&response, "grpc-message").unwrap().is_empty(), "{name} {asked}");
                assert!(response.body().is_empty(), "{name} {asked}");
                assert_eq!(challenges(response.headers()).unwrap().len(), count, "{name} {asked}");
            }
            assert_eq!(stage.reached(), 0);
        }
    }
}

#[tokio::test]
async fn t71_what_is_let_through_is_not_touched() {
    let stage = Stage::new(BearerLayer::new(Stub::new()));
    let response = stage.send(call(bears("good"), "application/grpc")).await;
    assert_eq!((response.status().as_u16(), response.body().as_str()), (200, "ada"));
    assert!(response.headers().is_empty(), "{response:?}");
}

#[tokio::test]
async fn t71_other_posts_are_answered_over_http() {
    let stage = Stage::new(BearerLayer::new(Stub::new()));
    for content_type in ["application/json", "application/grpcx", "text/plain; a=application/grpc"] {
        let response = stage.send(call(bears("bad"), content_type)).await;
        assert_eq!(response.status(), 401, "{content_type}");
        assert_eq!(field(&response, "grpc-status"), None, "{content_type}");
    }
}

#[tokio::test]
async fn responses_vary_by_authorization_over_http_alone() {
    for stub in [Stub::new(), Stub::new().later()] {
        let stage = Stage::new(BearerLayer::new(stub).optional());
        for (name, fields) in [("with a token", &[b"Bearer good".as_slice()] as &[&[u8]]), ("without", &[])] {
            assert_eq!(field(&stage.send(asks(fields)).await, "vary"), Some("Authorization"), "{name}");
            let over_grpc = stage.send(call(asks(fields), "application/grpc-web")).await;
            assert_eq!(field(&over_grpc, "vary"), None, "{name}");
        }
    }
}
