use crate::{client::Browser, server::Server};

#[test]
fn the_hostile_page_is_another_origin_that_may_talk_to_the_shop_alone() {
    let server = Server::start(&["--attacker", "127.0.0.1:0"]);
    let attacker = server.attacker().unwrap();
    assert_ne!(attacker, server.url);
    let browser = Browser::new(attacker.strip_prefix("http://").unwrap());

    let page = browser.get("/");
    assert_eq!(page.status, 200);
    let policy = page.field("content-security-policy").unwrap();
    for talks in ["form-action", "frame-src", "connect-src"] {
        assert!(policy.contains(&format!("{talks} {};", server.url)), "{talks} in {policy}");
    }
    for path in ["/cart/lantern", "/theme", "/login", "/logout"] {
        let form = format!("action=\"{}{path}\"", server.url);
        assert!(page.body.contains(&form), "{form} in {page:?}");
    }
    // The same machine by another name is another site.
    let port = attacker.rsplit(':').next().unwrap();
    for link in [format!("http://localhost:{port}/"), format!("http://127.0.0.1:{port}/")] {
        assert!(page.body.contains(&format!("href=\"{link}\"")), "{link} in {page:?}");
    }
    for asset in ["attacker.css", "attacker.js", "attacker.svg", "style.css"] {
        assert!(page.body.contains(&format!("/assets/{asset}\"")), "{asset} in {page:?}");
        assert_eq!(browser.get(&format!("/assets/{asset}")).status, 200, "{asset}");
    }
    assert_eq!(browser.get("/login").status, 404, "none of the shop");
}

#[test]
fn nobody_attacks_unasked() {
    let server = Server::start(&[]);
    assert_eq!(server.attacker(), None);
    assert_eq!(server.browser().get("/assets/attacker.js").status, 404);
}

#[test]
fn both_servers_stop_when_asked_to() {
    let mut server = Server::start(&["--attacker", "127.0.0.1:0"]);
    let attacker = Browser::new(server.attacker().unwrap().strip_prefix("http://").unwrap());
    let _idle = (server.browser().connect(), attacker.connect());
    server.terminate();
    assert_eq!(server.wait(), Some(0));
}
