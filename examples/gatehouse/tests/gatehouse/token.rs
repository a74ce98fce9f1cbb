use std::{thread, time::Duration};

use portcullis::{
    bearer::VerifyToken,
    claims::ClaimsPolicy,
    jwt::{JwtKeys, JwtVerifier},
};
use serde_json::{Value, json};

use crate::{
    client::{Answer, Browser},
    server::Server,
};

pub(crate) const FORMATS: [&str; 2] = ["jwt", "paseto"];
const JSON: &str = "Content-Type: application/json\r\n";

/// What the server says to a program that logs in for a token.
pub(crate) fn ask(browser: &Browser, wanted: &Value) -> Answer {
    browser.send("POST", "/login/token", JSON, &wanted.to_string())
}

/// A token of ada's.
pub(crate) fn token(browser: &Browser, format: &str, scope: &str) -> String {
    token_of(browser, ("ada", "lovelace"), format, scope)
}

pub(crate) fn token_of(
    browser: &Browser,
    (username, password): (&str, &str),
    format: &str,
    scope: &str,
) -> String {
    let wanted = json!({ "username": username, "password": password, "format": format, "scope": scope });
    let answer = ask(browser, &wanted);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["access_token"].as_str().unwrap().to_owned()
}

/// A call with a token.
pub(crate) fn call(browser: &Browser, method: &str, path: &str, token: &str) -> Answer {
    browser.send(method, path, &format!("Authorization: Bearer {token}\r\n"), "")
}

pub(crate) fn challenges(answer: &Answer) -> Vec<&str> {
    answer.fields("www-authenticate").collect()
}

#[test]
fn a_login_is_answered_with_a_token_and_without_a_session() {
    let server = Server::start(&[]);
    for (format, begins) in [("jwt", "ey"), ("paseto", "v4.public.")] {
        for scope in [None, Some("orders:read")] {
            let browser = server.browser();
            let mut wanted = json!({ "username": "ada", "password": "lovelace", "format": format });
            if let Some(scope) = scope {
                wanted["scope"] = scope.into();
            }
            let answer = ask(&browser, &wanted);
            assert_eq!((answer.status, answer.field("content-type")), (200, Some("application/json")));
            assert_eq!((answer.field("cache-control"), answer.field("set-cookie")), (Some("no-store"), None));
            let mut told = answer.json();
            let token = told["access_token"].take();
            assert!(token.as_str().unwrap().starts_with(begins), "{format}");
            let mut expected =
                json!({ "access_token": null, "token_type": "Bearer", "expires_in": told["expires_in"] });
            if let Some(scope) = scope {
                expected["scope"] = scope.into();
            }
            assert_eq!(told, expected, "{format} with {scope:?}");
            assert_eq!(told["expires_in"], 600, "{told}");
            assert_eq!(browser.get("/api/me").status, 401, "nobody is logged in by it");
        }
    }
}

#[test]
fn t73_a_login_that_gets_no_token_is_told_why_as_json() {
    let server = Server::start(&[]);
    let browser = server.browser();
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let with = |name: &str, value: Value| {
        let mut wanted = json!({ "username": "ada", "password": "lovelace", "format": "jwt" });
        wanted[name] = value;
        wanted.to_string()
    };
    let sent = with("scope", json!(""));
    let rows: [(&str, &str, String, u16, &str); 16] = [
        ("a wrong password", JSON, with("password", json!("turing")), 401, "invalid_credentials"),
        ("nobody", JSON, with("username", json!("nobody")), 401, "invalid_credentials"),
        (
            "a wrong password and scope",
            JSON,
            json!({ "username": "ada", "password": "x", "format": "jwt", "scope": "?" }).to_string(),
            401,
            "invalid_credentials",
        ),
        ("an unknown scope", JSON, with("scope", json!("orders:write")), 400, "invalid_scope"),
        ("an administrator's scope", JSON, with("scope", json!("orders:read-all")), 400, "invalid_scope"),
        (
            "one of them beside one's own",
            JSON,
            with("scope", json!("orders:read orders:read-all")),
            400,
            "invalid_scope",
        ),
        ("what is no scope", JSON, with("scope", json!("\"\\\u{e9}")), 400, "invalid_scope"),
        ("an unknown format", JSON, with("format", json!("saml")), 422, "invalid_request"),
        ("a format in another case", JSON, with("format", json!("JWT")), 422, "invalid_request"),
        ("a password that is a number", JSON, with("password", json!(1)), 422, "invalid_request"),
        ("nothing of it", JSON, "{}".to_owned(), 422, "invalid_request"),
        ("an array", JSON, "[]".to_owned(), 422, "invalid_request"),
        ("no JSON", JSON, "{\"username\":".to_owned(), 400, "invalid_request"),
        ("no content type", "", sent.clone(), 415, "invalid_request"),
        ("a form", form, "username=ada&password=lovelace&format=jwt".to_owned(), 415, "invalid_request"),
        ("too much", JSON, with("scope", json!(" ".repeat(20_000))), 413, "invalid_request"),
    ];
    for (name, fields, body, status, error) in rows {
        let answer = browser.send("POST", "/login/token", fields, &body);
        assert_eq!(
            (answer.status, answer.field("content-type")),
            (status, Some("application/json")),
            "{name}: {answer:?}"
        );
        let told = answer.json();
        assert_eq!(told["error"], error, "{name}");
        assert!(told["error_description"].as_str().unwrap().len() > 10, "{name}: {told}");
        assert_eq!(
            (answer.field("cache-control"), answer.field("set-cookie")),
            (Some("no-store"), None),
            "{name}"
        );
        assert!(!answer.body.contains("lovelace"), "{name}: {answer:?}");
    }
    let [wrong_password, wrong_name] = [with("password", json!("turing")), with("username", json!("nobody"))]
        .map(|body| browser.send("POST", "/login/token", JSON, &body).body);
    assert_eq!(wrong_password, wrong_name);
    assert_eq!(browser.get("/login/token").status, 405);
}

