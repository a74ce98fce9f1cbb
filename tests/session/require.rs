//! What the layers that demand something let through, and how they answer the rest.

use std::{convert::Infallible, time::Duration};

use axum::{
    Form, Router,
    body::Body,
    extract::Query,
    http::{
        HeaderMap, Request, Response,
        header::{AUTHORIZATION, CONTENT_TYPE, COOKIE},
        request::Builder,
    },
    middleware,
    routing::{any, get, post},
};
use http_body_util::BodyExt;
use portcullis::{
    identity::{Identity, Principal},
    reject::{Rejection, RejectionKind},
    require::{LocalPathError, Next, Require, RequireLogin, RequireRecent},
    session::Session,
};
use portcullis_core::StoreErrorKind;
use portcullis_testkit::{Fault, Operation};
use support::{Jar, Site};
use tower::{ServiceExt, service_fn};
use tower_layer::Layer;

const RECENT: Duration = Duration::from_secs(300);
const MILLISECOND: Duration = Duration::from_millis(1);

/// One route for each layer, and the same with a redirect under `/pages`.
fn routes() -> Result<Router, LocalPathError> {
    let admin = || Require::that(|who| who.has_role("admin"));
    let recent = || RequireRecent::within(RECENT);
    let pages = Router::new()
        .route("/login", any(async || "in").layer(RequireLogin::new().redirect_to("/login")?))
        .route("/recent", any(async || "in").layer(recent().redirect_to("/login")?))
        .route("/admin", any(async || "in").layer(admin().redirect_to("/login")?));
    Ok(Router::new()
        .route("/login", any(async || "in").layer(RequireLogin::new()))
        .route("/recent", any(async || "in").layer(recent()))
        .route("/admin", any(async || "in").layer(admin()))
        .nest("/pages", pages))
}

fn app(site: &Site) -> Router {
    routes().unwrap().layer(site.layer.clone())
}

async fn in_role(site: &Site, role: &str) -> Jar {
    let jar = Jar::new();
    log_in(site, &jar, Principal::local("ada").with_roles([role])).await;
    jar
}

async fn log_in(site: &Site, jar: &Jar, principal: Principal) {
    site.visit(jar, async |session| session.log_in(principal).await).await.said();
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: HeaderMap,
    kind: Option<RejectionKind>,
    body: String,
}

impl Answer {
    fn field(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|field| field.to_str().unwrap())
    }

    fn refusal(&self) -> (u16, Option<RejectionKind>, Option<&str>) {
        (self.status, self.kind, self.field("location"))
    }
}

async fn ask(app: &Router, jar: &Jar, mut request: Builder) -> Answer {
    if let Some(pair) = jar.pair() {
        request = request.header(COOKIE, pair);
    }
    let response = app.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let kind = response.extensions().get::<Rejection>().map(Rejection::kind);
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.into_body().collect().await.unwrap().to_bytes();
    Answer { status, headers, kind, body: String::from_utf8(body.to_vec()).unwrap() }
}

async fn get_(app: &Router, jar: &Jar, path: &str) -> Answer {
    ask(app, jar, Request::get(path)).await
}

#[tokio::test]
async fn s90_each_layer_lets_through_whom_it_should_and_tells_others_why() {
    use RejectionKind::{AuthenticationTooOld, Forbidden, Unauthenticated};
    let site = Site::new();
    let early = in_role(&site, "editor").await;
    site.clock.advance(RECENT + MILLISECOND);
    let (editor, admin) = (in_role(&site, "editor").await, in_role(&site, "admin").await);
    let nobody = Jar::new();
    let rows = [
        ("/login", &nobody, Some(Unauthenticated)),
        ("/login", &early, None),
        ("/recent", &nobody, Some(Unauthenticated)),
        ("/recent", &early, Some(AuthenticationTooOld)),
        ("/recent", &editor, None),
        ("/admin", &nobody, Some(Unauthenticated)),
        ("/admin", &editor, Some(Forbidden)),
        ("/admin", &admin, None),
    ];
    for slow in [false, true] {
        // A store that makes the layers wait, and so gives their verdict later.
        if slow {
            site.store.interleave(3, 3);
        }
        let app = app(&site);
        for (path, jar, refused) in rows {
            let status = match refused {
                None => 200,
                Some(Forbidden) => 403,
                Some(_) => 401,
            };
            let answer = get_(&app, jar, path).await;
            assert_eq!(answer.refusal(), (status, refused, None), "{path}, slow: {slow}");
            assert_eq!(answer.body == "in", refused.is_none(), "{path}, slow: {slow}");
            assert_eq!(answer.headers.contains_key("www-authenticate"), status == 401, "{path}");

            let page = get_(&app, jar, &format!("/pages{path}?a=b")).await;
            let next = format!("/login?next=/pages{path}%3Fa%3Db");
            let led = (status == 401).then_some(next.as_str());
            let status = if led.is_some() { 303 } else { status };
            assert_eq!(page.refusal(), (status, refused, led), "{path}, slow: {slow}");
            assert_eq!(page.field("cache-control"), refused.map(|_| "no-store"), "{path}, slow: {slow}");
        }
    }
}

