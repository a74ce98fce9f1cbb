//! The same layers in front of a gRPC service: refusals are trailers-only, whatever the transport.

use std::convert::Infallible;

use axum::http::{
    Request, Response,
    header::{CONTENT_TYPE, COOKIE},
};
use portcullis::{
    identity::{Identity, Principal},
    require::RequireLogin,
    session::Session,
};
use portcullis_core::StoreErrorKind;
use portcullis_testkit::{Fault, Operation};
use support::{Jar, Site};
use tower::{ServiceExt, service_fn};
use tower_layer::Layer;

async fn call(site: &Site, content_type: &str, cookie: Option<&str>, answer: &'static str) -> Response<()> {
    let service = service_fn(move |request: Request<()>| async move {
        let session = Session::of(request.extensions().get::<Identity>().unwrap()).unwrap();
        session.insert("called", 1).unwrap();
        Ok::<_, Infallible>(Response::builder().header("grpc-status", answer).body(()).unwrap())
    });
    let mut request = Request::builder().method("POST").header(CONTENT_TYPE, content_type);
    if let Some(cookie) = cookie {
        request = request.header(COOKIE, cookie);
    }
    let service = site.layer.layer(RequireLogin::new().layer(service));
    service.oneshot(request.body(()).unwrap()).await.unwrap()
}

async fn logged_in(site: &Site) -> String {
    let jar = Jar::new();
    site.visit(&jar, async |session| session.log_in(Principal::local("ada")).await).await.said();
    jar.pair().unwrap()
}

fn status_of(response: &Response<()>) -> (u16, &str, &str) {
    let field = |name: &str| response.headers().get(name).map_or("", |value| value.to_str().unwrap());
    (response.status().as_u16(), field("grpc-status"), field("content-type"))
}

#[tokio::test]
async fn s90_refusals_are_grpc_statuses_in_trailers_only_form() {
    let site = Site::new();
    let cookie = logged_in(&site).await;
    for (asked, answered) in [
        ("application/grpc", "application/grpc"),
        ("application/grpc+proto", "application/grpc"),
        ("application/grpc-web+proto", "application/grpc-web"),
        ("application/grpc-web-text", "application/grpc-web-text"),
    ] {
        let unauthenticated = call(&site, asked, None, "0").await;
        assert_eq!(status_of(&unauthenticated), (200, "16", answered));
        assert!(!unauthenticated.headers()["grpc-message"].is_empty());

        site.store.fail(Operation::ALL, Fault::refused(StoreErrorKind::Unavailable));
        assert_eq!(status_of(&call(&site, asked, Some(&cookie), "0").await), (200, "14", answered));
        site.store.clear();
        site.store.fail([Operation::Replace], Fault::refused(StoreErrorKind::Unavailable));
        let commit_failed = call(&site, asked, Some(&cookie), "0").await;
        assert_eq!(status_of(&commit_failed), (200, "14", answered), "a commit that fails");
        site.store.clear();
    }
    assert_eq!(call(&site, "application/json", None, "0").await.status(), 401);
}

#[tokio::test]
async fn a_grpc_status_other_than_ok_in_the_headers_drops_the_changes() {
    let site = Site::new();
    let cookie = logged_in(&site).await;
    let called = async || {
        site.visit(&Jar::with(cookie.clone()), async |session| session.get::<u32>("called").await)
            .await
            .said()
    };
    call(&site, "application/grpc", Some(&cookie), "5").await;
    assert_eq!(called().await, None);
    call(&site, "application/grpc", Some(&cookie), "0").await;
    assert_eq!(called().await, Some(1));
}
