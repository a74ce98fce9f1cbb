use crate::{
    client::{Answer, Browser},
    server::Server,
    token::{call, token},
};

const APP: &str = "http://app.example";
const OTHER: &str = "https://other.example:8443";
const EVIL: &str = "http://evil.example";

fn start() -> Server {
    Server::start(&["--allow-origin", APP, "--allow-origin", OTHER])
}

fn preflight(browser: &Browser, path: &str, origin: &str, method: &str) -> Answer {
    let fields = format!(
        "Origin: {origin}\r\nAccess-Control-Request-Method: {method}\r\nAccess-Control-Request-Headers: \
         authorization,content-type\r\n"
    );
    browser.send("OPTIONS", path, &fields, "")
}

fn allowed(answer: &Answer) -> Option<&str> {
    assert_eq!(answer.field("access-control-allow-credentials"), None, "{answer:?}");
    answer.field("access-control-allow-origin")
}

#[test]
fn an_allowed_origin_may_ask_with_a_token() {
    let server = start();
    let browser = server.browser();
    for origin in [APP, OTHER] {
        for (path, method) in [
            ("/api/me", "GET"),
            ("/api/orders", "GET"),
            ("/api/token/revoke", "POST"),
            ("/login/token", "POST"),
        ] {
            let answer = preflight(&browser, path, origin, method);
            assert_eq!((answer.status, allowed(&answer)), (200, Some(origin)), "{path}");
            assert_eq!(
                answer.field("access-control-allow-headers"),
                Some("authorization,content-type"),
                "{path}"
            );
            assert!(answer.field("access-control-allow-methods").unwrap().contains(method), "{path}");
            assert!(answer.fields("vary").any(|vary| vary.contains("origin")), "{path}: {answer:?}");
        }
    }
    for (path, origin) in
        [("/api/me", EVIL), ("/api/me", "null"), ("/api/me", "http://app.example:81"), ("/login/token", EVIL)]
    {
        assert_eq!(allowed(&preflight(&browser, path, origin, "GET")), None, "{origin}");
    }
}

#[test]
fn what_is_refused_is_told_to_an_allowed_origin_too() {
    let server = start();
    let browser = server.browser();
    let json = "Content-Type: application/json\r\n";
    let wrong = "{\"username\":\"ada\",\"password\":\"turing\",\"format\":\"jwt\"}";
    let rows = [
        ("nobody", "GET", "/api/me", "", "", 401),
        ("a bad token", "GET", "/api/me", "Authorization: Bearer x\r\n", "", 401),
        ("two tokens", "GET", "/api/me", "Authorization: Bearer x\r\nAuthorization: Bearer x\r\n", "", 400),
        ("nobody's orders", "GET", "/api/orders", "", "", 401),
        ("a wrong password", "POST", "/login/token", json, wrong, 401),
        ("no JSON", "POST", "/login/token", json, "{", 400),
        ("a wrong method", "PUT", "/api/me", "", "", 405),
    ];
    for (name, method, path, fields, body, status) in rows {
        for (origin, expected) in [(APP, Some(APP)), (EVIL, None)] {
            let answer = browser.send(method, path, &format!("{fields}Origin: {origin}\r\n"), body);
            assert_eq!((answer.status, allowed(&answer)), (status, expected), "{name} from {origin}");
        }
    }
    let answer = browser.send("GET", "/api/me", &format!("Origin: {APP}\r\n"), "");
    let exposed = answer.field("access-control-expose-headers").unwrap();
    assert!(exposed.contains("www-authenticate") && exposed.contains("x-credential"), "{exposed}");
}

#[test]
fn pages_and_keys_are_for_their_own_origin() {
    let server = start();
    let browser = server.browser();
    for path in [
        "/",
        "/login",
        "/account",
        "/token",
        "/cart/rope",
        "/theme",
        "/logout",
        "/devices",
        "/admin",
        "/nowhere",
    ] {
        assert_eq!(allowed(&preflight(&browser, path, APP, "POST")), None, "{path}");
        assert_eq!(allowed(&browser.send("GET", path, &format!("Origin: {APP}\r\n"), "")), None, "{path}");
    }
}

#[test]
fn an_allowed_origin_wins_nothing_by_the_cookie() {
    let server = start();
    let ada = server.browser();
    ada.log_in("ada", "lovelace");
    // A browser sends it only from the same site, and shows the answer to no script.
    let fields = format!("Origin: {APP}\r\nSec-Fetch-Site: same-site\r\n");
    assert_eq!(allowed(&ada.send("GET", "/api/me", &fields, "")), Some(APP));
    let answer = ada.send("POST", "/api/logout-everywhere", &fields, "");
    assert_eq!((answer.status, answer.field("x-rejection")), (403, Some("cross_origin")));
    assert_eq!(ada.get("/api/me").status, 200);

    // With a token it is no matter where a request comes from.
    let stranger = server.browser();
    let token = token(&stranger, "jwt", "");
    let fields = format!("{fields}Authorization: Bearer {token}\r\n");
    assert_eq!(ada.send("POST", "/api/token/revoke", &fields, "").status, 204);
    assert_eq!(call(&stranger, "GET", "/api/me", &token).status, 401);
}

#[test]
fn without_the_option_no_other_origin_is_allowed() {
    let server = Server::start(&[]);
    let browser = server.browser();
    for (path, method) in [("/api/me", "GET"), ("/login/token", "POST")] {
        let answer = preflight(&browser, path, APP, method);
        assert!(answer.status >= 400, "{answer:?}");
        assert_eq!(allowed(&answer), None);
        assert_eq!(allowed(&browser.send(method, path, &format!("Origin: {APP}\r\n"), "")), None);
    }
}
