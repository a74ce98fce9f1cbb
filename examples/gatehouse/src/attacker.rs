//! A hostile page of another origin, to see in one's own browser what the gate does about it.
//!
//! It does what such pages do: it sends forms, and runs scripts that fetch. What it reports is what the browser lets it see, which
//! is mostly nothing; then it says where to look. It knows no more of the shop than its origin.

use askama::Template;
use axum::{
    Router,
    extract::{Path, State},
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, X_CONTENT_TYPE_OPTIONS},
    },
    middleware,
    response::{IntoResponse, Response},
    routing::get,
};

use crate::{
    assets::{self, Asset},
    frame::html,
    logs,
    origin::Origin,
};

/// The site of somebody who means harm to the visitors of `shop`; it is found at `at`.
pub fn attacker(shop: &Origin, at: &Origin) -> Router {
    // Sites have names or addresses, and ports do not count: these two are one machine and two sites.
    let other_host = if shop.host() == "localhost" { at.host() } else { "localhost" };
    let scene = Scene { shop: shop.clone(), same: at.at_host(shop.host()), other: at.at_host(other_host) };
    Router::new()
        .route("/", get(page))
        .route("/assets/{name}", get(asset))
        .fallback(async || (StatusCode::NOT_FOUND, "nothing here"))
        .layer(middleware::from_fn(logs::request))
        .with_state(scene)
}

/// Who attacks whom from where.
#[derive(Clone, Debug)]
struct Scene {
    shop: Origin,
    /// This page on the shop's own host.
    same: Origin,
    /// This page on another host.
    other: Origin,
}

async fn page(State(scene): State<Scene>) -> Response {
    let fields = [
        (CACHE_CONTROL, "no-store".to_owned()),
        (CONTENT_SECURITY_POLICY, policy(&scene.shop)),
        (X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (fields, html(&AttackerPage { scene, forms: &FORMS, fetches: &FETCHES })).into_response()
}

async fn asset(Path(name): Path<String>) -> Response {
    assets::find(&ASSETS, &name)
}

/// Nobody makes an attacker have a policy. This one stands in the way of nothing that is tried here, so that what fails fails
/// because of the shop.
fn policy(shop: &Origin) -> String {
    format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action {shop}; frame-src {shop}; \
         connect-src {shop}; base-uri 'none'; frame-ancestors 'none'"
    )
}

/// A form that is sent to the shop with the visitor's cookies, if the browser adds them.
struct FormAttack {
    id: &'static str,
    name: &'static str,
    about: &'static str,
    path: &'static str,
    fields: &'static [(&'static str, &'static str)],
    /// Where the visitor sees whether it worked.
    look: &'static str,
    look_for: &'static str,
}

/// A request of a script, which wants to read the answer.
struct FetchAttack {
    id: &'static str,
    name: &'static str,
    about: &'static str,
    method: &'static str,
    path: &'static str,
    /// `cors` asks to read the answer; `no-cors` gives that up, and so needs nobody's leave to send the request.
    mode: &'static str,
    bearer: Option<&'static str>,
    look: &'static str,
    look_for: &'static str,
}

#[derive(Template)]
#[template(path = "attacker.html")]
struct AttackerPage {
    scene: Scene,
    forms: &'static [FormAttack],
    fetches: &'static [FetchAttack],
}

const FORMS: [FormAttack; 4] = [
    FormAttack {
        id: "form-cart",
        name: "Put a lantern into your cart",
        about: "A change that you did not ask for, made with your session.",
        path: "/cart/lantern",
        fields: &[],
        look: "/#cart",
        look_for: "one lantern more, or a cart with nothing but a lantern",
    },
    FormAttack {
        id: "form-theme",
        name: "Turn off the lights",
        about: "The same with a form that has fields. Harmless here; it could be your address.",
        path: "/theme",
        fields: &[("theme", "dark")],
        look: "/",
        look_for: "a dark page",
    },
    FormAttack {
        id: "form-login",
        name: "Log you in as somebody else",
        about: "Needs no session of yours at all: the attacker's own name and password. What you enter from then on, they can read.",
        path: "/login",
        fields: &[("username", "alan"), ("password", "turing")],
        look: "/account",
        look_for: "the account of Alan Turing",
    },
    FormAttack {
        id: "form-logout",
        name: "Log you out",
        about: "A nuisance, or the first half of the attack above. From another site it comes without your cookie: there is nobody to log out, and nothing to refuse.",
        path: "/logout",
        fields: &[],
        look: "/account",
        look_for: "the login in place of your account",
    },
];

const FETCHES: [FetchAttack; 5] = [
    FetchAttack {
        id: "fetch-me",
        name: "Read who you are",
        about: "With your cookies (credentials: \"include\"), and asking to read the answer.",
        method: "GET",
        path: "/api/me",
        mode: "cors",
        bearer: None,
        look: "/api/me",
        look_for: "what would have been read",
    },
    FetchAttack {
        id: "fetch-cart",
        name: "Read your cart",
        about: "The same for what you are buying.",
        method: "GET",
        path: "/api/cart",
        mode: "cors",
        bearer: None,
        look: "/api/cart",
        look_for: "what would have been read",
    },
    FetchAttack {
        id: "fetch-cart-blind",
        name: "Read your cart without leave",
        about: "Mode no-cors: the browser need not ask the shop, and in return it shows nothing.",
        method: "GET",
        path: "/api/cart",
        mode: "no-cors",
        bearer: None,
        look: "/api/cart",
        look_for: "what would have been read",
    },
    FetchAttack {
        id: "fetch-add",
        name: "Put a shield into your cart",
        about: "A POST in mode no-cors: the answer stays hidden, but the request is sent.",
        method: "POST",
        path: "/cart/shield",
        mode: "no-cors",
        bearer: None,
        look: "/#cart",
        look_for: "the shield that is not there",
    },
    FetchAttack {
        id: "fetch-bearer",
        name: "Try a stolen token from your browser",
        about: "A header of one's own choice needs a preflight: the browser asks the shop first whether it may.",
        method: "GET",
        path: "/api/me",
        mode: "cors",
        bearer: Some("stolen"),
        look: "/api/me",
        look_for: "who you are still",
    },
];

const ASSETS: [Asset; 4] = [
    ("attacker.css", "text/css; charset=utf-8", include_str!("../assets/attacker.css")),
    ("attacker.js", "text/javascript; charset=utf-8", include_str!("../assets/attacker.js")),
    ("attacker.svg", "image/svg+xml", include_str!("../assets/attacker.svg")),
    ("style.css", "text/css; charset=utf-8", include_str!("../assets/style.css")),
];
