use std::{thread, time::Duration};

use crate::{devices::devices, server::Server};

#[test]
fn the_right_password_leads_to_the_account() {
    let server = Server::start(&[]);
    let browser = server.browser();
    assert_eq!(browser.get("/account").way(), (303, Some("/login?next=/account")));
    assert_eq!(browser.log_in("ada", "lovelace").way(), (303, Some("/account")));
    let account = browser.get("/account");
    assert_eq!(account.status, 200);
    assert!(account.body.contains("Ada Lovelace") && account.body.contains("customer"));
}

#[test]
fn an_admin_is_shown_as_one() {
    let server = Server::start(&[]);
    let browser = server.browser();
    browser.log_in("alan", "turing");
    assert!(browser.get("/account").body.contains("admin"));
}

#[test]
fn a_wrong_name_and_a_wrong_password_are_answered_alike() {
    let server = Server::start(&[]);
    let browser = server.browser();
    let wrong_password = browser.log_in("ada", "turing");
    let wrong_name = browser.log_in("nobody", "lovelace");
    assert_eq!((wrong_password.status, wrong_name.status), (401, 401));
    assert_eq!(wrong_password.body, wrong_name.body);
    assert!(wrong_name.body.contains("Username or password is wrong."));
    assert_eq!(browser.cookie(), None);
}

#[test]
fn the_way_after_the_login_leads_nowhere_else() {
    let server = Server::start(&[]);
    for (next, expected) in [
        ("/slow", "/slow"),
        ("/slow%3Fms%3D1", "/slow?ms=1"),
        ("", "/account"),
        ("https://evil.example", "/account"),
        ("//evil.example", "/account"),
        ("/%5Cevil.example", "/account"),
        ("/%09/evil.example", "/account"),
        ("/%0D%0ASet-Cookie:%20sid=planted", "/account"),
    ] {
        let form = format!("username=ada&password=lovelace&next={next}");
        assert_eq!(server.browser().post("/login", &form).way(), (303, Some(expected)), "{next}");
    }
}

#[test]
fn the_login_page_keeps_a_local_way_and_escapes_it() {
    let server = Server::start(&[]);
    let page = server.browser().get("/login?next=/slow%22%3E%3Cscript%3E").body;
    assert!(page.contains("value=\"/slow&#34;&#62;&#60;script&#62;\""), "{page}");
    let page = server.browser().get("/login?next=//evil.example").body;
    assert!(page.contains("value=\"/account\""), "{page}");
}

#[test]
fn s12_who_is_remembered_has_a_cookie_for_thirty_days_and_nobody_else() {
    let server = Server::start(&["--idle-timeout", "600"]);
    for (ticked, max_age) in [("", None), ("&remember=on", Some("Max-Age=2592000"))] {
        let browser = server.browser();
        let login = browser.post("/login", &format!("username=ada&password=lovelace{ticked}"));
        let cookie = login.field("set-cookie").unwrap();
        let lifetime = cookie.split("; ").find(|attribute| attribute.starts_with("Max-Age="));
        assert_eq!(lifetime, max_age, "{cookie}");

        let me = browser.get("/api/me");
        assert_eq!(me.field("set-cookie"), None, "the cookie's end is set once");
        let own = devices(&browser).into_iter().find(|device| device["current"] == true).unwrap();
        let lasts = own["ends_at"].as_u64().unwrap() - own["logged_in_at"].as_u64().unwrap();
        let expected = if max_age.is_some() { 2_591_990..=2_592_000 } else { 590..=630 };
        assert!(expected.contains(&lasts), "{lasts} with {ticked:?}");
    }
}

#[test]
fn logout_stays_logged_out_with_the_old_cookie_too() {
    let server = Server::start(&[]);
    let browser = server.browser();
    browser.log_in("ada", "lovelace");
    let thief = browser.fork();
    assert_eq!(browser.post("/logout", "").way(), (303, Some("/")));
    assert_eq!(browser.cookie(), None);
    for browser in [browser, thief] {
        assert_eq!(browser.get("/api/me").status, 401);
        assert_eq!(browser.get("/account").way(), (303, Some("/login?next=/account")));
    }
}

#[test]
fn a_slower_request_does_not_undo_the_logout() {
    let server = Server::start(&[]);
    let browser = server.browser();
    browser.log_in("ada", "lovelace");
    let other_tab = browser.fork();
    let slow = thread::spawn(move || (other_tab.get("/slow?ms=1000"), other_tab));
    thread::sleep(Duration::from_millis(300));
    browser.post("/logout", "");

    let (answer, other_tab) = slow.join().unwrap();
    assert_eq!(answer.status, 409);
    assert!(answer.body.contains("You were logged out meanwhile"), "{answer:?}");
    assert_eq!(answer.field("set-cookie"), None);
    assert_eq!(other_tab.get("/api/me").status, 401);
}