#[test]
fn t80_a_token_of_either_format_is_the_same_person_as_the_session() {
    let server = Server::start(&[]);
    let browser = server.browser();
    browser.log_in("ada", "lovelace");
    let by_session = browser.get("/api/me");
    assert_eq!((by_session.status, by_session.field("x-credential")), (200, Some("session")));
    for format in FORMATS {
        let stranger = server.browser();
        let me = call(&stranger, "GET", "/api/me", &token(&stranger, format, ""));
        assert_eq!((me.status, me.field("x-credential")), (200, Some(format)));
        assert_eq!(me.body, by_session.body, "to the byte");
        assert_eq!(me.field("content-type"), by_session.field("content-type"));
        assert_eq!((me.field("set-cookie"), me.field("cache-control")), (None, Some("no-store")));
    }
}

#[test]
fn t66_nobody_is_told_of_both_ways_to_be_somebody() {
    let server = Server::start(&[]);
    let nobody = server.browser();
    for path in ["/api/me", "/api/orders", "/api/orders/all"] {
        let answer = nobody.get(path);
        assert_eq!(
            (answer.status, challenges(&answer)),
            (401, vec!["Bearer", "Cookie realm=\"session\""]),
            "{path}"
        );
    }
    for path in ["/api/token/revoke", "/api/logout-everywhere"] {
        assert_eq!(nobody.post(path, "").status, 401, "{path}");
    }
}

#[test]
fn t10_a_token_that_is_not_accepted_is_never_taken_for_none() {
    let server = Server::start(&[]);
    let ada = server.browser();
    ada.log_in("ada", "lovelace");
    let good = token(&ada, "jwt", "orders:read");
    let other = Server::start(&["--public-origin", &server.url]);
    let (head, _signature) = good.rsplit_once('.').unwrap();
    let rows = [
        ("no token at all", "stolen".to_owned()),
        ("a signature of nothing", format!("{head}.")),
        ("a signature of something else", format!("{head}.{}", "A".repeat(86))),
        ("somebody else's keys", token(&other.browser(), "jwt", "orders:read")),
        ("somebody else's keys, the other format", token(&other.browser(), "paseto", "orders:read")),
    ];
    for (name, token) in rows {
        for path in ["/api/me", "/api/orders", "/", "/account"] {
            let answer = call(&ada, "GET", path, &token);
            assert_eq!(answer.status, 401, "{name} at {path}");
            assert_eq!(challenges(&answer), ["Bearer error=\"invalid_token\""], "{name} at {path}");
        }
    }
    assert_eq!(ada.get("/api/me").status, 200);
}

#[test]
fn t2_t7_a_token_is_in_one_field_and_nowhere_else() {
    let server = Server::start(&[]);
    let stranger = server.browser();
    let good = token(&stranger, "jwt", "orders:read");
    let twice = format!("Authorization: Bearer {good}\r\n").repeat(2);
    assert_eq!(stranger.send("GET", "/api/me", &twice, "").status, 400);
    assert_eq!(stranger.get(&format!("/api/me?access_token={good}")).status, 401);
    assert_eq!(stranger.post("/api/token/revoke", &format!("access_token={good}")).status, 401);
}