#[tokio::test]
async fn s40_a_login_is_recent_up_to_the_age_and_again_after_the_next_one_but_not_after_a_renewal() {
    let site = Site::new();
    let app = app(&site);
    let jar = in_role(&site, "editor").await;
    site.clock.advance(RECENT);
    assert_eq!(get_(&app, &jar, "/recent").await.status, 200, "exactly at the age");
    site.clock.advance(MILLISECOND);
    let refused = get_(&app, &jar, "/recent").await;
    assert_eq!(refused.refusal(), (401, Some(RejectionKind::AuthenticationTooOld), None));
    assert_eq!(
        refused.field("www-authenticate").unwrap(),
        "Cookie realm=\"session\", error=\"insufficient_user_authentication\", max_age=300"
    );
    site.visit(&jar, async |session| session.renew().await).await.said();
    assert_eq!(get_(&app, &jar, "/recent").await.status, 401, "nobody proved anything");
    log_in(&site, &jar, Principal::local("ada")).await;
    assert_eq!(get_(&app, &jar, "/recent").await.status, 200);
}

#[tokio::test]
async fn a_login_counts_from_when_it_says_somebody_was_authenticated() {
    let site = Site::new();
    let jar = Jar::new();
    let before = portcullis_core::Clock::now(&site.clock).before(RECENT + MILLISECOND);
    log_in(&site, &jar, Principal::local("ada").with_authenticated_at(before)).await;
    assert_eq!(get_(&app(&site), &jar, "/recent").await.status, 401);
}

#[tokio::test]
async fn roles_are_those_of_the_last_login_and_survive_what_is_none() {
    let site = Site::new();
    let jar = Jar::new();
    log_in(&site, &jar, Principal::local("ada").with_roles(["editor", "admin"])).await;
    let roles = async |jar: &Jar| {
        let caller = site.visit(&jar.clone(), async |session| session.principal().await).await.said();
        caller.unwrap().roles().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(roles(&jar).await, ["editor", "admin"]);
    site.visit(&jar, async |session| session.renew().await).await.said();
    site.visit(&jar, async |session| session.insert("b", 2)).await.said();
    assert_eq!(roles(&jar).await, ["editor", "admin"]);
    log_in(&site, &jar, Principal::local("ada")).await;
    assert_eq!(roles(&jar).await, [""; 0]);
}

/// A router takes the prefix off the path that what it nests can see.
#[tokio::test]
async fn s90_next_is_the_path_that_the_client_asked_for_however_deep_the_router() {
    let site = Site::new();
    let layer = RequireLogin::new().redirect_to("/login").unwrap();
    let cart = Router::new().route("/cart/{item}", any(async || "in")).layer(layer);
    let app = Router::new()
        .nest("/shop", Router::new().nest("/eu", cart))
        .route("/login", get(async |Query(login): Query<Login>| login.next.or("/account").to_owned()))
        .layer(site.layer.clone());
    for asked_for in ["/shop/eu/cart/7", "/shop/eu/cart/7?b=c&d=e+f%20g&h=%2F%2F", "/shop/eu/cart/%C3%A9?%25"]
    {
        let refused = get_(&app, &Jar::new(), asked_for).await;
        assert_eq!(refused.status, 303, "{asked_for}");
        let login = get_(&app, &Jar::new(), refused.field("location").unwrap()).await;
        assert_eq!(login.body, asked_for, "what the login page is told");
    }
    let absolute = get_(&app, &Jar::new(), "http://elsewhere.example/shop/eu/cart/7").await;
    assert_eq!(absolute.field("location"), Some("/login?next=/shop/eu/cart/7"));
    for asked_for in [format!("/shop/eu/cart/{}", "a".repeat(2_048)), "/shop/eu/cart/\u{e9}".to_owned()] {
        let refused = get_(&app, &Jar::new(), &asked_for).await;
        assert_eq!(refused.field("location"), Some("/login"), "{asked_for}");
    }
}

#[derive(serde::Deserialize)]
struct Login {
    next: Next,
}

#[tokio::test]
async fn a_form_whose_next_leads_elsewhere_is_not_refused() {
    let app = Router::new()
        .route("/login", post(async |Form(login): Form<Login>| login.next.or("/account").to_owned()));
    let rows = [
        ("next=/cart%3Fa%3Db", "/cart?a=b"),
        ("", "/account"),
        ("next=", "/account"),
        ("next=//evil.example", "/account"),
        ("next=/%5Cevil.example", "/account"),
        ("next=https://evil.example", "/account"),
        ("next=/%0D%0ASet-Cookie:%20sid=planted", "/account"),
    ];
    for (form, expected) in rows {
        let request = Request::post("/login").header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let response = app.clone().oneshot(request.body(Body::from(form)).unwrap()).await.unwrap();
        assert_eq!(response.status(), 200, "{form}");
        assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), expected, "{form}");
    }
}

