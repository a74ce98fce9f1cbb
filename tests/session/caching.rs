//! What a response tells caches, whoever made it: the handler, the layer, or a commit that failed.

use std::pin::Pin;

use axum::{
    Router,
    body::Body,
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode,
        header::{AUTHORIZATION, CACHE_CONTROL, COOKIE, SET_COOKIE, VARY},
    },
    routing::get,
};
use portcullis::{
    event::EventKind,
    identity::{Identity, Principal},
    require::RequireLogin,
    session::{Session, SessionError},
};
use portcullis_core::StoreErrorKind;
use portcullis_testkit::{Fault, Operation};
use support::{Jar, Site, Visit};
use tower::ServiceExt;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::cross_origin::{BY_ORIGIN, Heard};

type Handler = fn(Session) -> Pin<Box<dyn Future<Output = Result<(), SessionError>>>>;

const READS: [(&str, Handler); 6] = [
    ("get", |session| Box::pin(async move { session.get::<u32>("a").await.map(|_| ()) })),
    ("principal", |session| Box::pin(async move { session.principal().await.map(|_| ()) })),
    ("expires_in", |session| Box::pin(async move { session.expires_in().await.map(|_| ()) })),
    ("public_handle", |session| Box::pin(async move { session.public_handle().await.map(|_| ()) })),
    ("devices", |session| Box::pin(async move { session.devices().await.map(|_| ()) })),
    ("update", |session| {
        Box::pin(async move { session.update("a", |a: Option<u32>| a.unwrap_or(1)).await.map(|_| ()) })
    }),
];

/// The fields of a response under one name.
fn said(headers: &HeaderMap, name: HeaderName) -> Vec<String> {
    headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned()).collect()
}

