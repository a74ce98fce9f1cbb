//! What other sites' pages can make a visitor's browser ask, request by request and over real sockets.

use std::sync::{Arc, Mutex};

use axum::{
    Router,
    body::Body,
    http::{HeaderValue, Method, Request, Response, StatusCode, header::COOKIE},
    response::IntoResponse,
    routing::{self, post},
};
use hyper_util::rt::{TokioExecutor, TokioIo};
use portcullis::{
    cross_origin::{CrossOrigin, Exempt},
    event::{Event, EventKind},
    identity::Principal,
    reject::{Rejection, RejectionKind},
    session::{Session, SessionError, SessionErrorKind},
};
use proptest::{collection::vec, prelude::*, sample::select, test_runner::TestRunner};
use support::{Connection, Jar, Site, Visit, cases, serve};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tower::ServiceExt;

/// What the check looks at, and that it looks depends on the cookie.
pub(crate) const BY_ORIGIN: &str = "Cookie, Sec-Fetch-Site, Origin";

const NAME: &str = "__Host-Http-sid";
const CROSS_SITE: [(&str, &str); 2] = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")];

type Fields<'a> = &'a [(&'a str, &'a str)];

/// Attacks on `https://shop.example`: who makes the request, what the browser says of that, and why it is refused.
const ATTACKS: [(&str, Fields<'static>, &str); 11] = [
    ("another site", &CROSS_SITE, "cross_site"),
    (
        "another site that hides its referrer",
        &[("sec-fetch-site", "cross-site"), ("origin", "null")],
        "cross_site",
    ),
    ("another site, the origin taken off by a proxy", &[("sec-fetch-site", "cross-site")], "cross_site"),
    (
        "a subdomain that was taken over",
        &[("sec-fetch-site", "same-site"), ("origin", "https://blog.shop.example")],
        "same_site",
    ),
    (
        "another port of the host",
        &[("sec-fetch-site", "same-site"), ("origin", "https://shop.example:8443")],
        "same_site",
    ),
    (
        "whoever answers for the host over plain http",
        &[("sec-fetch-site", "cross-site"), ("origin", "http://shop.example")],
        "cross_site",
    ),
    ("another site, in an old browser", &[("origin", "https://evil.example")], "foreign_origin"),
    ("another port, in an old browser", &[("origin", "https://shop.example:8443")], "foreign_origin"),
    ("a sandboxed frame, in an old browser", &[("origin", "null")], "opaque_origin"),
    (
        "a name that begins like the host's, in an old browser",
        &[("origin", "https://shop.example.evil.example")],
        "foreign_origin",
    ),
    (
        "who can smuggle a second field past a proxy",
        &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
        "ambiguous",
    ),
];

/// Every event of a site.
#[derive(Clone, Debug, Default)]
pub(crate) struct Heard(Arc<Mutex<Vec<Event>>>);

impl Heard {
    pub(crate) fn of(site: Site) -> (Site, Self) {
        let heard = Self::default();
        let ear = Arc::clone(&heard.0);
        (site.with(|layer| layer.with_event_hook(move |event| ear.lock().unwrap().push(*event))), heard)
    }

    pub(crate) fn take(&self) -> Vec<Event> {
        std::mem::take(&mut self.0.lock().unwrap())
    }

    /// What was heard of the check, with the reason.
    fn verdicts(&self) -> Vec<(EventKind, Option<&'static str>)> {
        let kinds = [EventKind::CrossOrigin, EventKind::CrossOriginReported];
        let of_the_check = self.take().into_iter().filter(|event| kinds.contains(&event.kind()));
        of_the_check.map(|event| (event.kind(), event.reason())).collect()
    }
}

/// A request to `https://shop.example` by whoever holds `jar`.
fn request(method: &str, fields: Fields<'_>, jar: &Jar) -> Request<()> {
    let mut request = Request::builder().method(method).header("host", "shop.example");
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    if let Some(pair) = jar.pair() {
        request = request.header(COOKIE, pair);
    }
    request.body(()).unwrap()
}

/// Sends a request, and says what the handler found under `a`.
async fn ask(site: &Site, request: Request<()>) -> Visit<Result<Option<u32>, SessionErrorKind>> {
    visit(site, request, async |session| session.get("a").await).await
}

/// Sends a request; an error of the handler answers for itself, as in axum.
async fn visit<T>(
    site: &Site,
    request: Request<()>,
    handler: impl AsyncFnOnce(Session) -> Result<T, SessionError>,
) -> Visit<Result<T, SessionErrorKind>> {
    site.serve(request, async |session| match handler(session).await {
        Ok(answer) => (Ok(answer), Response::new(Vec::new())),
        Err(error) => {
            let kind = error.kind();
            (Err(kind), error.into_response().map(|_| Vec::new()))
        }
    })
    .await
}

fn assert_refused<T>(visit: &Visit<T>, what: &str) {
    assert!(visit.answer.is_none(), "{what}: the handler was reached");
    assert_eq!(visit.status(), 403, "{what}");
    assert_eq!(visit.field("x-rejection"), Some("cross_origin"), "{what}");
    assert_eq!(visit.field("vary"), Some(BY_ORIGIN), "{what}");
    assert!(visit.cookies().is_empty(), "{what}");
    let rejection = visit.response.extensions().get::<Rejection>().expect("a rejection");
    assert_eq!(rejection.kind(), RejectionKind::CrossOrigin, "{what}");
}

#[tokio::test]
async fn s62_what_another_site_asks_with_our_cookie_is_refused_before_the_handler() {
    let (site, heard) = Heard::of(Site::new());
    let live = site.logged_in().await;
    let dead = site.begun().await;
    site.visit(&dead.clone(), async |session| session.log_out().await).await.said();
    let unknown = Site::new().begun().await;
    for (who, fields, reason) in ATTACKS {
        for (which, jar) in [("live", &live), ("dead", &dead), ("unknown", &unknown)] {
            for method in ["POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "QUERY", "post", "get"] {
                let what = format!("{who}: {method} with a {which} cookie");
                heard.take();
                site.store.take_trips();
                let visit = ask(&site, request(method, fields, jar)).await;
                assert_refused(&visit, &what);
                assert_eq!(site.store.take_trips().total(), 0, "{what}");
                assert_eq!(heard.verdicts(), [(EventKind::CrossOrigin, Some(reason))], "{what}");
            }
        }
    }
    assert_eq!(site.who(&live).await.as_deref(), Some("ada"), "the session is unharmed");
}

#[tokio::test]
async fn s62_our_cookie_counts_wherever_it_stands() {
    let site = Site::new();
    let ours = site.logged_in().await.pair().unwrap();
    let rows: [Vec<Vec<u8>>; 4] = [
        vec![b"a=1".to_vec(), ours.clone().into_bytes()],
        vec![[b"x=\xff; ".as_slice(), ours.as_bytes()].concat()],
        vec![[format!("{NAME}=nonsense; ").as_bytes(), ours.as_bytes()].concat()],
        vec![[b"\t ", ours.as_bytes(), b" \t;"].concat()],
    ];
    for fields in rows {
        let mut request = request("POST", &CROSS_SITE, &Jar::new());
        for field in &fields {
            request.headers_mut().append(COOKIE, HeaderValue::from_bytes(field).unwrap());
        }
        assert_refused(&ask(&site, request).await, &format!("{fields:?}"));
    }
}

#[tokio::test]
async fn s62_a_cookie_of_the_wrong_shape_is_no_cookie() {
    let site = Site::new();
    let ours = site.begun().await.pair().unwrap();
    let pairs = [
        format!("{NAME}="),
        format!("{NAME}=1"),
        ours[..ours.len() - 1].to_owned(),
        format!("{ours}A"),
        ours.replace("sid=", "sid=\""),
        ours.replace("sid=", "SID="),
        ours.replace("__Host-Http-", ""),
        format!("x{ours}"),
    ];
    for pair in pairs {
        site.store.take_trips();
        let visit = ask(&site, request("POST", &CROSS_SITE, &Jar::with(&pair))).await;
        assert_eq!((visit.status(), visit.answer), (200, Some(Ok(None))), "{pair}");
        assert_eq!(site.store.take_trips().total(), 0, "{pair}");
    }
}

#[tokio::test]
async fn s62_the_sites_own_pages_and_programs_pass() {
    let (site, heard) = Heard::of(Site::new());
    let jar = site.logged_in().await;
    heard.take();
    let rows: [(&str, Fields<'_>); 6] = [
        ("a page", &[("sec-fetch-site", "same-origin"), ("origin", "https://shop.example")]),
        ("a page that hides its referrer", &[("sec-fetch-site", "same-origin"), ("origin", "null")]),
        ("the user", &[("sec-fetch-site", "none")]),
        ("a page, in an old browser", &[("origin", "https://shop.example")]),
        ("a page over another port of both", &[("origin", "https://shop.example:443")]),
        ("a program", &[]),
    ];
    for (who, fields) in rows {
        for method in ["POST", "DELETE", "PROPFIND"] {
            let visit = ask(&site, request(method, fields, &jar)).await;
            assert_eq!(visit.field("vary"), Some(BY_ORIGIN), "{who}: {method}");
            assert_eq!((visit.status(), visit.answer), (200, Some(Ok(Some(1)))), "{who}: {method}");
        }
    }
    assert_eq!(heard.take(), []);
}

#[tokio::test]
async fn s62_a_get_from_another_site_passes_and_nothing_is_looked_at() {
    let (site, heard) = Heard::of(Site::new());
    let jar = site.logged_in().await;
    heard.take();
    for (who, fields, _) in ATTACKS {
        for method in ["GET", "HEAD", "OPTIONS"] {
            let visit = ask(&site, request(method, fields, &jar)).await;
            assert_eq!(visit.field("vary"), Some("Cookie"), "{who}: {method}");
            assert_eq!((visit.status(), visit.answer), (200, Some(Ok(Some(1)))), "{who}: {method}");
        }
    }
    assert_eq!(heard.take(), []);
}

#[tokio::test]
async fn s65_s81_with_a_bearer_credential_of_any_form_a_request_passes_without_the_session_and_with_no_other()
{
    let site = Site::new();
    let jar = site.logged_in().await;
    let bearers: [&[u8]; 7] = [
        b"Bearer abc",
        b"bEaReR abc",
        b"Bearer",
        b"Bearer ",
        b"Bearer\tabc",
        b"Bearer a b c",
        b"Bearer \xff",
    ];
    for value in bearers {
        let mut request = request("POST", &CROSS_SITE, &jar);
        request.headers_mut().insert("authorization", HeaderValue::from_bytes(value).unwrap());
        let visit = ask(&site, request).await;
        assert_eq!(
            (visit.status(), visit.answer),
            (200, Some(Ok(None))),
            "{value:?}: as if it bore no cookie"
        );
    }
    let ambient = [
        "Basic YWRhOmxvdmVsYWNl",
        "Digest x",
        "Negotiate x",
        "NTLM x",
        "Bearers abc",
        "Bear",
        "\"Bearer\" x",
        "",
    ];
    for value in ambient {
        let fields = [&CROSS_SITE[..], &[("authorization", value)]].concat();
        assert_refused(&ask(&site, request("POST", &fields, &jar)).await, value);
    }
    let elsewhere =
        [&CROSS_SITE[..], &[("proxy-authorization", "Bearer x"), ("x-authorization", "Bearer x")]];
    assert_refused(&ask(&site, request("POST", &elsewhere.concat(), &jar)).await, "another field");
}

#[tokio::test]
async fn s67_an_upgrade_is_checked_like_a_post() {
    let site = Site::new();
    let jar = site.logged_in().await;
    for (who, attack, _) in ATTACKS {
        for method in ["GET", "HEAD", "OPTIONS"] {
            for upgrade in ["websocket", "WebSocket", "h2c", ""] {
                let fields = [attack, &[("connection", "Upgrade"), ("upgrade", upgrade)]].concat();
                let visit = ask(&site, request(method, &fields, &jar)).await;
                assert_refused(&visit, &format!("{who}: {method} and Upgrade: {upgrade}"));
            }
        }
    }
    let own = [("origin", "https://shop.example"), ("connection", "upgrade"), ("upgrade", "websocket")];
    let visit = ask(&site, request("GET", &own, &jar)).await;
    assert_eq!(visit.field("vary"), Some(BY_ORIGIN));
    assert_eq!(visit.answer, Some(Ok(Some(1))));
}

async fn reached(session: Session) -> Result<String, SessionError> {
    Ok(format!("reached by {:?}", session.get::<u32>("a").await?))
}

/// A page of another port of this host, over HTTP/1.1: a browser's cookies know no ports.
#[tokio::test]
async fn s67_a_websocket_handshake_from_another_port_is_refused_over_a_socket() {
    let site = Site::new();
    let pair = site.logged_in().await.pair().unwrap();
    let address =
        serve(Router::new().route("/socket", routing::any(reached)).layer(site.layer.clone())).await;
    let evil = format!("http://127.0.0.1:{}", address.port() ^ 1);
    for (origin, status) in [(evil, "403"), (format!("http://{address}"), "200")] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let handshake = format!(
            "GET /socket HTTP/1.1\r\nHost: {address}\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n\
             Origin: {origin}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nCookie: {pair}\r\n\r\n"
        );
        stream.write_all(handshake.as_bytes()).await.unwrap();
        let mut answer = [0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&answer), format!("HTTP/1.1 {status}"), "{origin}");
    }
}