#[tokio::test]
async fn s90_only_people_who_navigate_are_led_to_the_login() {
    let site = Site::new();
    let app = app(&site);
    let page = || Request::builder().uri("/pages/login");
    let rows = [
        ("an old browser", page(), Some("/login?next=/pages/login")),
        ("a link", page().header("sec-fetch-mode", "navigate"), Some("/login?next=/pages/login")),
        ("a head", page().method("HEAD"), Some("/login?next=/pages/login")),
        ("a form", page().method("POST").header("sec-fetch-mode", "navigate"), Some("/login")),
        ("a script", page().header("sec-fetch-mode", "cors"), None),
        ("a script of this site", page().header("sec-fetch-mode", "same-origin"), None),
        ("a websocket", page().header("sec-fetch-mode", "websocket"), None),
        ("a bearer", page().header(AUTHORIZATION, "Bearer some.token"), None),
    ];
    for (name, request, location) in rows {
        let answer = ask(&app, &Jar::new(), request).await;
        let status = if location.is_some() { 303 } else { 401 };
        assert_eq!(answer.refusal(), (status, Some(RejectionKind::Unauthenticated), location), "{name}");
        assert_eq!(answer.body, "", "{name}");
    }
}

#[tokio::test]
async fn s54_an_outage_leads_nobody_to_the_login() {
    let site = Site::new();
    let app = app(&site);
    let jar = in_role(&site, "admin").await;
    site.store.fail(Operation::ALL, Fault::refused(StoreErrorKind::Unavailable));
    for path in ["/login", "/recent", "/admin"] {
        for path in [path.to_owned(), format!("/pages{path}")] {
            let answer = get_(&app, &jar, &path).await;
            assert_eq!(answer.refusal(), (503, Some(RejectionKind::Unavailable), None), "{path}");
            assert_eq!(answer.field("retry-after"), Some("1"), "{path}");
        }
    }
    site.store.clear();
    assert_eq!(get_(&app, &jar, "/pages/admin").await.status, 200);
}

#[tokio::test]
async fn s81_with_a_bearer_token_the_session_meets_no_demand() {
    let site = Site::new();
    let app = app(&site);
    let jar = in_role(&site, "admin").await;
    for path in ["/login", "/recent", "/admin"] {
        let with_bearer = Request::get(path).header(AUTHORIZATION, "Bearer some.token");
        assert_eq!(ask(&app, &jar, with_bearer).await.status, 401, "{path}");
        assert_eq!(get_(&app, &jar, path).await.status, 200, "{path}");
    }
}

/// Nothing of a preflight proves who sends it, and a handler for any method would be reached.
#[tokio::test]
async fn a_preflight_is_not_let_through() {
    let app = app(&Site::new());
    for path in ["/login", "/recent", "/admin", "/pages/login", "/pages/recent", "/pages/admin"] {
        let preflight = Request::options(path)
            .header("origin", "https://elsewhere.example")
            .header("access-control-request-method", "DELETE")
            .header("sec-fetch-mode", "cors");
        let answer = ask(&app, &Jar::new(), preflight).await;
        assert_eq!((answer.status, answer.body.as_str()), (401, ""), "{path}");
    }
}

