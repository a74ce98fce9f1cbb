//! Who is calling, for every credential a request can bear, with the session's layer inside and outside of a bearer's.

use std::convert::Infallible;

use http::{
    Method, Request, Response,
    header::{AUTHORIZATION, COOKIE, SET_COOKIE},
};
use portcullis_core::{Clock, MemoryStore, SystemClock};
use tower::{ServiceExt, service_fn};
use tower_layer::Layer;

use super::{Identity, Principal};
use crate::{
    bearer::{BearerLayer, TokenErrorKind, Verification, VerifiedToken, VerifyToken},
    claims::{ClaimsPolicy, Form},
    keyring::KeyId,
    session::{Session, SessionLayer},
};

const COOKIES: [&str; 3] = ["none", "live", "dead"];
const AUTHORIZATIONS: [Option<&str>; 4] =
    [None, Some("Bearer good"), Some("Bearer bad"), Some("Basic YWRhOmxvdmVsYWNl")];
const SITES: [&str; 2] = ["same-origin", "cross-site"];
const METHODS: [Method; 2] = [Method::GET, Method::POST];

/// What a request came to: its status, who was calling, and what the session held.
type Outcome = (u16, Option<String>, Option<u32>);

/// What must come of it: a bearer credential alone decides where there is one, and an unsafe request of another site is refused where
/// the browser attached our cookie. With both the cookie is as good as not there.
fn expected(cookie: &str, authorization: Option<&str>, site: &str, method: &Method) -> Outcome {
    let held = (cookie == "live").then_some(1);
    let is_foreign = method == Method::POST && site == "cross-site";
    match authorization {
        Some("Bearer good") => (200, Some("robot".to_owned()), held.filter(|_| !is_foreign)),
        Some("Bearer bad") => (401, None, None),
        _ if is_foreign && cookie != "none" => (403, None, None),
        _ => (200, (cookie == "live").then(|| "ada".to_owned()), held),
    }
}

#[tokio::test]
async fn s62_s65_s81_96_requests_are_by_whom_they_should_be_in_both_orders() {
    let mut rows = 0;
    for bearer_is_outside in [false, true] {
        let sessions = SessionLayer::new(MemoryStore::new());
        let live = begin(&sessions).await;
        let dead = begin(&SessionLayer::new(MemoryStore::new())).await;
        for cookie in COOKIES {
            let pair = match cookie {
                "live" => Some(&live),
                "dead" => Some(&dead),
                _ => None,
            };
            for authorization in AUTHORIZATIONS {
                for site in SITES {
                    for method in METHODS {
                        let mut request = Request::builder().method(&method).header("sec-fetch-site", site);
                        if let Some(pair) = pair {
                            request = request.header(COOKIE, pair);
                        }
                        if let Some(authorization) = authorization {
                            request = request.header(AUTHORIZATION, authorization);
                        }
                        let outcome = ask(&sessions, bearer_is_outside, request.body(()).unwrap()).await;
                        let expected = expected(cookie, authorization, site, &method);
                        let row = format!("{cookie} {authorization:?} {site} {method} {bearer_is_outside}");
                        assert_eq!(outcome, expected, "{row}");
                        rows += 1;
                    }
                }
            }
        }
    }
    assert_eq!(rows, 96);
}

/// Sends a request through both layers.
async fn ask(sessions: &SessionLayer, bearer_is_outside: bool, request: Request<()>) -> Outcome {
    let bearer = BearerLayer::new(Robots).optional();
    let response = if bearer_is_outside {
        bearer.layer(sessions.layer(service_fn(handler))).oneshot(request).await
    } else {
        sessions.layer(bearer.layer(service_fn(handler))).oneshot(request).await
    };
    let response = response.unwrap_or_else(|never| match never {});
    let (subject, held) = response.extensions().get::<Said>().cloned().unwrap_or_default();
    (response.status().as_u16(), subject, held)
}

type Said = (Option<String>, Option<u32>);

/// Says who is calling, and reads the session.
async fn handler(request: Request<()>) -> Result<Response<()>, Infallible> {
    let identity = request.extensions().get::<Identity>().unwrap();
    let principal = identity.principal().await.unwrap();
    let held = Session::of(identity).unwrap().get::<u32>("a").await.unwrap();
    let mut response = Response::new(());
    let said: Said = (principal.map(|principal| principal.subject().to_owned()), held);
    response.extensions_mut().insert(said);
    Ok(response)
}

/// The cookie of a session of ada's that holds `a = 1`.
async fn begin(sessions: &SessionLayer) -> String {
    let log_in = sessions.layer(service_fn(async |request: Request<()>| {
        let session = request.extensions().get::<Identity>().and_then(Session::of).unwrap();
        session.insert("a", 1).unwrap();
        session.log_in(Principal::local("ada")).await.unwrap();
        Ok::<_, Infallible>(Response::new(()))
    }));
    let response = log_in.oneshot(Request::new(())).await.unwrap_or_else(|never| match never {});
    response.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
}

/// A format of one good token.
struct Robots;

impl VerifyToken for Robots {
    fn verify(&self, token: &str) -> Verification {
        if token != "good" {
            return Verification::Ready(Err(TokenErrorKind::Signature.into()));
        }
        let payload = r#"{"iss":"urn:portcullis:local","sub":"robot","exp":4102444800}"#.to_owned();
        let policy = ClaimsPolicy::insecure_without_audience("urn:portcullis:local");
        Verification::Ready(VerifiedToken::admit(
            &policy,
            Form::Jwt,
            KeyId::new("k"),
            payload,
            SystemClock.now(),
        ))
    }
}
