use serde_json::json;

use crate::{
    client::{Answer, Browser},
    server::Server,
};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

fn ada(server: &Server) -> Browser {
    let browser = server.browser();
    browser.post("/cart/rope", "");
    assert_eq!(browser.log_in("ada", "lovelace").status, 303);
    browser
}

fn assert_refused(answer: &Answer, what: &str) {
    assert_eq!(answer.way(), (403, None), "{what}");
    assert_eq!(answer.field("x-rejection"), Some("cross_origin"), "{what}");
    assert_eq!(answer.field("set-cookie"), None, "{what}");
}

#[test]
fn s62_what_another_origin_asks_with_the_cookie_is_refused_and_nothing_is_done() {
    let server = Server::start(&[]);
    let browser = ada(&server);
    let cookie = browser.cookie();
    let evil = "Origin: http://evil.example\r\nSec-Fetch-Site: cross-site\r\n";
    let sibling = "Origin: http://127.0.0.1:1\r\nSec-Fetch-Site: same-site\r\n";
    let old_browser = "Origin: http://evil.example\r\n";
    let opaque = "Origin: null\r\n";
    for from in [evil, sibling, old_browser, opaque] {
        for (path, body) in [
            ("/cart/lantern", ""),
            ("/theme", "theme=dark"),
            ("/login", "username=alan&password=turing"),
            ("/logout", ""),
            ("/logout-others", ""),
            ("/logout-everywhere", ""),
        ] {
            let what = format!("{path} with {from:?}");
            assert_refused(&browser.send("POST", path, &format!("{FORM}{from}"), body), &what);
        }
    }
    assert_eq!(browser.cookie(), cookie);
    assert_eq!(browser.get("/api/me").json()["subject"], "ada");
    assert_eq!(browser.get("/api/cart").json(), json!({ "rope": 1 }));
    assert!(!browser.get("/").body.contains("data-theme"));
}

#[test]
fn s62_what_the_sites_own_pages_and_programs_ask_is_done() {
    let server = Server::start(&[]);
    let browser = ada(&server);
    let own = format!("Origin: {}\r\n", server.url);
    for from in ["Sec-Fetch-Site: same-origin\r\n", "Sec-Fetch-Site: none\r\n", &own, ""] {
        assert_eq!(browser.send("POST", "/cart/rope", from, "").way(), (303, Some("/")), "{from:?}");
    }
    assert_eq!(browser.get("/api/cart").json(), json!({ "rope": 5 }));
}

#[test]
fn s62_a_link_from_another_site_is_followed() {
    let server = Server::start(&[]);
    let browser = ada(&server);
    let link = "Accept: text/html\r\nSec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n";
    assert!(browser.send("GET", "/account", link, "").body.contains("Ada Lovelace"));
}

#[test]
fn s62_a_browser_is_shown_a_page_and_a_program_the_reason_alone() {
    let server = Server::start(&[]);
    let browser = ada(&server);
    let from = "Sec-Fetch-Site: cross-site\r\n";
    let page = browser.send("POST", "/logout", &format!("Accept: text/html\r\n{from}"), "");
    assert_refused(&page, "the page");
    assert_eq!(page.field("content-type"), Some("text/html; charset=utf-8"));
    assert!(page.body.contains("<h1>Another site sent you here</h1>"), "{page:?}");
    let program = browser.send("POST", "/logout", from, "");
    assert_refused(&program, "without a page");
    assert_eq!(program.body, "");
}

#[test]
fn s66_without_the_cookie_another_origin_begins_no_session() {
    let server = Server::start(&[]);
    for from in ["cross-site", "same-site"] {
        let browser = server.browser();
        let fields = format!("{FORM}Sec-Fetch-Site: {from}\r\n");
        for (path, body) in [
            ("/cart/lantern", ""),
            ("/theme", "theme=dark"),
            // Who is logged in as the attacker enters what the attacker reads.
            ("/login", "username=alan&password=turing"),
        ] {
            assert_refused(&browser.send("POST", path, &fields, body), &format!("{path} from {from}"));
        }
        // There is nothing to end, and nothing to keep from anybody.
        let logout = browser.send("POST", "/logout", &fields, "");
        assert_eq!((logout.way(), logout.field("set-cookie")), ((303, Some("/")), None), "{from}");
        assert_eq!(browser.cookie(), None);
        assert_eq!(browser.get("/api/cart").json(), json!({}));
    }
}

#[test]
fn s63_without_a_public_origin_the_requests_host_is_compared_and_with_one_that() {
    let public = "http://localhost:1234";
    for (arguments, is_found_at_its_address) in
        [(&[] as &[&str], true), (&["--public-origin", public], false)]
    {
        let server = Server::start(arguments);
        let browser = ada(&server);
        for (origin, is_own) in [(&*server.url, is_found_at_its_address), (public, !is_found_at_its_address)]
        {
            let answer = browser.send("POST", "/cart/rope", &format!("Origin: {origin}\r\n"), "");
            if is_own {
                assert_eq!(answer.way(), (303, Some("/")), "{origin} with {arguments:?}");
            } else {
                assert_refused(&answer, &format!("{origin} with {arguments:?}"));
            }
        }
        assert_eq!(browser.get("/api/cart").json(), json!({ "rope": 2 }));
    }
}

#[test]
fn s62_every_node_checks() {
    let server = Server::start(&["--nodes", "2", "--store", "memory:shared"]);
    let browser = ada(&server);
    for _ in 0..2 {
        let answer = browser.send("POST", "/cart/lantern", "Sec-Fetch-Site: same-site\r\n", "");
        assert_eq!((answer.status, answer.field("x-rejection")), (403, Some("cross_origin")));
    }
    assert_eq!(browser.get("/api/cart").json(), json!({ "rope": 1 }));
}