#[tokio::test]
async fn without_the_session_layer_each_is_a_500_that_names_itself() {
    let app = routes().unwrap();
    for (path, name) in
        [("/login", "`RequireLogin`"), ("/recent", "`RequireRecent`"), ("/admin", "`Require`")]
    {
        for path in [path.to_owned(), format!("/pages{path}")] {
            let request = Request::get(&path).body(Body::empty()).unwrap();
            let response = app.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), 500, "{path}");
            let rejection = response.extensions().get::<Rejection>().unwrap().to_string();
            assert!(rejection.starts_with(name), "{rejection}");
        }
    }
}

async fn call<L>(site: &Site, layer: L, jar: &Jar, content_type: &str) -> (u16, String, String)
where
    L: Layer<Answering>,
    L::Service: tower::Service<Request<()>, Response = Response<()>, Error = Infallible>,
{
    let mut request = Request::post("/shop.Cart/Add").header(CONTENT_TYPE, content_type);
    if let Some(pair) = jar.pair() {
        request = request.header(COOKIE, pair);
    }
    let service = site.layer.layer(layer.layer(service_fn(answer as fn(_) -> _)));
    let response = service.oneshot(request.body(()).unwrap()).await.unwrap();
    let field = |name| response.headers().get(name).map_or("", |value| value.to_str().unwrap()).to_owned();
    assert!(!response.headers().contains_key("location"));
    (response.status().as_u16(), field("grpc-status"), field("content-type"))
}

type Answering =
    tower::util::ServiceFn<fn(Request<()>) -> std::future::Ready<Result<Response<()>, Infallible>>>;

fn answer(_: Request<()>) -> std::future::Ready<Result<Response<()>, Infallible>> {
    std::future::ready(Ok(Response::builder().header("grpc-status", "0").body(()).unwrap()))
}

#[tokio::test]
async fn s90_grpc_callers_get_statuses_and_never_a_redirect() {
    let site = Site::new();
    let early = in_role(&site, "editor").await;
    site.clock.advance(RECENT + MILLISECOND);
    let login = RequireLogin::new().redirect_to("/login").unwrap();
    let recent = RequireRecent::within(RECENT).redirect_to("/login").unwrap();
    let admin = Require::that(|who| who.has_role("admin")).redirect_to("/login").unwrap();
    let nobody = Jar::new();
    for (asked, answered) in [
        ("application/grpc", "application/grpc"),
        ("application/grpc-web+proto", "application/grpc-web"),
        ("application/grpc-web-text", "application/grpc-web-text"),
    ] {
        let status = |status: &str| (200, status.to_owned(), answered.to_owned());
        assert_eq!(call(&site, login.clone(), &nobody, asked).await, status("16"));
        assert_eq!(call(&site, recent.clone(), &nobody, asked).await, status("16"));
        assert_eq!(call(&site, recent.clone(), &early, asked).await, status("16"));
        assert_eq!(call(&site, admin.clone(), &nobody, asked).await, status("16"));
        assert_eq!(call(&site, admin.clone(), &early, asked).await, status("7"));
        let passed = call(&site, login.clone(), &early, asked).await;
        assert_eq!((passed.0, passed.1.as_str()), (200, "0"));
        site.store.fail(Operation::ALL, Fault::refused(StoreErrorKind::Unavailable));
        assert_eq!(call(&site, recent.clone(), &early, asked).await, status("14"));
        site.store.clear();
    }
}

/// A middleware that looks who is calling, and ends the session: of a device that is unknown, of a network that is not allowed.
#[tokio::test]
async fn s47_no_layer_lets_through_whose_session_was_ended_on_the_way_in() {
    let site = Site::new();
    let end = async |identity: Identity,
                     session: Session,
                     request: axum::extract::Request,
                     next: middleware::Next| {
        assert!(identity.principal().await.unwrap().is_some());
        session.log_out().await.unwrap();
        next.run(request).await
    };
    let app = routes().unwrap().layer(middleware::from_fn(end)).layer(site.layer.clone());
    for path in ["/login", "/recent", "/admin"] {
        let admin = in_role(&site, "admin").await;
        let answer = get_(&app, &admin, path).await;
        assert_eq!(answer.refusal(), (401, Some(RejectionKind::Unauthenticated), None), "{path}");
    }
}
