use std::time::Duration;

use portcullis::{
    session::SessionLayer,
    store::{MemoryStore, SharedStore},
};
use portcullis_testkit::TestClock;

use crate::{client::Browser, devices::own_handle, inside::visited, server::Server};

fn logged_in(server: &Server, username: &str, password: &str) -> Browser {
    let browser = server.browser();
    assert_eq!(browser.log_in(username, password).status, 303);
    browser
}

#[test]
fn a_customer_is_told_so_and_not_led_to_the_login() {
    let server = Server::start(&[]);
    let ada = logged_in(&server, "ada", "lovelace");
    let (own, alan) = (own_handle(&ada), logged_in(&server, "alan", "turing"));
    let revoke = format!("/admin/ada/devices/{own}/revoke");
    for (method, path) in [("GET", "/admin"), ("POST", &revoke), ("POST", "/admin/alan/logout-everywhere")] {
        let answer = ada.send(method, path, "Accept: text/html\r\n", "");
        assert_eq!(answer.way(), (403, None), "{method} {path}");
        assert_eq!(answer.field("x-rejection"), Some("forbidden"), "{method} {path}");
        assert!(answer.body.contains("This is not for you"), "{method} {path}: {answer:?}");
        let program = ada.send(method, path, "", "");
        assert_eq!(program.status, 403, "{method} {path}");
        assert_eq!(program.body, "", "{method} {path}");
    }
    assert_eq!((ada.get("/api/me").status, alan.get("/api/me").status), (200, 200));
    assert!(!ada.get("/").body.contains("/admin"), "nor is she shown the way");
}

#[test]
fn nobody_is_led_to_the_login_and_a_program_told_401() {
    let server = Server::start(&[]);
    let nobody = server.browser();
    assert_eq!(nobody.get("/admin").way(), (303, Some("/login?next=/admin")));
    assert_eq!(nobody.post("/admin/ada/logout-everywhere", "").way(), (303, Some("/login")));
    let program = nobody.send("GET", "/admin", "Sec-Fetch-Mode: cors\r\n", "");
    assert_eq!((program.way(), program.field("x-rejection")), ((401, None), Some("unauthenticated")));
}

#[test]
fn an_administrator_sees_everybodys_devices_and_ends_one() {
    let server = Server::start(&[]);
    let (ada, hers_too) = (logged_in(&server, "ada", "lovelace"), logged_in(&server, "ada", "lovelace"));
    let alan = logged_in(&server, "alan", "turing");
    assert!(alan.get("/").body.contains("href=\"/admin\""));

    let page = alan.get("/admin");
    assert_eq!((page.status, page.field("cache-control")), (200, Some("no-store")));
    let revoke = format!("/admin/ada/devices/{}/revoke", own_handle(&ada));
    for form in [
        revoke.clone(),
        format!("/admin/ada/devices/{}/revoke", own_handle(&hers_too)),
        format!("/admin/alan/devices/{}/revoke", own_handle(&alan)),
        "/admin/ada/logout-everywhere".to_owned(),
    ] {
        assert_eq!(page.body.matches(&format!("action=\"{form}\"")).count(), 1, "{form} in {page:?}");
    }

    assert_eq!(alan.post(&revoke, "").way(), (303, Some("/admin")));
    assert_eq!((ada.get("/api/me").status, hers_too.get("/api/me").status), (401, 200));
    assert_eq!(alan.post(&revoke, "").status, 404, "it has ended already");
}

#[test]
fn a_handle_is_ended_only_under_the_name_whose_it_is() {
    let server = Server::start(&[]);
    let (ada, alan) = (logged_in(&server, "ada", "lovelace"), logged_in(&server, "alan", "turing"));
    let of_ada = own_handle(&ada);
    for name in ["alan", "nobody"] {
        let revoke = format!("/admin/{name}/devices/{of_ada}/revoke");
        assert_eq!(alan.post(&revoke, "").status, 404, "{name}");
    }
    assert_eq!(alan.post("/admin/nobody/logout-everywhere", "").status, 404);
    assert_eq!(ada.get("/api/me").status, 200);
}

#[test]
fn s59_an_administrator_logs_somebody_out_everywhere() {
    let server = Server::start(&[]);
    let (ada, hers_too) = (logged_in(&server, "ada", "lovelace"), logged_in(&server, "ada", "lovelace"));
    let alan = logged_in(&server, "alan", "turing");
    assert_eq!(alan.post("/admin/ada/logout-everywhere", "").way(), (303, Some("/admin")));
    for browser in [ada, hers_too] {
        assert_eq!(browser.get("/api/me").status, 401);
    }
    assert_eq!(alan.get("/api/me").status, 200);
    assert!(alan.get("/admin").body.contains("Logged in nowhere."));
}

#[test]
fn an_administrator_who_ends_their_own_is_led_to_the_login() {
    let server = Server::start(&[]);
    let alan = logged_in(&server, "alan", "turing");
    let revoke = format!("/admin/alan/devices/{}/revoke", own_handle(&alan));
    assert_eq!(alan.post(&revoke, "").way(), (303, Some("/admin")));
    assert_eq!(alan.get("/admin").way(), (303, Some("/login?next=/admin")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_minutes_after_the_login_an_administrator_is_asked_for_the_password_again() {
    let clock = TestClock::new();
    let store = SharedStore::from(MemoryStore::new().with_clock(clock.clone()));
    let sessions = SessionLayer::insecure_for_localhost(store.clone()).with_clock(clock.clone());
    visited(store, sessions.with_devices().unwrap(), move |alan| {
        alan.log_in("alan", "turing");
        clock.advance(Duration::from_secs(10 * 60));
        assert_eq!(alan.get("/admin").status, 200);

        clock.advance(Duration::from_secs(1));
        assert_eq!(alan.get("/admin").way(), (303, Some("/login?next=/admin")));
        assert_eq!(alan.post("/admin/ada/logout-everywhere", "").way(), (303, Some("/login")));
        let program = alan.send("GET", "/admin", "Sec-Fetch-Mode: cors\r\n", "");
        assert_eq!((program.status, program.field("x-rejection")), (401, Some("authentication_too_old")));
        assert_eq!(alan.get("/account").status, 200, "all else is as it was");

        alan.log_in("alan", "turing");
        assert_eq!(alan.get("/admin").status, 200);
    })
    .await;
}