/// Every kind of visitor.
async fn visitors(site: &Site) -> [(&'static str, Jar); 5] {
    let dead = site.begun().await;
    site.visit(&dead.clone(), async |session| session.log_out().await).await.said();
    [
        ("nobody", Jar::new()),
        ("an anonymous session", site.begun().await),
        ("somebody", site.logged_in().await),
        ("a dead cookie", dead),
        ("a cookie that is none", Jar::with("__Host-Http-sid=x")),
    ]
}

fn request(method: Method, jar: &Jar) -> Request<()> {
    let mut request = Request::builder().method(method);
    if let Some(pair) = jar.pair() {
        request = request.header(COOKIE, pair);
    }
    request.body(()).unwrap()
}

/// A visit whose handler answers `status` and `fields` when it is done with the session.
async fn visit(
    site: &Site,
    request: Request<()>,
    status: u16,
    fields: &[(HeaderName, &str)],
    handler: impl AsyncFnOnce(Session),
) -> Visit<()> {
    site.serve(request, async |session| {
        handler(session).await;
        let mut response = Response::new(Vec::new());
        *response.status_mut() = StatusCode::from_u16(status).unwrap();
        for (name, value) in fields {
            response.headers_mut().append(name, HeaderValue::from_str(value).unwrap());
        }
        ((), response)
    })
    .await
}

#[tokio::test]
async fn s74_a_response_varies_by_the_cookie_if_the_session_was_asked_for_cookie_or_not() {
    let site = Site::new();
    for (who, jar) in visitors(&site).await {
        for (how, handler) in READS {
            let visit = site.visit(&jar.clone(), handler).await;
            assert_eq!(said(visit.response.headers(), VARY), ["Cookie"], "{how} by {who}");
        }
        let untouched = site.visit(&jar.clone(), async |_| Ok(())).await;
        assert_eq!(said(untouched.response.headers(), VARY), [""; 0], "{who}");
        assert_eq!(said(untouched.response.headers(), CACHE_CONTROL), [""; 0], "{who}");
    }
}

fn app(site: &Site) -> Router {
    Router::new()
        .route("/untouched", get(async || "hello"))
        .route("/extracted", get(async |_session: Session, _identity: Identity| "hello"))
        .route("/optional", get(async |caller: Option<Principal>| caller.map_or("nobody", |_| "somebody")))
        .route("/demanded", get(async |_caller: Principal| "somebody"))
        .route("/required", get(async || "somebody").layer(RequireLogin::new()))
        .route(
            "/identity",
            get(async |identity: Identity| {
                identity.principal().await.map(|caller| caller.map_or("nobody", |_| "somebody"))
            }),
        )
        .layer(site.layer.clone())
}

async fn ask(app: &Router, method: &str, path: &str, fields: &[(HeaderName, &str)]) -> Response<Body> {
    let mut request = Request::builder().method(method).uri(path).header("host", "shop.example");
    for (name, value) in fields {
        request = request.header(name, *value);
    }
    app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
}

#[tokio::test]
async fn s74_s75_so_does_one_that_a_layer_or_an_extractor_decided_401_and_head_too() {
    let site = Site::new();
    let app = app(&site);
    for (who, jar) in visitors(&site).await {
        for method in ["GET", "HEAD"] {
            for path in ["/optional", "/demanded", "/required", "/identity"] {
                let pair = jar.pair();
                let fields: Vec<_> = pair.iter().map(|pair| (COOKIE, pair.as_str())).collect();
                let answer = ask(&app, method, path, &fields).await;
                assert_eq!(said(answer.headers(), VARY), ["Cookie"], "{method} {path} by {who}");
                let is_somebody = who == "somebody" || matches!(path, "/optional" | "/identity");
                assert_eq!(answer.status(), if is_somebody { 200 } else { 401 }, "{method} {path} by {who}");
            }
            for path in ["/untouched", "/extracted", "/nowhere"] {
                let pair = jar.pair();
                let fields: Vec<_> = pair.iter().map(|pair| (COOKIE, pair.as_str())).collect();
                let answer = ask(&app, method, path, &fields).await;
                assert_eq!(said(answer.headers(), VARY), [""; 0], "{method} {path} by {who}");
            }
        }
    }
}

/// Else whoever sends one such request makes a shared cache show every visitor the page for nobody, once the handler says `public`.
#[tokio::test]
async fn s74_nobody_because_of_a_bearer_credential_varies_by_it() {
    let site = Site::new();
    let app = app(&site);
    let pair = site.logged_in().await.pair().unwrap();
    for path in ["/optional", "/demanded", "/required", "/identity"] {
        for fields in [&[(AUTHORIZATION, "Bearer x")][..], &[(AUTHORIZATION, "Bearer x"), (COOKIE, &pair)]] {
            let answer = ask(&app, "GET", path, fields).await;
            let vary = said(answer.headers(), VARY).join(", ");
            assert!(vary.contains("Authorization"), "{path}: {vary:?}");
            assert!([200, 401].contains(&answer.status().as_u16()));
        }
    }
    let untouched = ask(&app, "GET", "/untouched", &[(AUTHORIZATION, "Bearer x")]).await;
    assert_eq!(said(untouched.headers(), VARY), [""; 0]);
}

#[tokio::test]
async fn s74_what_the_handler_says_of_it_stays_and_nothing_is_said_twice() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let rows: [(&[&str], &[&str], &[&str]); 7] = [
        (
            &["Accept-Encoding"],
            &["Accept-Encoding, Cookie"],
            &["Accept-Encoding, Cookie, Sec-Fetch-Site, Origin"],
        ),
        (&["cookie"], &["cookie"], &["cookie, Sec-Fetch-Site, Origin"]),
        (
            &["Accept, COOKIE", "Origin"],
            &["Accept, COOKIE", "Origin"],
            &["Accept, COOKIE, Origin, Sec-Fetch-Site"],
        ),
        (&["*"], &["*"], &["*"]),
        (&["Accept, *"], &["Accept, *"], &["Accept, *"]),
        (&[""], &["Cookie"], &[BY_ORIGIN]),
        (&["X-Cookie"], &["X-Cookie, Cookie"], &["X-Cookie, Cookie, Sec-Fetch-Site, Origin"]),
    ];
    for (before, after_get, after_post) in rows {
        let fields: Vec<_> = before.iter().map(|value| (VARY, *value)).collect();
        for (method, after) in [(Method::GET, after_get), (Method::POST, after_post)] {
            let visit = visit(&site, request(method.clone(), &jar), 200, &fields, async |session| {
                session.get::<u32>("a").await.unwrap();
                session.principal().await.unwrap();
            })
            .await;
            assert_eq!(said(visit.response.headers(), VARY), after, "{method}: {before:?}");
        }
        let untouched = visit(&site, request(Method::GET, &jar), 200, &fields, async |_| ()).await;
        assert_eq!(said(untouched.response.headers(), VARY), before);
    }
}