/// Over HTTP/2 the handshake is an extended CONNECT, and the site is named by `:authority`.
#[tokio::test]
async fn s67_an_extended_connect_from_another_origin_is_refused_over_a_socket() {
    let site = Site::new();
    let pair = site.logged_in().await.pair().unwrap();
    let address =
        serve(Router::new().route("/socket", routing::any(reached)).layer(site.layer.clone())).await;
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    // The server's word that it knows extended CONNECT comes before the answer to anything else.
    let first = Request::get(format!("http://{address}/none")).body(Body::empty()).unwrap();
    sender.send_request(first).await.unwrap();
    let rows = [
        ("https://evil.example".to_owned(), None, 403),
        (format!("http://{address}"), Some("same-site"), 403),
        (format!("http://{address}"), Some("same-origin"), 200),
        (format!("http://{address}"), None, 200),
    ];
    for (origin, site, status) in rows {
        let mut request = Request::connect(format!("http://{address}/socket"))
            .extension(hyper::ext::Protocol::from_static("websocket"))
            .header("origin", &origin)
            .header(COOKIE, &pair);
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        let answer = sender.send_request(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), status, "{origin} {site:?}");
    }
}

#[tokio::test]
async fn s62_s90_grpc_web_is_refused_in_its_own_terms_and_native_grpc_passes() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let rows = [
        ("application/grpc-web+proto", "application/grpc-web"),
        ("application/grpc-web-text", "application/grpc-web-text"),
        ("application/grpc", "application/grpc"),
    ];
    for (asked, answered) in rows {
        let fields = [&CROSS_SITE[..], &[("content-type", asked)]].concat();
        let visit = ask(&site, request("POST", &fields, &jar)).await;
        assert!(visit.answer.is_none(), "{asked}");
        assert_eq!((visit.status(), visit.field("grpc-status")), (200, Some("7")), "{asked}");
        assert_eq!(visit.field("content-type"), Some(answered));
        assert_eq!(visit.field("x-rejection"), Some("cross_origin"), "{asked}");
        assert_eq!(visit.field("vary"), Some(BY_ORIGIN), "{asked}");
        assert!(visit.cookies().is_empty());
        let native = ask(&site, request("POST", &[("content-type", asked)], &jar)).await;
        assert_eq!((native.status(), native.answer), (200, Some(Ok(Some(1)))), "{asked}");
    }
}

