use std::{thread, time::Duration};

use serde_json::json;

use crate::server::Server;

#[test]
fn a_program_is_told_who_it_calls_as() {
    let server = Server::start(&["--idle-timeout", "600"]);
    let browser = server.browser();
    assert_eq!(browser.get("/api/me").status, 401);
    browser.log_in("ada", "lovelace");

    let mut me = browser.get("/api/me").json();
    let mut take = |key: &str| me.as_object_mut().unwrap().remove(key).unwrap().as_u64().unwrap();
    let (authenticated_at, expires_at) = (take("authenticated_at"), take("expires_at"));
    assert!((598..=602).contains(&(expires_at - authenticated_at)), "{me}");
    let expected = json!({ "issuer": server.url, "subject": "ada", "credential": "session", "amr": ["pwd"] });
    assert_eq!(me, expected);
}

#[test]
fn the_public_origin_is_the_issuer() {
    let server = Server::start(&["--public-origin", "http://localhost:1234"]);
    let browser = server.browser();
    browser.log_in("ada", "lovelace");
    assert_eq!(browser.get("/api/me").json()["issuer"], "http://localhost:1234");
}

#[test]
fn the_account_shows_what_is_left_of_both_timeouts() {
    let server = Server::start(&["--idle-timeout", "60", "--absolute-timeout", "7200"]);
    let browser = server.browser();
    browser.log_in("ada", "lovelace");
    let page = browser.get("/account").body;
    assert!(page.contains("1 h 59 min"), "{page}");
    assert!(
        page.contains("data-seconds=\"59\"") || page.contains("data-seconds=\"60\""),
        "{page}"
    );
}

#[test]
fn a_session_ends_by_itself() {
    let server = Server::start(&["--idle-timeout", "1", "--absolute-timeout", "1"]);
    let browser = server.browser();
    browser.log_in("ada", "lovelace");
    thread::sleep(Duration::from_millis(1_100));
    assert_eq!(browser.get("/api/me").status, 401);
}