#[tokio::test]
async fn s74_a_checked_request_varies_by_what_the_check_looks_at_touched_or_not() {
    let site = Site::new();
    for (who, jar) in visitors(&site).await {
        let visit = visit(&site, request(Method::POST, &jar), 200, &[], async |_| ()).await;
        assert_eq!(said(visit.response.headers(), VARY), [BY_ORIGIN], "{who}");
    }
}

#[tokio::test]
async fn s73_s75_a_response_with_our_cookie_is_not_stored_whatever_its_status() {
    let site = Site::new();
    for status in [200, 204, 206, 301, 302, 303, 304, 307, 400, 401, 404, 412, 500, 503] {
        for method in [Method::GET, Method::HEAD, Method::POST] {
            let set = visit(&site, request(method.clone(), &Jar::new()), status, &[], async |session| {
                session.update("a", |_: Option<u32>| 1).await.unwrap();
            })
            .await;
            let jar = site.logged_in().await;
            let deleted = visit(&site, request(method.clone(), &jar), status, &[], async |session| {
                session.log_out().await.unwrap();
            })
            .await;
            for (what, visit) in [("set", set), ("deleted", deleted)] {
                assert_eq!(visit.cookies().len(), 1, "{what} by {method} {status}");
                assert_eq!(visit.cookies()[0].contains("Max-Age=0"), what == "deleted");
                assert_eq!(visit.field("cache-control"), Some("no-store"), "{what} by {method} {status}");
            }
        }
    }
}

#[tokio::test]
async fn s73_only_what_is_as_strict_stays_and_an_override_is_an_event() {
    let rows: [(&[&str], &[&str], bool); 12] = [
        (&[], &["no-store"], false),
        (&["no-cache"], &["no-store"], false),
        (&["private, max-age=60"], &["no-store"], false),
        (&["max-age=60, must-revalidate"], &["no-store"], false),
        (&["no-store"], &["no-store"], false),
        (&["private, NO-STORE"], &["private, NO-STORE"], false),
        (&["private", "no-store"], &["private", "no-store"], false),
        (&["public, max-age=31536000, immutable"], &["no-store"], true),
        (&["PUBLIC"], &["no-store"], true),
        (&["max-age=0", "s-maxage=60"], &["no-store"], true),
        (&["no-store-x, x-no-store"], &["no-store"], false),
        // Inside of quotes it is no directive.
        (&["public, community=\"a, no-store, b\""], &["no-store"], true),
    ];
    for (before, after, overridden) in rows {
        let (site, heard) = Heard::of(Site::new());
        let fields: Vec<_> = before.iter().map(|value| (CACHE_CONTROL, *value)).collect();
        let visit = visit(&site, request(Method::GET, &Jar::new()), 200, &fields, async |session| {
            session.insert("a", 1).unwrap();
        })
        .await;
        assert_eq!(said(visit.response.headers(), CACHE_CONTROL), after, "{before:?}");
        let events = heard.take().into_iter().map(|event| event.kind());
        let overrides = events.filter(|kind| *kind == EventKind::CacheControlOverridden).count();
        assert_eq!(overrides, usize::from(overridden), "{before:?}");

        let jar = site.begun().await;
        heard.take();
        let read = self::visit(&site, request(Method::GET, &jar), 200, &fields, async |session| {
            session.get::<u32>("a").await.unwrap();
        })
        .await;
        assert_eq!(said(read.response.headers(), CACHE_CONTROL), before, "a read hands nothing over");
        assert_eq!(heard.take(), []);
    }
}