#[tokio::test]
async fn s66_nobody_is_logged_in_by_another_site() {
    let (site, heard) = Heard::of(Site::new());
    for (who, fields, reason) in ATTACKS {
        for method in ["POST", "PUT"] {
            let visit = visit(&site, request(method, fields, &Jar::new()), async |session| {
                session.log_in(Principal::local("mallory")).await
            })
            .await;
            assert_eq!(visit.answer, Some(Err(SessionErrorKind::CrossOrigin)), "{who}");
            assert_eq!((visit.status(), visit.field("x-rejection")), (403, Some("cross_origin")), "{who}");
            assert_eq!((visit.field("vary"), visit.cookies()), (Some(BY_ORIGIN), vec![]), "{who}");
            assert_eq!(site.store.take_trips().total(), 0, "{who}");
            assert_eq!(heard.verdicts(), [(EventKind::CrossOrigin, Some(reason))], "{who}");
        }
    }
}

#[tokio::test]
async fn s66_a_refused_login_that_the_handler_makes_light_of_stores_nothing() {
    let site = Site::new();
    let visit = visit(&site, request("POST", &CROSS_SITE, &Jar::new()), async |session| {
        let refused = session.log_in(Principal::local("mallory")).await.is_err();
        Ok((refused, session.commit().await.is_ok(), session.principal().await?.is_none()))
    })
    .await;
    assert_eq!(
        (visit.status(), visit.cookies(), &visit.answer),
        (200, vec![], &Some(Ok((true, true, true))))
    );
    assert_eq!(site.store.take_trips().total(), 0);
}

