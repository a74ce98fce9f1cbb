use crate::server::Server;

#[test]
fn whoever_only_looks_gets_no_cookie() {
    let server = Server::start(&[]);
    let browser = server.browser();
    for path in
        ["/", "/login", "/compare", "/api/cart", "/healthz", "/readyz", "/assets/style.css", "/favicon.ico"]
    {
        assert_eq!(browser.get(path).status, 200, "{path}");
    }
    assert_eq!(browser.cookie(), None);
}

#[test]
fn nothing_that_shows_a_caller_is_kept_by_a_cache() {
    let server = Server::start(&[]);
    let browser = server.browser();
    for path in ["/", "/login", "/account", "/slow?ms=1", "/api/me", "/api/cart", "/nowhere"] {
        assert_eq!(browser.get(path).field("cache-control"), Some("no-store"), "{path}");
    }
    browser.log_in("ada", "lovelace");
    let account = browser.get("/account");
    assert_eq!(account.field("cache-control"), Some("no-store"));
    assert_eq!(account.field("x-content-type-options"), Some("nosniff"));
    assert_eq!(account.field("referrer-policy"), Some("same-origin"));
    let policy = account.field("content-security-policy").unwrap();
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
}

#[test]
fn the_theme_is_kept_and_given_back() {
    let server = Server::start(&[]);
    let browser = server.browser();
    assert_eq!(browser.post("/theme", "theme=dark&next=/login").way(), (303, Some("/login")));
    assert!(browser.get("/").body.contains("data-theme=\"dark\""));
    assert_eq!(browser.post("/theme", "theme=light").way(), (303, Some("/")));
    assert!(browser.get("/").body.contains("data-theme=\"light\""));
    browser.post("/theme", "theme=system");
    assert!(!browser.get("/").body.contains("data-theme"));
}

#[test]
fn what_is_malformed_is_the_clients_mistake() {
    let server = Server::start(&[]);
    let browser = server.browser();
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let large = format!("username=ada&password={}", "x".repeat(20_000));
    for (method, path, fields, body, expected) in [
        ("POST", "/login", form, "username=ada", 422),
        ("POST", "/login", form, "username=ada&password=%FF", 401),
        ("POST", "/login", "", "username=ada&password=lovelace", 415),
        ("POST", "/login", form, &large, 413),
        ("POST", "/theme", form, "theme=purple", 422),
        ("POST", "/theme", form, "", 422),
        ("POST", "/cart/%FF", "", "", 400),
        ("GET", "/slow?ms=-1", "", "", 400),
        ("GET", "/logout", "", "", 405),
        ("GET", "/nowhere", "", "", 404),
        ("GET", "/assets/..%2FCargo.toml", "", "", 404),
    ] {
        let answer = browser.send(method, path, fields, body);
        assert_eq!(answer.status, expected, "{method} {path}: {answer:?}");
    }
}