/// A cache that knows such a field does not look at `Cache-Control` at all (RFC 9213 §2.1).
#[tokio::test]
async fn s73_what_is_said_to_content_delivery_networks_alone_is_overridden_too() {
    for name in ["cdn-cache-control", "cloudflare-cdn-cache-control", "surrogate-control"] {
        let name = HeaderName::from_static(name);
        let (site, heard) = Heard::of(Site::new());
        let fields = [(name.clone(), "max-age=600"), (CACHE_CONTROL, "no-store")];
        let visit = visit(&site, request(Method::GET, &Jar::new()), 200, &fields, async |session| {
            session.insert("a", 1).unwrap();
        })
        .await;
        assert_eq!(said(visit.response.headers(), name.clone()), ["no-store"], "{name}");
        assert_eq!(visit.field("cache-control"), Some("no-store"), "{name}");
        let events: Vec<_> = heard.take().into_iter().map(|event| event.kind()).collect();
        assert!(events.contains(&EventKind::CacheControlOverridden), "{name}: {events:?}");
    }
    let site = Site::new();
    let visit = site.visit(&Jar::new(), async |session| session.insert("a", 1)).await;
    assert_eq!(visit.field("cdn-cache-control"), None, "where nothing was said, nothing is added");
}

#[tokio::test]
async fn s75_a_commit_that_fails_answers_with_the_same_fields() {
    let site = Site::new();
    let jar = site.logged_in().await;
    site.store.fail([Operation::Replace], Fault::refused(StoreErrorKind::Unavailable));
    let out = visit(&site, request(Method::GET, &jar), 200, &[(CACHE_CONTROL, "public")], async |session| {
        session.insert("a", 2).unwrap();
    })
    .await;
    site.store.clear();
    assert_eq!((out.status(), out.field("x-rejection")), (503, Some("unavailable")));
    assert_eq!((out.field("vary"), out.cookies()), (Some("Cookie"), vec![]));
    assert_eq!(out.field("cache-control"), Some("no-store"), "what the handler said went with its page");

    let gone = visit(&site, request(Method::POST, &jar), 200, &[(VARY, "Accept")], async |session| {
        session.get::<u32>("a").await.unwrap();
        session.insert("a", 2).unwrap();
        site.visit(&jar.clone(), async |session| session.log_out().await).await.said();
    })
    .await;
    assert_eq!((gone.status(), gone.field("x-rejection")), (409, Some("gone")));
    assert_eq!((gone.field("vary"), gone.cookies()), (Some(BY_ORIGIN), vec![]));

    // The cookie of an earlier step of the same request is handed over all the same.
    let half = visit(&site, request(Method::GET, &Jar::new()), 200, &[], async |session| {
        session.update("a", |_: Option<u32>| 1).await.unwrap();
        session.insert("b", 2).unwrap();
        site.store.fail([Operation::Replace], Fault::refused(StoreErrorKind::Unavailable));
    })
    .await;
    assert_eq!((half.status(), half.cookies().len()), (503, 1));
    assert_eq!(half.field("cache-control"), Some("no-store"));
}