#[tokio::test]
async fn s66_who_may_log_in_from_elsewhere_does() {
    let (site, heard) = Heard::of(Site::new().with(|layer| {
        layer.with_cross_origin(CrossOrigin::new().with_trusted_origin("https://id.example".parse().unwrap()))
    }));
    let rows: [(&str, &str, Fields<'_>); 4] = [
        ("GET", "the way back from a provider", &CROSS_SITE),
        ("POST", "a trusted provider", &[("sec-fetch-site", "cross-site"), ("origin", "https://id.example")]),
        ("POST", "the site's own form", &[("sec-fetch-site", "same-origin")]),
        ("POST", "a program", &[]),
    ];
    for (method, who, fields) in rows {
        let visit = visit(&site, request(method, fields, &Jar::new()), async |session| {
            session.log_in(Principal::local("ada")).await
        })
        .await;
        assert_eq!((visit.status(), visit.cookies().len()), (200, 1), "{who}");
        assert_eq!(heard.verdicts(), [], "{who}");
    }
}

/// A browser keeps a `SameSite=Lax` cookie back from another site's `POST`, but obeys the answer's `Set-Cookie` if a form made the
/// request. So a session that begins there takes the place of the one that the visitor has: they are logged out, and go on, up to
/// their next login and with it, with what the other site had put into it.
#[tokio::test]
async fn s66_another_sites_form_does_not_put_a_session_in_the_place_of_the_visitors() {
    let (site, heard) = Heard::of(Site::new());
    let visitor = site.logged_in().await;
    heard.take();
    for (who, fields, reason) in ATTACKS {
        site.store.take_trips();
        let inserted =
            visit(&site, request("POST", fields, &Jar::new()), async |session| session.insert("a", 666))
                .await;
        let updated = visit(&site, request("POST", fields, &Jar::new()), async |session| {
            session.update("a", |_: Option<u32>| 666).await.map(|_| ())
        })
        .await;
        for (how, visit) in [("insert", inserted), ("update", updated)] {
            assert_eq!(visit.answer, Some(Err(SessionErrorKind::CrossOrigin)), "{who}: {how}");
            assert_eq!(
                (visit.status(), visit.field("x-rejection")),
                (403, Some("cross_origin")),
                "{who}: {how}"
            );
            assert_eq!((visit.field("vary"), visit.cookies()), (Some(BY_ORIGIN), vec![]), "{who}: {how}");
            visitor.take_from(visit.response.headers());
        }
        assert_eq!(site.store.take_trips().total(), 0, "{who}");
        assert_eq!(heard.verdicts(), [(EventKind::CrossOrigin, Some(reason)); 2], "{who}");
    }
    assert_eq!(site.who(&visitor).await.as_deref(), Some("ada"));
}

#[tokio::test]
async fn s66_another_sites_form_without_our_cookie_may_do_what_needs_no_session() {
    let site = Site::new();
    let visit = visit(&site, request("POST", &CROSS_SITE, &Jar::new()), async |session| {
        session.remove("a")?;
        session.renew().await?;
        session.log_out().await?;
        Ok((session.get::<u32>("a").await?, session.principal().await?.is_some()))
    })
    .await;
    assert_eq!((visit.status(), visit.cookies(), visit.answer), (200, vec![], Some(Ok((None, false)))));
    assert_eq!(site.store.take_trips().total(), 0);
}

#[tokio::test]
async fn s70_report_mode_refuses_nothing_and_says_what_would_be() {
    let (site, heard) = Heard::of(
        Site::new().with(|layer| layer.with_cross_origin(CrossOrigin::new().insecure_report_only())),
    );
    let jar = site.logged_in().await;
    heard.take();
    for (who, fields, reason) in ATTACKS {
        let reported = [(EventKind::CrossOriginReported, Some(reason))];
        let passed = ask(&site, request("POST", fields, &jar)).await;
        assert_eq!(passed.field("vary"), Some(BY_ORIGIN), "{who}");
        assert_eq!((passed.status(), passed.answer), (200, Some(Ok(Some(1)))), "{who}");
        assert_eq!(heard.verdicts(), reported, "{who}");

        let login = visit(&site, request("POST", fields, &Jar::new()), async |session| {
            session.log_in(Principal::local("ada")).await
        })
        .await;
        assert_eq!((login.status(), login.cookies().len()), (200, 1), "{who}");
        assert_eq!(heard.verdicts(), reported, "{who}: a login");

        let begun = visit(&site, request("POST", fields, &Jar::new()), async |session| {
            session.insert("b", 2)?;
            session.insert("c", 3)?;
            session.update("a", |_: Option<u32>| 1).await
        })
        .await;
        assert_eq!((begun.status(), begun.cookies().len()), (200, 1), "{who}");
        assert_eq!(heard.verdicts(), reported, "{who}: a session that begins, once");
    }
}

#[tokio::test]
async fn s70_report_mode_says_nothing_of_what_would_pass() {
    let (site, heard) = Heard::of(
        Site::new().with(|layer| layer.with_cross_origin(CrossOrigin::new().insecure_report_only())),
    );
    for (who, fields, _) in ATTACKS {
        let visit = ask(&site, request("POST", fields, &Jar::new())).await;
        assert_eq!((visit.status(), visit.answer), (200, Some(Ok(None))), "{who}");
        assert_eq!(heard.verdicts(), [], "{who}");
    }
}

#[tokio::test]
async fn s63_s64_strict_mode_and_origins_hold_through_the_layer() {
    let check = || CrossOrigin::new().with_public_origin("https://shop.example".parse().unwrap());
    let strict = Site::new().with(|layer| {
        let admin = "https://admin.shop.example".parse().unwrap();
        layer.with_cross_origin(check().with_trusted_origin(admin).strict())
    });
    let jar = strict.logged_in().await;
    let rows: [(Fields<'_>, u16); 9] = [
        (&[("sec-fetch-site", "same-origin"), ("origin", "https://shop.example")], 200),
        (&[("sec-fetch-site", "same-origin")], 200),
        (&[("sec-fetch-site", "same-origin"), ("origin", "https://evil.example")], 403),
        (&[("sec-fetch-site", "none")], 403),
        (&[], 403),
        (&[("origin", "https://shop.example")], 200),
        (&[("origin", "http://shop.example")], 403),
        (&[("sec-fetch-site", "same-site"), ("origin", "https://admin.shop.example")], 200),
        (&[("sec-fetch-site", "same-site"), ("origin", "https://blog.shop.example")], 403),
    ];
    for (fields, status) in rows {
        assert_eq!(ask(&strict, request("POST", fields, &jar)).await.status(), status, "{fields:?}");
    }

    // Behind a proxy that rewrites `Host`: the public origin decides, and no forwarded field.
    let proxied = Site::new().with(|layer| layer.with_cross_origin(check()));
    let jar = proxied.logged_in().await;
    let rows = [
        ("https://shop.example", 200),
        ("http://shop.example", 403),
        ("http://10.0.0.7:3000", 403),
        ("https://evil.example", 403),
    ];
    for (origin, status) in rows {
        let fields = [
            ("origin", origin),
            ("x-forwarded-host", "evil.example"),
            ("x-forwarded-proto", "http"),
            ("forwarded", "host=evil.example"),
        ];
        let mut request = request("POST", &fields, &jar);
        request.headers_mut().insert("host", HeaderValue::from_static("10.0.0.7:3000"));
        assert_eq!(ask(&proxied, request).await.status(), status, "{origin}");
    }
}

const SIGNED: Exempt = Exempt::insecure_because("signed by the payment provider");

async fn paid(session: Session) -> Result<&'static str, SessionError> {
    session.log_in(Principal::local("provider")).await?;
    Ok("paid")
}

/// Another site's `POST` with our cookie, to a path as it stands on the request line.
async fn attack(app: &Router, path: &str, jar: &Jar) -> Response<Body> {
    let (mut parts, ()) = request("POST", &CROSS_SITE, jar).into_parts();
    parts.uri = path.parse().unwrap();
    app.clone().oneshot(Request::from_parts(parts, Body::empty())).await.unwrap()
}

#[tokio::test]
async fn s66_s68_an_exempt_route_may_log_in_and_no_other_path_is_exempt() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let hook = || Router::new().route("/hook", post(paid)).layer(site.layer.clone()).layer(SIGNED);
    let others = || {
        Router::new()
            .route("/hook/", post(reached))
            .route("/order", post(reached))
            .route("/hook/{*rest}", post(reached))
            .layer(site.layer.clone())
    };
    let rows = [
        ("merged", "/hook", others().merge(hook())),
        ("merged the other way", "/hook", hook().merge(others())),
        ("nested", "/api/hook", Router::new().nest("/api", hook()).merge(others())),
        ("nested beside others", "/api/hook", Router::new().nest("/api", hook().merge(others()))),
    ];
    for (name, path, app) in rows {
        for jar in [&jar, &Jar::new()] {
            let answer = attack(&app, path, jar).await;
            assert_eq!(answer.status(), StatusCode::OK, "{name}");
            assert!(answer.headers().contains_key("set-cookie"), "{name}");
        }
        let variants = [
            "/hook/",
            "/hook//",
            "//hook",
            "/./hook",
            "/x/../hook",
            "/hook/../order",
            "/hook/x",
            "/HOOK",
            "/hook%2f",
            "/%68ook",
            "/hook;x",
            "/order",
            "/api",
            "/api/",
            "/api/hook/",
            "/api//hook",
            "/api/order",
            "/api/hook/x",
            "/api/../order",
            "*",
        ];
        for variant in variants.into_iter().filter(|variant| *variant != path) {
            let answer = attack(&app, variant, &jar).await;
            assert!([403, 404].contains(&answer.status().as_u16()), "{name}: {variant}: {}", answer.status());
        }
    }
}

