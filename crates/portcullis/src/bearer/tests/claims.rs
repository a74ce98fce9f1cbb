//! The claims that a handler takes, as an extractor and without one.

use http::{Extensions, Request};
use serde::Deserialize;

use super::stub::Stub;
use crate::{
    bearer::Claims,
    identity::Identity,
    reject::{Rejection, RejectionKind},
};

#[derive(Debug, Deserialize, PartialEq)]
struct Tenant {
    tenant: String,
}

/// The extensions of a request as a handler finds them behind an optional layer.
async fn inside(authorization: Option<&str>) -> Extensions {
    use std::{
        convert::Infallible,
        sync::{Arc, Mutex},
    };

    use http::{Response, header::AUTHORIZATION};
    use tower::{ServiceExt, service_fn};
    use tower_layer::Layer;

    let stub = Stub::new().with("acme", r#""sub":"ada","tenant":"acme""#).with("odd", r#""tenant":7"#);
    let found = Arc::new(Mutex::new(None));
    let handler = service_fn(|request: Request<()>| {
        *found.lock().unwrap() = Some(request.extensions().clone());
        std::future::ready(Ok::<_, Infallible>(Response::new(())))
    });
    let mut request = Request::new(());
    if let Some(authorization) = authorization {
        request.headers_mut().insert(AUTHORIZATION, authorization.parse().unwrap());
    }
    let layer = crate::bearer::BearerLayer::new(stub).optional();
    layer.layer(handler).oneshot(request).await.unwrap();
    found.lock().unwrap().take().unwrap()
}

fn outcome<T>(result: Result<T, Rejection>) -> Result<T, (RejectionKind, u16)> {
    result.map_err(|rejection| (rejection.kind(), rejection.status().as_u16()))
}

#[tokio::test]
async fn t52_claims_of_another_shape_are_an_invalid_token_and_never_a_mistake_of_ours() {
    let acme = || Claims(Tenant { tenant: "acme".to_owned() });
    let invalid = (RejectionKind::InvalidToken, 401);
    let extensions = inside(Some("Bearer acme")).await;
    assert_eq!(outcome(Claims::of(&extensions)), Ok(acme()));
    assert_eq!(outcome(Claims::maybe_of(&extensions)), Ok(Some(acme())));
    for token in ["Bearer odd", "Bearer good"] {
        let extensions = inside(Some(token)).await;
        assert_eq!(outcome(Claims::<Tenant>::of(&extensions)), Err(invalid), "{token}");
        assert_eq!(outcome(Claims::<Tenant>::maybe_of(&extensions)), Err(invalid), "{token}");
    }
}

#[tokio::test]
async fn claims_of_nobody_are_none_and_where_no_layer_is_that_is_said() {
    let extensions = inside(None).await;
    let nobody = Claims::<Tenant>::of(&extensions).unwrap_err();
    assert_eq!(nobody.kind(), RejectionKind::Unauthenticated);
    assert_eq!(outcome(Claims::<Tenant>::maybe_of(&extensions)), Ok(None));
    for missing in [
        Claims::<Tenant>::of(&Extensions::new()).unwrap_err(),
        Claims::<Tenant>::maybe_of(&Extensions::new()).unwrap_err(),
    ] {
        assert_eq!(missing.kind(), RejectionKind::Internal);
        assert!(missing.to_string().contains("BearerLayer"), "{missing}");
    }
}

#[tokio::test]
async fn the_token_of_a_request_is_told_by_its_identity_too() {
    let extensions = inside(Some("Bearer acme")).await;
    let token = extensions.get::<Identity>().unwrap().token().unwrap();
    assert_eq!((token.subject(), token.key_id().as_str()), (Some("ada"), "k1"));
    assert!(inside(None).await.get::<Identity>().unwrap().token().is_none());
}

#[cfg(feature = "axum")]
#[tokio::test]
async fn t52_claims_are_an_extractor_and_so_is_an_option_of_them() {
    use axum::{Router, routing::get};
    use tower::ServiceExt;

    use super::{
        grammar::challenges,
        stage::{asks, bears, field},
    };
    use crate::{bearer::BearerLayer, session::SessionLayer};

    let stub = Stub::new().with("acme", r#""tenant":"acme""#).with("odd", r#""tenant":7"#);
    let routes = || {
        Router::new()
            .route("/", get(async |Claims(tenant): Claims<Tenant>| tenant.tenant))
            .route("/maybe", get(async |claims: Option<Claims<Tenant>>| format!("{}", claims.is_some())))
    };
    let behind = routes().layer(BearerLayer::new(stub).optional());
    let sessions = routes().layer(SessionLayer::new(portcullis_core::MemoryStore::new()));
    let rows = [
        ("as they are", &behind, "/", Some("acme"), 200, Some("acme")),
        ("as they are, perhaps", &behind, "/maybe", Some("acme"), 200, Some("true")),
        ("of another shape", &behind, "/", Some("odd"), 401, None),
        ("of another shape, perhaps", &behind, "/maybe", Some("odd"), 401, None),
        ("of nobody", &behind, "/", None, 401, None),
        ("of nobody, perhaps", &behind, "/maybe", None, 200, Some("false")),
        ("behind a session layer alone", &sessions, "/", None, 500, None),
        ("behind a session layer alone, perhaps", &sessions, "/maybe", None, 500, None),
    ];
    for (name, router, path, token, status, said) in rows {
        let mut request = token.map_or_else(|| asks(&[]), bears);
        *request.uri_mut() = path.parse().unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), status, "{name}");
        if status == 401 {
            let challenges = challenges(response.headers()).unwrap();
            let code = challenges[0].1.first().map(|(_, code)| code.as_str());
            assert_eq!(code, token.map(|_| "invalid_token"), "{name}");
            assert_eq!(field(&response, "cache-control"), Some("no-store"), "{name}");
        }
        let body = axum::body::to_bytes(response.into_body(), 4_096).await.unwrap();
        if let Some(said) = said {
            assert_eq!(body, said, "{name}");
        }
    }
}

#[cfg(feature = "tonic")]
#[tokio::test]
async fn t52_in_a_grpc_method_it_is_a_status() {
    async fn method(request: tonic::Request<()>) -> Result<tonic::Response<String>, tonic::Status> {
        let Claims(tenant) = Claims::<Tenant>::of(request.extensions())?;
        Ok(tonic::Response::new(tenant.tenant))
    }

    let rows = [
        (Some("Bearer acme"), Ok("acme")),
        (Some("Bearer odd"), Err(tonic::Code::Unauthenticated)),
        (None, Err(tonic::Code::Unauthenticated)),
    ];
    for (authorization, expected) in rows {
        let mut request = tonic::Request::new(());
        *request.extensions_mut() = inside(authorization).await;
        let said = method(request).await.map(tonic::Response::into_inner).map_err(|status| status.code());
        assert_eq!(said, expected.map(str::to_owned), "{authorization:?}");
    }
    let missing = method(tonic::Request::new(())).await.unwrap_err();
    assert_eq!(missing.code(), tonic::Code::Internal);
}