/// A preflight as browsers send it: without a cookie. Programs may send one with it.
fn preflight() -> [(HeaderName, &'static str); 4] {
    [
        (HeaderName::from_static("origin"), "https://app.example"),
        (HeaderName::from_static("sec-fetch-site"), "cross-site"),
        (HeaderName::from_static("access-control-request-method"), "POST"),
        (HeaderName::from_static("access-control-request-headers"), "content-type"),
    ]
}

#[tokio::test]
async fn s71_a_preflight_passes_untouched() {
    let site = Site::new();
    for (who, jar) in visitors(&site).await {
        site.store.take_trips();
        let mut request = request(Method::OPTIONS, &jar);
        for (name, value) in preflight() {
            request.headers_mut().insert(name, HeaderValue::from_static(value));
        }
        let visit = visit(&site, request, 204, &[], async |session| {
            assert_eq!(format!("{session:?}"), "Session { presence: \"none\", .. }");
        })
        .await;
        assert_eq!((visit.status(), visit.cookies()), (204, vec![]), "{who}");
        assert_eq!((visit.field("vary"), visit.field("cache-control")), (None, None), "{who}");
        assert_eq!(site.store.take_trips().total(), 0, "{who}");
    }
}

#[tokio::test]
async fn s71_preflights_and_requests_agree_with_a_cors_layer_on_either_side() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let pair = jar.pair().unwrap();
    let cors = || {
        CorsLayer::new()
            .allow_origin(AllowOrigin::list(["https://app.example".parse().unwrap()]))
            .allow_methods([Method::POST])
            .allow_headers([HeaderName::from_static("content-type")])
            .allow_credentials(true)
    };
    let routes = || {
        let read = async |session: Session| session.get::<u32>("a").await.map(|a| format!("{a:?}"));
        Router::new().route("/", get(read).post(read)).layer(RequireLogin::new())
    };
    let trusting = site.clone().with(|layer| {
        let app = "https://app.example".parse().unwrap();
        layer.with_cross_origin(portcullis::cross_origin::CrossOrigin::new().with_trusted_origin(app))
    });
    let apps = [
        ("cors outside", true, routes().layer(trusting.layer.clone()).layer(cors())),
        ("cors inside", false, routes().layer(cors()).layer(trusting.layer.clone())),
    ];
    for (order, is_outside, app) in apps {
        for cookie in [None, Some(&pair)] {
            site.store.take_trips();
            let mut fields = preflight().to_vec();
            fields.extend(cookie.map(|pair| (COOKIE, pair.as_str())));
            let answer = ask(&app, "OPTIONS", "/", &fields).await;
            assert_eq!(answer.status(), 200, "{order}");
            assert_eq!(answer.headers()["access-control-allow-origin"], "https://app.example", "{order}");
            assert_eq!(answer.headers()["access-control-allow-credentials"], "true", "{order}");
            assert!(!answer.headers().contains_key(SET_COOKIE), "{order}");
            let vary = said(answer.headers(), VARY).join(", ").to_ascii_lowercase();
            assert!(!vary.contains("cookie") && !vary.contains("sec-fetch-site"), "{order}: {vary}");
            assert_eq!(site.store.take_trips().total(), 0, "{order}");
        }
        let from = |origin| {
            let site = HeaderName::from_static("sec-fetch-site");
            vec![(HeaderName::from_static("origin"), origin), (site, "cross-site"), (COOKIE, pair.as_str())]
        };
        let asked = ask(&app, "POST", "/", &from("https://app.example")).await;
        assert_eq!(asked.status(), 200, "{order}");
        assert_eq!(asked.headers()["access-control-allow-origin"], "https://app.example", "{order}");
        let vary = said(asked.headers(), VARY).join(", ").to_ascii_lowercase();
        for name in ["cookie", "sec-fetch-site", "origin"] {
            assert!(vary.split(", ").any(|said| said == name), "{order}: {vary}");
        }
        // Whom CORS does not list, the check does not either; and CORS alone would have let them ask.
        let refused = ask(&app, "POST", "/", &from("https://evil.example")).await;
        assert_eq!(refused.status(), 403, "{order}");
        assert!(!refused.headers().contains_key("access-control-allow-origin"), "{order}");
        assert_eq!(said(refused.headers(), VARY)[0], BY_ORIGIN, "{order}");
        let with_fields_of_cors = refused.headers().contains_key("access-control-allow-credentials");
        assert_eq!(with_fields_of_cors, is_outside, "{order}: who is outside has the last word");
    }
}

/// A list of origins that CORS lets read is not one of origins that may ask with the cookie.
#[tokio::test]
async fn s72_a_cors_layer_that_mirrors_every_origin_grants_no_trust() {
    let site = Site::new();
    let pair = site.logged_in().await.pair().unwrap();
    let cors = || CorsLayer::very_permissive();
    let routes = || Router::new().route("/", get(async || "in").post(async || "in"));
    for app in
        [routes().layer(site.layer.clone()).layer(cors()), routes().layer(cors()).layer(site.layer.clone())]
    {
        let fields = [
            (HeaderName::from_static("origin"), "https://evil.example"),
            (HeaderName::from_static("sec-fetch-site"), "cross-site"),
            (COOKIE, pair.as_str()),
        ];
        assert_eq!(ask(&app, "POST", "/", &fields).await.status(), 403);
    }
}