#[test]
fn t67_orders_are_shown_to_a_session_and_to_a_token_with_the_scope() {
    let server = Server::start(&[]);
    let (ada, stranger) = (server.browser(), server.browser());
    ada.log_in("ada", "lovelace");
    let orders = ada.get("/api/orders");
    assert_eq!(orders.status, 200);
    let listed = orders.json();
    let by: Vec<_> = listed.as_array().unwrap().iter().map(|order| order["by"].as_str().unwrap()).collect();
    assert_eq!(by, ["ada", "ada"]);
    assert_eq!(
        listed[0],
        json!({ "number": 1843, "by": "ada", "items": { "lantern": 1, "map": 2 }, "total": "£48.00" })
    );
    for format in FORMATS {
        let with_scope = call(&stranger, "GET", "/api/orders", &token(&stranger, format, "orders:read"));
        assert_eq!((with_scope.status, &*with_scope.body), (200, &*orders.body), "{format}");
        let without = call(&stranger, "GET", "/api/orders", &token(&stranger, format, ""));
        assert_eq!(without.status, 403, "{format}");
        assert_eq!(
            challenges(&without),
            ["Bearer error=\"insufficient_scope\", scope=\"orders:read\""],
            "{format}"
        );
        assert_eq!(without.field("x-rejection"), Some("insufficient_scope"), "{format}");
    }
}

#[test]
fn t67_everybodys_orders_are_for_a_token_that_was_made_for_it() {
    let server = Server::start(&[]);
    let alan = server.browser();
    alan.log_in("alan", "turing");
    assert_eq!(alan.get("/api/orders/all").status, 403, "a session grants nothing");
    let stranger = server.browser();
    for format in FORMATS {
        let all = token_of(&stranger, ("alan", "turing"), format, "orders:read-all");
        let orders = call(&stranger, "GET", "/api/orders/all", &all);
        assert_eq!((orders.status, orders.json().as_array().unwrap().len()), (200, 3), "{format}");
        assert_eq!(call(&stranger, "GET", "/api/orders", &all).status, 403, "{format}: another scope");
    }
}

#[test]
fn a_token_does_not_open_what_is_for_people() {
    let server = Server::start(&[]);
    let stranger = server.browser();
    for format in FORMATS {
        let alans = token_of(&stranger, ("alan", "turing"), format, "orders:read orders:read-all");
        for (method, path) in [
            ("GET", "/admin"),
            ("POST", "/admin/ada/logout-everywhere"),
            ("GET", "/devices"),
            ("POST", "/logout-others"),
            ("POST", "/logout-everywhere"),
        ] {
            assert_eq!(call(&stranger, method, path, &alans).status, 403, "{method} {path} by {format}");
        }
        assert_eq!(
            call(&stranger, "GET", "/account", &alans).way(),
            (303, Some("/login?next=/account")),
            "{format}"
        );
    }
}

#[test]
fn t46_a_token_ends() {
    let server = Server::start(&["--access-ttl", "1"]);
    let browser = server.browser();
    let tokens = FORMATS.map(|format| token(&browser, format, ""));
    for token in &tokens {
        assert_eq!(call(&browser, "GET", "/api/me", token).status, 200);
    }
    // The second of its end still counts for a PASETO, and eleven more for the leeway.
    thread::sleep(Duration::from_millis(13_100));
    for token in &tokens {
        let answer = call(&browser, "GET", "/api/me", token);
        assert_eq!((answer.status, challenges(&answer)), (401, vec!["Bearer error=\"invalid_token\""]));
    }
}

#[tokio::test]
async fn anybody_verifies_a_jwt_by_the_published_keys_and_nobody_makes_one() {
    let server = Server::start(&[]);
    let browser = server.browser();
    let published = browser.get("/.well-known/jwks.json");
    assert_eq!((published.status, published.field("content-type")), (200, Some("application/jwk-set+json")));
    assert_eq!(published.field("cache-control"), Some("public, max-age=300"));
    let keys = published.json();
    let [key] = &keys["keys"].as_array().unwrap()[..] else {
        panic!("not one key: {keys}");
    };
    assert_eq!((&key["kty"], key.get("d"), key.get("paserk")), (&json!("OKP"), None, None), "{key}");

    let policy = ClaimsPolicy::new(&*server.url, format!("{}/api", server.url));
    let verifier = JwtVerifier::new(JwtKeys::from_public_jwks(&published.body).unwrap(), policy);
    let token = token(&browser, "jwt", "orders:read");
    let verified = verifier.verify(&token).done().await.unwrap();
    assert_eq!((verified.subject(), verified.has_scope("orders:read")), (Some("ada"), true));
}

#[test]
fn tokens_and_passwords_are_in_no_log() {
    for format in FORMATS {
        let mut server = Server::start(&["--log-format", "json"]);
        let browser = server.browser();
        let token = token(&browser, format, "orders:read");
        ask(&browser, &json!({ "username": "ada", "password": "typed-wrongly", "format": format }));
        call(&browser, "GET", "/api/me", &token);
        call(&browser, "GET", "/api/me", &format!("{token}x"));
        call(&browser, "POST", "/api/token/revoke", &token);
        call(&browser, "GET", "/api/me", &token);
        server.terminate();
        server.wait();
        let log = server.log();
        assert!(log.contains("bearer.refused"), "{log}");
        let secret = &token[token.len() - 40..];
        for hidden in [secret, "lovelace", "typed-wrongly"] {
            assert!(!log.contains(hidden), "{hidden} in {log}");
        }
    }
}