/// What the router falls back to is not what the exemption was put around.
#[tokio::test]
async fn s68_a_fallback_is_not_exempt() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let hook = Router::new().route("/hook", post(paid)).layer(site.layer.clone()).layer(SIGNED);
    let rest = Router::new().fallback(reached).layer(site.layer.clone());
    let app = Router::new().nest("/api", hook.clone()).merge(hook).merge(rest);
    for path in ["/", "/x", "/hook/", "/api", "/api/", "/api/x", "/api/hook/"] {
        assert_eq!(attack(&app, path, &jar).await.status(), StatusCode::FORBIDDEN, "{path}");
    }
    assert_eq!(attack(&app, "/hook", &jar).await.status(), StatusCode::OK);
    assert_eq!(attack(&app, "/api/hook", &jar).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn s68_an_exemption_that_the_session_layer_does_not_see_is_a_500_that_says_so() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let app = Router::new()
        .route("/hook", post(paid).layer(SIGNED))
        .route("/order", post(reached))
        .layer(site.layer.clone());
    let own = Request::post("/hook").body(Body::empty()).unwrap();
    let answer = app.clone().oneshot(own).await.unwrap();
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    let rejection = answer.extensions().get::<Rejection>().unwrap();
    assert!(rejection.to_string().contains("move it outside"), "{rejection}");
    assert_eq!(attack(&app, "/hook", &jar).await.status(), StatusCode::FORBIDDEN);
    assert_eq!(attack(&app, "/order", &jar).await.status(), StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn s62_a_form_of_another_port_is_refused_over_a_socket_and_the_sites_own_is_not() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let address = serve(Router::new().route("/order", post(reached)).layer(site.layer.clone())).await;
    let mut connection = Connection::to(address).await;
    for (origin, site, status) in [
        (format!("http://127.0.0.1:{}", address.port() ^ 1), Some("same-site"), 403),
        (format!("http://127.0.0.1:{}", address.port() ^ 1), None, 403),
        ("http://127.0.0.1".to_owned(), None, 403),
        (format!("https://{address}"), None, 200),
        (format!("http://{address}"), None, 200),
        (format!("http://{address}"), Some("same-origin"), 200),
    ] {
        let mut request = Request::post("/order")
            .header("host", address.to_string())
            .header("origin", &origin)
            .header(COOKIE, jar.pair().unwrap());
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        let answer = connection.send_raw(request.body(Body::empty()).unwrap()).await;
        assert_eq!(answer.status, status, "{origin} {site:?}");
        assert_eq!(answer.headers.contains_key("x-rejection"), status == 403, "{origin} {site:?}");
    }
}

#[tokio::test]
async fn s29_no_event_of_the_check_shows_a_credential() {
    for check in [CrossOrigin::new(), CrossOrigin::new().insecure_report_only()] {
        let (site, heard) = Heard::of(Site::new().with(|layer| layer.with_cross_origin(check)));
        let jar = site.logged_in().await;
        heard.take();
        let pair = jar.pair().unwrap();
        let value = pair.split_once('=').unwrap().1;
        for (_, fields, _) in ATTACKS {
            let fields = [fields, &[("authorization", "Basic YWRhOmxvdmVsYWNl")]].concat();
            let visit = ask(&site, request("POST", &fields, &jar)).await;
            let events = heard.take();
            assert_eq!(events.len(), 1);
            let seen = format!("{events:?} {:?}", visit.response);
            assert!(!seen.contains(value) && !seen.contains("YWRhOmxvdmVsYWNl"), "{seen}");
        }
    }
}

/// What a field may hold: what means something here, what nearly does, and any bytes.
fn value() -> impl Strategy<Value = Vec<u8>> {
    let known = select(vec![
        "same-origin",
        "same-site",
        "cross-site",
        "none",
        "null",
        "",
        "https://shop.example",
        "https://evil.example",
        "shop.example",
        "shop.example:443",
        "[::1",
        "websocket",
        "Bearer x",
        "Basic x",
        "POST",
        "application/grpc-web",
        "application/grpc",
    ]);
    prop_oneof![
        3 => known.prop_map(|text| text.as_bytes().to_vec()),
        1 => vec(any::<u8>(), 0..24),
    ]
}

#[test]
fn s62_s67_no_bytes_in_any_field_make_a_panic_or_a_server_error() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let names = select(vec![
        "sec-fetch-site",
        "origin",
        "host",
        "cookie",
        "upgrade",
        "authorization",
        "content-type",
        "user-agent",
        "access-control-request-method",
    ]);
    let method = prop_oneof![
        4 => select(vec!["GET", "HEAD", "OPTIONS", "POST", "DELETE", "CONNECT", "TRACE"]).prop_map(str::to_owned),
        1 => "[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}",
    ];
    let uri = select(vec!["/", "*", "shop.example:443", "https://shop.example/a?b", "http://ada@[::1]:80/"]);
    let bears_ours = any::<bool>();
    let site = Site::new();
    let pair = runtime.block_on(site.begun()).pair().unwrap();
    let mut runner = TestRunner::new(cases(2_000));
    runner
        .run(&(method, uri, vec((names, value()), 0..8), bears_ours), |(method, uri, fields, bears_ours)| {
            let mut request = Request::builder().method(method.as_str()).uri(uri).body(()).unwrap();
            for (name, value) in &fields {
                if let Ok(value) = HeaderValue::from_bytes(value) {
                    request.headers_mut().append(*name, value);
                }
            }
            if bears_ours {
                request.headers_mut().append(COOKIE, pair.parse().unwrap());
            }
            let is_safe = [Method::GET, Method::HEAD, Method::OPTIONS].contains(request.method());
            let is_preflight = *request.method() == Method::OPTIONS
                && request.headers().contains_key("access-control-request-method");
            let is_checked = !is_safe || is_preflight || request.headers().contains_key("upgrade");
            let mut says_foreign = request.headers().get_all("sec-fetch-site").iter();
            let is_foreign = says_foreign.any(|word| word == "cross-site" || word == "same-site");
            let is_by_bearer = request
                .headers()
                .get_all("authorization")
                .iter()
                .any(|value| value.as_bytes().starts_with(b"Bearer"));
            site.store.take_trips();
            let seen = runtime.block_on(visit(&site, request, async |session| {
                session.get::<u32>("a").await?;
                session.insert("b", 1)
            }));
            let refused = seen.field("x-rejection").is_some();
            prop_assert!([200, 403].contains(&seen.status()), "{}", seen.status());
            prop_assert!(!refused || is_checked, "a safe method was refused");
            prop_assert!(!refused || seen.cookies().is_empty(), "a refusal sets a cookie");
            prop_assert!(!refused || site.store.take_trips().total() == 0, "a refusal asks the store");
            let must_be_refused = is_checked && !is_preflight && is_foreign && !is_by_bearer && bears_ours;
            prop_assert!(refused || !must_be_refused, "another site's request passed");
            if seen.cookies().len() == 1 {
                let begun = Jar::new();
                begun.take_from(seen.response.headers());
                runtime.block_on(site.visit(&begun, async |session| session.log_out().await)).said();
            }
            Ok(())
        })
        .unwrap();
}

/// What mirrors every origin mirrors every field: a page of another site may then add `Authorization`, and the browser adds the cookie.
#[tokio::test]
async fn s72_a_bearer_field_that_cors_lets_another_site_add_opens_no_session() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let fields = [&CROSS_SITE[..], &[("authorization", "Bearer anything")]].concat();
    let wrote = visit(&site, request("POST", &fields, &jar), async |session| {
        session.update("a", |_: Option<u32>| 666).await
    });
    assert_ne!(wrote.await.answer, Some(Ok(666)));
    assert_eq!(site.read(&jar, "a").await, Some(1), "another site's page wrote to ada's session");
}

/// A preflight never bears the cookie, so each one would begin another session.
#[tokio::test]
async fn s71_a_preflight_that_reaches_a_handler_begins_no_session() {
    let site = Site::new();
    let fields = [("access-control-request-method", "POST"), ("origin", "https://evil.example")];
    site.store.take_trips();
    let visit = visit(&site, request("OPTIONS", &fields, &Jar::new()), async |session| {
        session.insert("visits", 1).ok();
        Ok(())
    })
    .await;
    assert_eq!((visit.cookies(), site.store.take_trips().total()), (vec![], 0));
}
