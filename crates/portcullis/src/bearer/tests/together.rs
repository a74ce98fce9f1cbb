//! A bearer layer and a session layer around one route, in either order, and what demands something inside of them.

use std::{convert::Infallible, time::Duration};

use http::{
    HeaderValue, Method, Request, Response,
    header::{AUTHORIZATION, COOKIE, SET_COOKIE},
};
use portcullis_core::{Clock, MemoryStore, SystemClock};
use tower::{ServiceBuilder, ServiceExt, service_fn, util::BoxCloneSyncService};
use tower_layer::Layer;

use super::{
    grammar::challenges,
    stage::{Told, field},
    stub::Stub,
};
use crate::{
    bearer::{BearerLayer, Claims},
    event::EventKind,
    identity::{CredentialKind, Identity, IssuerId, Principal},
    reject::Rejection,
    require::{Require, RequireLogin, RequireRecent, RequireScope},
    session::{Session, SessionLayer},
};

type Route = BoxCloneSyncService<Request<()>, Response<String>, Infallible>;

/// Which layers are around a route, the outermost first.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Around {
    Nothing,
    Bearer,
    Session,
    SessionThenBearer,
    BearerThenSession,
}

/// Both layers, and what they tell.
#[derive(Clone)]
struct Both {
    sessions: SessionLayer,
    bearer: BearerLayer,
    told: Told,
}

impl Both {
    fn new(stub: Stub) -> Self {
        let told = Told::default();
        Self {
            sessions: SessionLayer::new(MemoryStore::new()).with_event_hook(told.hook()),
            bearer: BearerLayer::new(stub).optional().with_event_hook(told.hook()),
            told,
        }
    }

    fn around(&self, around: Around, route: Route) -> Route {
        let (bearer, sessions) = (&self.bearer, &self.sessions);
        match around {
            Around::Nothing => route,
            Around::Bearer => BoxCloneSyncService::new(bearer.layer(route)),
            Around::Session => BoxCloneSyncService::new(sessions.layer(route)),
            Around::SessionThenBearer => BoxCloneSyncService::new(sessions.layer(bearer.layer(route))),
            Around::BearerThenSession => BoxCloneSyncService::new(bearer.layer(sessions.layer(route))),
        }
    }

    /// The cookie of a session of `subject`'s.
    async fn logged_in(&self, subject: &str) -> String {
        self.logged_in_as(Principal::local(subject)).await
    }

    async fn logged_in_as(&self, principal: Principal) -> String {
        let log_in = service_fn(move |request: Request<()>| {
            let principal = principal.clone();
            async move {
                let session = Session::from_extensions(request.extensions()).unwrap();
                session.log_in(principal).await.unwrap();
                Ok::<_, Infallible>(Response::new(()))
            }
        });
        let response = self.sessions.layer(log_in).oneshot(Request::new(())).await.unwrap();
        self.told.take();
        response.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
    }
}

