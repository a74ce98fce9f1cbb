use std::convert::Infallible;

use http::{
    Method, Request, Response,
    header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, SET_COOKIE, WWW_AUTHENTICATE},
};
use portcullis_core::MemoryStore;
use tower::{ServiceExt, service_fn};

use super::*;
use crate::{
    bearer::{BearerLayer, tests::stub::Stub},
    session::{Session, SessionLayer},
};

/// Tokens by what they grant.
fn tokens() -> Stub {
    Stub::new()
        .with("read", r#""sub":"ada","scope":"orders:read""#)
        .with("both", r#""sub":"ada","scope":"orders:read orders:write""#)
        .with("scp", r#""sub":"ada","scp":["orders:read","orders:write"]"#)
        .with("scp-text", r#""sub":"ada","scp":"orders:read orders:write""#)
        .with("split", r#""sub":"ada","scope":"orders:read","scp":["orders:write"]"#)
        .with("longer", r#""sub":"ada","scope":"orders:reading orders:re ORDERS:READ""#)
        .with("joined", r#""sub":"ada","scp":["orders:read orders:write"]"#)
        .with("none", r#""sub":"ada""#)
        .with("empty", r#""sub":"ada","scope":"","scp":[]"#)
        .with("numbers", r#""sub":"ada","scope":7,"scp":[7,null,{"orders:read":1}]"#)
        .with("machine", r#""scope":"orders:read orders:write""#)
}

async fn ask(layer: &RequireScope, authorization: Option<&str>, path: &str) -> Response<()> {
    let mut request = Request::builder().uri(path);
    if let Some(token) = authorization {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    let handler = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(())));
    let service = BearerLayer::new(tokens()).optional().layer(layer.layer(handler));
    service.oneshot(request.body(()).unwrap()).await.unwrap()
}

fn challenge(response: &Response<()>) -> Option<&str> {
    response.headers().get(WWW_AUTHENTICATE).map(|field| field.to_str().unwrap())
}

const BOTH: &str = "Bearer error=\"insufficient_scope\", scope=\"orders:read orders:write\"";
const READ: &str = "Bearer error=\"insufficient_scope\", scope=\"orders:read\"";

#[tokio::test]
async fn t54_t67_a_scope_is_granted_word_by_word_and_what_would_be_enough_is_said() {
    let one = RequireScope::new("orders:read").unwrap();
    let all = RequireScope::all(["orders:read", "orders:write"]).unwrap();
    let any = RequireScope::any(["orders:read", "orders:write"]).unwrap();
    // For one, all and any: whether it is let through.
    let rows = [
        ("read", [true, false, true]),
        ("both", [true, true, true]),
        ("scp", [true, true, true]),
        ("scp-text", [true, true, true]),
        ("split", [true, true, true]),
        ("longer", [false, false, false]),
        ("joined", [false, false, false]),
        ("none", [false, false, false]),
        ("empty", [false, false, false]),
        ("numbers", [false, false, false]),
    ];
    for (token, expected) in rows {
        for ((layer, said), is_granted) in
            [(&one, READ), (&all, BOTH), (&any, BOTH)].into_iter().zip(expected)
        {
            let response = ask(layer, Some(token), "/").await;
            let expected = if is_granted { (200, None) } else { (403, Some(said)) };
            assert_eq!((response.status().as_u16(), challenge(&response)), expected, "{token} {layer:?}");
        }
    }
}

#[tokio::test]
async fn t67_nobody_is_challenged_without_an_error() {
    let layer = RequireScope::new("orders:read").unwrap();
    for token in [None, Some("machine")] {
        let response = ask(&layer, token, "/").await;
        assert_eq!((response.status().as_u16(), challenge(&response)), (401, Some("Bearer")), "{token:?}");
    }
}

#[tokio::test]
async fn of_no_scopes_all_are_granted_to_any_token_and_none_can_be() {
    let all = RequireScope::all([]).unwrap();
    assert_eq!(ask(&all, Some("none"), "/").await.status(), 200);
    let any = RequireScope::any([]).unwrap();
    let response = ask(&any, Some("both"), "/").await;
    let challenged = challenge(&response);
    assert_eq!((response.status().as_u16(), challenged), (403, Some("Bearer error=\"insufficient_scope\"")));
}

#[tokio::test]
async fn a_method_that_is_not_listed_is_open_to_nobody() {
    let layer = RequireScope::for_method([
        ("/shop.Orders/List", "orders:read"),
        ("/shop.Orders/Move", "orders:read"),
        ("/shop.Orders/Move", "orders:write"),
    ])
    .unwrap();
    let rows = [
        ("/shop.Orders/List", "read", 200),
        ("/shop.Orders/List", "none", 403),
        ("/shop.Orders/Move", "read", 403),
        ("/shop.Orders/Move", "both", 200),
        ("/shop.Orders/Move", "none", 403),
        ("/shop.Orders/Delete", "both", 403),
        ("/shop.orders/List", "both", 403),
        ("/shop.Orders/List/", "both", 403),
        ("//shop.Orders/List", "both", 403),
        ("/shop.Orders/%4cist", "both", 403),
        ("/", "both", 403),
        ("/shop.Orders/List?a=/shop.Orders/Delete", "read", 200),
        ("https://api.example/shop.Orders/List", "read", 200),
    ];
    for (path, token, expected) in rows {
        assert_eq!(ask(&layer, Some(token), path).await.status(), expected, "{path} {token}");
    }
    assert_eq!(ask(&layer, None, "/shop.Orders/Delete").await.status(), 401);
}

#[tokio::test]
async fn the_method_is_the_one_that_is_called_and_not_the_one_that_was_asked_for_further_out() {
    let layer = RequireScope::for_method([("/shop.Orders/List", "orders:read")]).unwrap();
    let layer = layer.or_session();
    let handler = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(())));
    for later in [false, true] {
        let stub = if later { tokens().later() } else { tokens() };
        let inside = layer.layer(handler);
        let rewrites = service_fn(move |mut request: Request<()>| {
            let to = request.headers()["to"].to_str().unwrap().parse().unwrap();
            *request.uri_mut() = to;
            inside.clone().oneshot(request)
        });
        let service = BearerLayer::new(stub).layer(rewrites);
        for (asked, called, expected) in [
            ("/shop.Orders/List", "/shop.Orders/Delete", 403),
            ("/v1/shop.Orders/List", "/shop.Orders/List", 200),
        ] {
            let request = Request::builder().uri(asked).header("to", called);
            let request = request.header(AUTHORIZATION, "Bearer read").body(()).unwrap();
            let response = service.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), expected, "{asked} {called}");
        }
    }
}

#[tokio::test]
async fn a_session_grants_no_scope_unless_it_is_let_through() {
    let sessions = SessionLayer::new(MemoryStore::new());
    let log_in = service_fn(async |request: Request<()>| {
        let session = Session::from_extensions(request.extensions()).unwrap();
        session.log_in(Principal::local("ada")).await.unwrap();
        Ok::<_, Infallible>(Response::new(()))
    });
    let response = sessions.layer(log_in).oneshot(Request::new(())).await.unwrap();
    let cookie = response.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap();

    let scope = RequireScope::new("orders:read").unwrap();
    let methods = RequireScope::for_method([("/shop.Orders/List", "orders:read")]).unwrap();
    let rows = [
        ("refused", scope.clone(), "/", None, 403),
        ("let through", scope.clone().or_session(), "/", None, 200),
        ("let through to a method", methods.clone().or_session(), "/shop.Orders/List", None, 200),
        ("and not to another", methods.clone().or_session(), "/shop.Orders/Delete", None, 403),
        ("refused a method", methods, "/shop.Orders/List", None, 403),
        ("a token beside it decides", scope.clone().or_session(), "/", Some("none"), 403),
        ("a token beside it decides, and grants", scope, "/", Some("read"), 200),
    ];
    let handler = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(())));
    for (name, layer, path, token, expected) in rows {
        for with_bearer in [true, false] {
            let mut request = Request::builder().uri(path).header(COOKIE, cookie);
            if let Some(token) = token.filter(|_| with_bearer) {
                request = request.header(AUTHORIZATION, format!("Bearer {token}"));
            }
            let request = request.body(()).unwrap();
            let inside = layer.layer(handler);
            let response = if with_bearer {
                let bearer = BearerLayer::new(tokens()).optional();
                sessions.layer(bearer.layer(inside)).oneshot(request).await.unwrap()
            } else if token.is_none() {
                sessions.layer(inside).oneshot(request).await.unwrap()
            } else {
                continue;
            };
            assert_eq!(response.status(), expected, "{name} {with_bearer}");
            let names_bearer = challenge(&response).is_some_and(|field| field.starts_with("Bearer error"));
            let is_by_scope = expected == 403 && name != "and not to another";
            assert_eq!(names_bearer, is_by_scope && with_bearer, "{name} {with_bearer}");
        }
    }
}

#[tokio::test]
async fn over_grpc_it_is_permission_denied() {
    let layer = RequireScope::for_method([("/shop.Orders/List", "orders:read")]).unwrap();
    let handler = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(())));
    let service = BearerLayer::new(tokens()).layer(layer.layer(handler));
    for (path, token, expected) in
        [("/shop.Orders/List", "none", "7"), ("/shop.Orders/Delete", "both", "7"), ("/a/b", "machine", "16")]
    {
        let request = Request::builder().method(Method::POST).uri(path);
        let request = request.header(CONTENT_TYPE, "application/grpc");
        let request = request.header(AUTHORIZATION, format!("Bearer {token}")).body(()).unwrap();
        let response = service.clone().oneshot(request).await.unwrap();
        assert_eq!(response.headers()["grpc-status"], expected, "{path} {token}");
    }
}

#[test]
fn what_is_no_scope_and_what_is_no_method_is_an_error() {
    for scope in ["", " ", "a b", "a\"b", "a\\b", "\u{e9}", "a\n", "\u{7f}"] {
        let expected = ConfigError::Scope(scope.to_owned());
        assert_eq!(RequireScope::new(scope).unwrap_err(), expected, "{scope:?}");
        assert_eq!(RequireScope::all(["a", scope]).unwrap_err(), expected, "{scope:?}");
        assert_eq!(RequireScope::any(["a", scope]).unwrap_err(), expected, "{scope:?}");
        assert_eq!(RequireScope::for_method([("/a/b", scope)]).unwrap_err(), expected, "{scope:?}");
    }
    for path in ["", "/", "/a", "a.B/C", "/a/", "//b", "/a/b/c"] {
        let expected = ConfigError::Method(path.to_owned());
        assert_eq!(RequireScope::for_method([(path, "a")]).unwrap_err(), expected, "{path:?}");
    }
}
