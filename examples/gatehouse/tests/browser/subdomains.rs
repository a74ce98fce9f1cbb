use std::{net::TcpListener, time::Duration};

use axum::{Router, response::Html, routing::get};
use gatehouse::{Site, TokenKeys, Tokens, app, self_signed, serve};
use portcullis::{
    cookie::CookieSettings,
    session::SessionLayer,
    store::{MemoryStore, SharedStore},
};
use serde_json::json;

use crate::{programs::Programs, stage::Stage, visit::Visit};

const A: &str = "https://a.example.test";
const B: &str = "https://b.example.test";

pub(crate) async fn a_shared_cookie_logs_in_at_both(programs: Programs) {
    let visit = visit(programs, shared()).await;
    visit.add("rope").await;
    visit.log_in("ada", "lovelace").await;
    let cookie = visit.cookie().await.unwrap();
    assert_eq!((cookie.name(), cookie.domain()), ("__Secure-sid", Some("example.test")));
    assert_eq!((cookie.secure(), cookie.http_only()), (Some(true), Some(true)));

    visit.open_at(B, "/account").await;
    assert_eq!(visit.value("location.href").await, format!("{B}/account"));
    assert!(visit.text().await.contains("Ada Lovelace"));
    assert_eq!(visit.cookie().await.unwrap().value(), cookie.value());

    // And a logout at one is one at the other.
    visit.follow("form[action='/logout'] button").await;
    assert_eq!(visit.value("location.origin").await, B);
    assert_eq!((visit.subject().await, visit.cookie().await), (None, None));
    assert_eq!(visit.cart().await, json!({}));
}

pub(crate) async fn s62_another_host_that_shares_the_cookie_may_not_ask(programs: Programs) {
    let visit = visit(programs, shared()).await;
    visit.add("rope").await;
    visit.log_in("ada", "lovelace").await;
    let cookie = visit.cookie().await.unwrap();

    for path in ["/cart/lantern", "/logout", "/login"] {
        visit.open_at(B, "/blank").await;
        assert_eq!(visit.cookie().await.unwrap().value(), cookie.value(), "the browser has it here, too");
        visit.run("window.left = true").await;
        visit
            .run(&format!(
                "const form = document.createElement('form'); \
                 form.method = 'post'; form.action = '{A}{path}'; \
                 form.innerHTML = '<input name=username value=alan><input name=password value=turing>'; \
                 document.body.append(form); form.submit()"
            ))
            .await;
        visit.arrive().await;
        assert_eq!(visit.value("location.href").await, format!("{A}{path}"));
        assert_eq!(visit.status().await, 403, "{path}");
        assert!(visit.text().await.contains("Another site sent you here"), "{path}");
    }
    assert_eq!(visit.subject().await.as_deref(), Some("ada"));
    assert_eq!(visit.cart().await, json!({ "rope": 1 }));
    assert_eq!(visit.cookie().await.unwrap().value(), cookie.value());
}

pub(crate) async fn s1_the_default_cookie_is_for_one_host(programs: Programs) {
    let visit = visit(programs, CookieSettings::default()).await;
    visit.log_in("ada", "lovelace").await;
    assert_eq!(visit.cookie().await.unwrap().name(), "__Host-Http-sid");

    visit.open_at(B, "/account").await;
    assert_eq!(visit.value("location.href").await, format!("{B}/login?next=/account"));
    assert_eq!(visit.cookie().await, None);
    assert_eq!(visit.subject().await.as_deref(), Some("ada"));
}

fn shared() -> CookieSettings {
    CookieSettings::default().shared_with_subdomains("example.test").unwrap()
}

/// Somebody at [`A`]; the same shop is at [`B`], and a page there that nothing is forbidden to.
///
/// The server runs inside of the trial, as the program has no option for its cookie.
async fn visit(programs: Programs, cookie: CookieSettings) -> Visit {
    let store = SharedStore::from(MemoryStore::new());
    let sessions = SessionLayer::new(store.clone()).with_cookie(cookie).with_devices();
    let tokens = Tokens::new(A, &TokenKeys::generate().unwrap(), Duration::from_secs(600)).unwrap();
    let site = Site::new(store, tokens).unwrap();
    let app: Router = app(site, sessions.unwrap()).unwrap();
    let app = app.route("/blank", get(async || Html("<!doctype html><title>Blank</title><body></body>")));

    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let certificate = self_signed(["a.example.test", "b.example.test"]).await.unwrap();
    tokio::spawn(serve(listener, Some(certificate), app, std::future::pending()));
    Stage::of_own(programs, A, address).visit().await
}