/// A handler by what it does with a request.
fn handler<F>(handle: impl Fn(Request<()>) -> F + Clone + Send + Sync + 'static) -> Route
where
    F: Future<Output = Result<String, Rejection>> + Send + 'static,
{
    BoxCloneSyncService::new(service_fn(move |request| {
        let handled = handle(request);
        async {
            // As axum answers an extractor's refusal.
            Ok(match handled.await {
                Ok(said) => Response::new(said),
                Err(rejection) => {
                    let mut response = Response::new(String::new());
                    *response.status_mut() = rejection.status();
                    rejection.add_fields(response.headers_mut());
                    response.extensions_mut().insert(rejection);
                    response
                }
            })
        }
    }))
}

fn request(cookie: Option<&str>, authorization: Option<&str>) -> Request<()> {
    let mut request = Request::new(());
    if let Some(cookie) = cookie {
        request.headers_mut().insert(COOKIE, cookie.parse().unwrap());
    }
    if let Some(authorization) = authorization {
        request.headers_mut().insert(AUTHORIZATION, authorization.parse().unwrap());
    }
    request
}

async fn says_who(request: Request<()>) -> Result<String, Rejection> {
    Principal::of(request.extensions()).await.map(|caller| caller.subject().to_owned())
}

#[tokio::test]
async fn t66_a_refusal_names_the_schemes_that_the_route_knows() {
    use Around::{Bearer, BearerThenSession, Nothing, Session, SessionThenBearer};

    let inner: [(&str, Route); 6] = [
        ("Principal", handler(says_who)),
        (
            "Claims",
            handler(async |request: Request<()>| {
                Claims::<serde::de::IgnoredAny>::of(request.extensions()).map(|_| String::new())
            }),
        ),
        ("RequireLogin", BoxCloneSyncService::new(RequireLogin::new().layer(handler(says_who)))),
        (
            "RequireRecent",
            BoxCloneSyncService::new(RequireRecent::within(Duration::from_secs(9)).layer(handler(says_who))),
        ),
        ("Require", BoxCloneSyncService::new(Require::that(|_| true).layer(handler(says_who)))),
        ("RequireScope", BoxCloneSyncService::new(RequireScope::new("a").unwrap().layer(handler(says_who)))),
    ];
    for (name, route) in inner {
        for (around, schemes) in [
            (Nothing, &[][..]),
            (Bearer, &["bearer"][..]),
            (Session, &["cookie"]),
            (SessionThenBearer, &["bearer", "cookie"]),
            (BearerThenSession, &["bearer", "cookie"]),
        ] {
            let both = Both::new(Stub::new());
            let service = both.around(around, route.clone());
            let response = service.oneshot(request(None, None)).await.unwrap();
            let is_missing = around == Nothing || (name == "Claims" && around == Session);
            let status = if is_missing { 500 } else { 401 };
            assert_eq!(response.status(), status, "{name} {around:?}");
            let challenges = challenges(response.headers()).unwrap();
            let named: Vec<&str> = challenges.iter().map(|(scheme, _)| &**scheme).collect();
            let expected: &[&str] = if is_missing { &[] } else { schemes };
            assert_eq!(named, expected, "{name} {around:?}");
            let is_by_code = challenges.iter().flat_map(|(_, all)| all).any(|(name, _)| name == "error");
            assert!(!is_by_code, "T67 {name} {around:?}");
        }
    }
}

#[tokio::test]
async fn a_login_that_is_too_old_is_told_so_by_both_schemes() {
    let both = Both::new(Stub::new());
    for around in [Around::SessionThenBearer, Around::BearerThenSession] {
        let recent = RequireRecent::within(Duration::from_secs(300)).layer(handler(says_who));
        let service = both.around(around, BoxCloneSyncService::new(recent));
        let response = service.oneshot(request(None, Some("Bearer good"))).await.unwrap();
        assert_eq!(response.status(), 401);
        let challenges = challenges(response.headers()).unwrap();
        let schemes: Vec<&str> = challenges.iter().map(|(scheme, _)| &**scheme).collect();
        assert_eq!(schemes, ["bearer", "cookie"], "{around:?}");
        for (scheme, parameters) in challenges {
            assert!(parameters.contains(&("max_age".to_owned(), "300".to_owned())), "{scheme}");
        }
    }
}

#[tokio::test]
async fn responses_vary_by_all_that_was_asked_and_each_name_once() {
    let both = Both::new(Stub::new());
    let ada = both.logged_in("ada").await;
    let rows = [
        ("by a session", request(Some(&ada), None), "Authorization, Cookie"),
        ("by a token", request(Some(&ada), Some("Bearer good")), "Authorization"),
        ("by nobody", request(None, None), "Authorization, Cookie"),
    ];
    for around in [Around::SessionThenBearer, Around::BearerThenSession] {
        for (name, request, expected) in &rows {
            let mut copy = Request::new(());
            *copy.headers_mut() = request.headers().clone();
            let response = both.around(around, handler(says_who)).oneshot(copy).await.unwrap();
            let mut said: Vec<&str> = field(&response, "vary").unwrap().split(", ").collect();
            said.sort_unstable();
            assert_eq!(said.join(", "), *expected, "{name} {around:?}");
        }
    }
}

#[tokio::test]
async fn a_token_and_a_session_of_two_people_are_told_of_and_of_one_are_not() {
    let both = Both::new(Stub::new().later().with("machine", "\"client_id\":\"c\""));
    // Each reads its session, so that it is known.
    let reads = handler(async |request: Request<()>| {
        let session = Session::from_extensions(request.extensions())?;
        session.get::<u32>("a").await.unwrap();
        Ok(String::new())
    });
    let rests = handler(async |_: Request<()>| Ok(String::new()));
    let logs_out = handler(async |request: Request<()>| {
        Session::from_extensions(request.extensions())?.log_out().await.unwrap();
        Ok(String::new())
    });
    type Row<'a> = (&'static str, &'a Route, Option<&'static str>, Option<&'static str>, usize);
    let rows: [Row<'_>; 11] = [
        ("one", &reads, Some("ada"), Some("Bearer good"), 0),
        ("two", &reads, Some("bob"), Some("Bearer good"), 1),
        ("two of one name", &reads, Some("ada elsewhere"), Some("Bearer good"), 1),
        ("two, and the session is ended", &logs_out, Some("bob"), Some("Bearer good"), 0),
        ("one, and the session is ended", &logs_out, Some("ada"), Some("Bearer good"), 0),
        ("two, not looked at", &rests, Some("bob"), Some("Bearer good"), 0),
        ("a token alone", &reads, None, Some("Bearer good"), 0),
        ("a session alone", &reads, Some("bob"), None, 0),
        ("another scheme", &reads, Some("bob"), Some("Basic YTpi"), 0),
        ("a token of nobody", &reads, Some("bob"), Some("Bearer machine"), 0),
        ("a token that is refused", &reads, Some("bob"), Some("Bearer bad"), 0),
    ];
    for around in [Around::SessionThenBearer, Around::BearerThenSession] {
        for (name, route, cookie, authorization, expected) in rows {
            let cookie = match cookie {
                Some("ada elsewhere") => {
                    let elsewhere = IssuerId::new("https://elsewhere.example");
                    Some(both.logged_in_as(Principal::new(elsewhere, "ada")).await)
                }
                Some(whose) => Some(both.logged_in(whose).await),
                None => None,
            };
            let service = both.around(around, route.clone());
            service.oneshot(request(cookie.as_deref(), authorization)).await.unwrap();
            let told = both.told.take();
            let mixed = told.iter().filter(|(kind, _)| *kind == EventKind::Mixed).count();
            assert_eq!(mixed, expected, "{name} {around:?}");
        }
    }
}

#[tokio::test]
async fn t77_a_field_that_is_taken_away_still_makes_it_a_request_of_a_program() {
    let mut both = Both::new(Stub::new());
    both.bearer = both.bearer.without_forwarding();
    let ada = both.logged_in("ada").await;
    let route = handler(async |request: Request<()>| {
        assert!(!request.headers().contains_key(AUTHORIZATION));
        says_who(request).await
    });
    for around in [Around::SessionThenBearer, Around::BearerThenSession] {
        for (cookie, authorization, status) in [
            (None, Some("Bearer good"), 200),
            (Some(&*ada), Some("Bearer good"), 200),
            (Some(&*ada), None, 403),
        ] {
            let mut request = request(cookie, authorization);
            *request.method_mut() = Method::POST;
            request.headers_mut().insert("sec-fetch-site", HeaderValue::from_static("cross-site"));
            let response = both.around(around, route.clone()).oneshot(request).await.unwrap();
            assert_eq!(response.status(), status, "{around:?} {cookie:?} {authorization:?}");
            if status == 200 {
                assert_eq!(response.body(), "ada");
            }
        }
    }
}

#[tokio::test]
async fn t77_fields_that_look_like_an_identity_say_nothing() {
    let both = Both::new(Stub::new());
    let lies = ["x-user", "x-forwarded-user", "x-auth-request-user", "x-principal", "remote-user", "x-roles"];
    for around in [Around::Bearer, Around::SessionThenBearer, Around::BearerThenSession] {
        for (authorization, expected) in [(None, 401), (Some("Bearer good"), 200)] {
            let mut request = request(None, authorization);
            for lie in lies {
                request.headers_mut().insert(lie, HeaderValue::from_static("root"));
            }
            let response = both.around(around, handler(says_who)).oneshot(request).await.unwrap();
            assert_eq!(response.status(), expected, "{around:?}");
            assert_ne!(response.body(), "root");
        }
    }
}

#[tokio::test]
async fn a_token_that_comes_to_be_inside_decides_alone_all_the_same() {
    // A middleware between the layers takes the token from elsewhere, and an outer one asked before.
    let both = Both::new(Stub::new().with("robot", r#""sub":"robot","tenant":"acme""#));
    let ada = both.logged_in("ada").await;
    let route = handler(async |request: Request<()>| {
        let identity = request.extensions().get::<Identity>().unwrap();
        assert!(identity.token().is_some());
        says_who(request).await
    });
    for forwards in [both.bearer.clone(), both.bearer.clone().without_forwarding()] {
        let inside = forwards.layer(route.clone());
        let moves = service_fn(move |mut request: Request<()>| {
            let inside = inside.clone();
            async move {
                Principal::maybe_of(request.extensions()).await.unwrap();
                request.headers_mut().insert(AUTHORIZATION, HeaderValue::from_static("Bearer robot"));
                inside.oneshot(request).await
            }
        });
        for cookie in [None, Some(&*ada)] {
            let response = both.sessions.layer(moves.clone()).oneshot(request(cookie, None)).await.unwrap();
            assert_eq!((response.status().as_u16(), response.body().as_str()), (200, "robot"), "{cookie:?}");
            let is_mixed = both.told.take().contains(&(EventKind::Mixed, None));
            assert_eq!(is_mixed, cookie.is_some());
        }
    }
}

#[tokio::test]
async fn two_bearer_layers_are_a_mistake_that_says_what_to_do() {
    let both = Both::new(Stub::new());
    for around in [Around::Bearer, Around::SessionThenBearer, Around::BearerThenSession] {
        for authorization in [None, Some("Bearer good")] {
            let twice = both.bearer.layer(handler(says_who));
            let service = both.around(around, BoxCloneSyncService::new(twice));
            let response = service.oneshot(request(None, authorization)).await.unwrap();
            assert_eq!(response.status(), 500, "{around:?}");
            let rejection = response.extensions().get::<Rejection>().unwrap().to_string();
            assert!(rejection.contains("AnyOf") && rejection.contains("RequireScope"), "{rejection}");
            assert_eq!(both.told.take(), [(EventKind::BearerLayeredTwice, Some("layered_twice"))]);
        }
    }
}

#[tokio::test]
async fn t77_of_two_requests_that_share_an_identity_none_goes_on_as_the_other() {
    // As a handler of batches makes them, which hands on its extensions: both are looked at before either is admitted.
    let both = Both::new(Stub::new().with("alans", r#""sub":"alan""#).later());
    let inside = both.bearer.layer(handler(says_who));
    let batch = service_fn(move |request: Request<()>| {
        let send = |token| {
            let mut part = self::request(None, Some(token));
            *part.extensions_mut() = request.extensions().clone();
            inside.clone().oneshot(part)
        };
        let (first, second) = (send("Bearer good"), send("Bearer alans"));
        async move {
            let (first, second) = tokio::join!(first, second);
            let said = [first?, second?].map(|response| format!("{} {}", response.status(), response.body()));
            Ok::<_, Infallible>(Response::new(said.join(", ")))
        }
    });
    let response = both.sessions.layer(batch).oneshot(request(None, None)).await.unwrap();
    // Which comes first is the runtime's business.
    let refused = "500 Internal Server Error ";
    let expected = [format!("200 OK ada, {refused}"), format!("{refused}, 200 OK alan")];
    assert!(expected.contains(response.body()), "{}", response.body());
    assert_eq!(both.told.take(), [(EventKind::BearerLayeredTwice, Some("layered_twice"))]);
}

#[tokio::test]
async fn a_layer_that_needs_a_token_beside_a_session_says_how_not_to() {
    let sessions = SessionLayer::new(MemoryStore::new());
    let bearer = BearerLayer::new(Stub::new());
    let alone = bearer.layer(handler(says_who)).oneshot(request(None, None)).await.unwrap();
    let both = sessions.layer(bearer.layer(handler(says_who)));
    let both = both.oneshot(request(None, None)).await.unwrap();
    let hints = |response: &Response<String>| {
        response.extensions().get::<Rejection>().unwrap().to_string().contains("BearerLayer::optional")
    };
    assert_eq!((alone.status().as_u16(), both.status().as_u16()), (401, 401));
    assert_eq!((hints(&alone), hints(&both)), (false, true));
    assert_eq!(challenges(both.headers()).unwrap(), [("bearer".to_owned(), vec![])]);
}

#[tokio::test]
async fn a_missing_layer_is_a_mistake_that_says_so() {
    let routes: [(&str, Route); 2] = [
        ("`Principal`", handler(says_who)),
        (
            "`RequireScope`",
            BoxCloneSyncService::new(RequireScope::new("a").unwrap().layer(handler(says_who))),
        ),
    ];
    for (name, route) in routes {
        let response = route.oneshot(request(None, Some("Bearer good"))).await.unwrap();
        assert_eq!(response.status(), 500);
        let rejection = response.extensions().get::<Rejection>().unwrap().to_string();
        assert!(rejection.contains(name) && rejection.contains("BearerLayer"), "{rejection}");
    }
}

#[tokio::test]
async fn a_stack_of_layers_is_written_as_for_any_service() {
    let service = ServiceBuilder::new()
        .layer(BearerLayer::new(Stub::new()))
        .layer(RequireLogin::new())
        .service(handler(says_who));
    let response = service.oneshot(request(None, Some("Bearer good"))).await.unwrap();
    assert_eq!(response.body(), "ada");
}

#[tokio::test]
async fn a_session_that_a_token_began_is_a_session() {
    let both = Both::new(Stub::new().with("full", r#""sub":"ada","roles":["admin"],"amr":["pwd"]"#));
    let exchange = handler(async |request: Request<()>| {
        let caller = Principal::of(request.extensions()).await?;
        assert_eq!(caller.credential(), CredentialKind::Jwt);
        let session = Session::from_extensions(request.extensions())?;
        session.log_in(caller).await.unwrap();
        let recorded = session.principal().await.unwrap().unwrap();
        Ok(format!("{} {:?}", recorded.credential(), recorded.token()))
    });
    let visit = handler(async |request: Request<()>| {
        let caller = Principal::of(request.extensions()).await?;
        assert!(caller.has_role("admin") && caller.token().is_none() && !caller.has_scope("a"));
        Ok(caller.credential().to_string())
    });
    for around in [Around::SessionThenBearer, Around::BearerThenSession] {
        let service = both.around(around, exchange.clone());
        let response = service.oneshot(request(None, Some("Bearer full"))).await.unwrap();
        assert_eq!(response.body(), "session None", "{around:?}");
        let cookie = response.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap();
        let visited = both.around(around, visit.clone()).oneshot(request(Some(cookie), None)).await.unwrap();
        assert_eq!(visited.body(), "session", "{around:?}");
    }
}

#[tokio::test]
async fn a_session_that_a_token_began_is_no_more_recent_than_the_token() {
    let ago = |seconds| SystemClock.now().unix_seconds() - seconds;
    let stub = Stub::new()
        .with("old", &format!("\"sub\":\"ada\",\"iat\":{}", ago(3_600)))
        .with("older", &format!("\"sub\":\"ada\",\"iat\":{},\"auth_time\":{}", ago(1), ago(3_600)))
        .with("new", &format!("\"sub\":\"ada\",\"iat\":{}", ago(1)));
    let both = Both::new(stub);
    let exchange = handler(async |request: Request<()>| {
        let caller = Principal::of(request.extensions()).await?;
        Session::from_extensions(request.extensions())?.log_in(caller).await.unwrap();
        Ok(String::new())
    });
    let recent = RequireRecent::within(Duration::from_secs(300)).layer(handler(says_who));
    let recent = BoxCloneSyncService::new(recent);
    for (token, expected) in [("Bearer old", 401), ("Bearer older", 401), ("Bearer new", 200)] {
        let service = both.around(Around::SessionThenBearer, exchange.clone());
        let response = service.oneshot(request(None, Some(token))).await.unwrap();
        let cookie = response.headers()[SET_COOKIE].to_str().unwrap().split(';').next().unwrap();
        let service = both.around(Around::SessionThenBearer, recent.clone());
        let visited = service.oneshot(request(Some(cookie), None)).await.unwrap();
        assert_eq!(visited.status(), expected, "{token}");
    }
}
