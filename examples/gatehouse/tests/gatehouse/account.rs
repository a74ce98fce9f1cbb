use std::{thread, time::Duration};

use serde_json::json;

use crate::server::Server;

#[test]
fn a_program_is_told_who_it_calls_as() {
    let server = Server::start(&[]);
    let browser = server.browser();
    assert_eq!(browser.get("/api/me").status, 401);
    browser.log_in("ada", "lovelace");

    let me = browser.get("/api/me");
    assert_eq!(me.json(), json!({ "issuer": server.url, "subject": "ada", "roles": ["customer"] }));
    assert_eq!(me.field("x-credential"), Some("session"));
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
    let seconds: Vec<u64> = page
        .split("data-seconds=\"")
        .skip(1)
        .map(|rest| rest.split('"').next().unwrap().parse().unwrap())
        .collect();
    let [idle, absolute] = seconds[..] else {
        panic!("not two countdowns in {page}");
    };
    assert!((30..=60).contains(&idle), "{idle}");
    assert!((7_170..=7_200).contains(&absolute), "{absolute}");
}

#[test]
fn a_session_ends_by_itself() {
    let server = Server::start(&["--idle-timeout", "1", "--absolute-timeout", "1"]);
    let browser = server.browser();
    browser.log_in("ada", "lovelace");
    thread::sleep(Duration::from_millis(1_100));
    assert_eq!(browser.get("/api/me").status, 401);
}
