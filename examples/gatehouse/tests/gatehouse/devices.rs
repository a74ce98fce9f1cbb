use serde_json::{Value, json};

use crate::{client::Browser, server::Server, token::challenges};

/// What `GET /devices` tells a program.
pub(crate) fn devices(browser: &Browser) -> Vec<Value> {
    let answer = browser.send("GET", "/devices", "Accept: application/json\r\n", "");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.field("content-type"), Some("application/json"));
    answer.json().as_array().unwrap().clone()
}

/// The handle of the session that the browser has.
pub(crate) fn own_handle(browser: &Browser) -> String {
    let devices = devices(browser);
    let mut own = devices.iter().filter(|device| device["current"] == true);
    let handle = own.next().unwrap()["handle"].as_str().unwrap().to_owned();
    assert!(own.next().is_none(), "two are the current one: {devices:?}");
    handle
}

/// A browser in which ada is logged in, and that says it is `user_agent`.
fn ada_with(server: &Server, user_agent: &str) -> Browser {
    let browser = server.browser();
    let fields = format!("Content-Type: application/x-www-form-urlencoded\r\nUser-Agent: {user_agent}\r\n");
    let answer = browser.send("POST", "/login", &fields, "username=ada&password=lovelace");
    assert_eq!(answer.status, 303, "{answer:?}");
    browser
}

fn ada(server: &Server) -> Browser {
    let browser = server.browser();
    assert_eq!(browser.log_in("ada", "lovelace").status, 303);
    browser
}

fn is_logged_in(browser: &Browser) -> bool {
    match browser.get("/api/me").status {
        200 => true,
        401 => false,
        status => panic!("{status}"),
    }
}

#[test]
fn a_program_is_told_every_device_in_full() {
    let server = Server::start(&["--idle-timeout", "600"]);
    let firefox = ada_with(&server, "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
    let nameless = ada(&server);
    assert_eq!(server.browser().log_in("alan", "turing").status, 303);

    let mut devices = devices(&firefox);
    devices.sort_by_key(|device| device["current"] == false);
    let [own, other] = &mut devices[..] else {
        panic!("not ada's two: {devices:?}");
    };
    for device in [&mut *own, &mut *other] {
        let handle = device["handle"].take();
        let handle = handle.as_str().unwrap();
        assert!(handle.len() == 32 && handle.bytes().all(|digit| digit.is_ascii_hexdigit()), "{handle}");
        let [logged_in, seen, ends] =
            ["logged_in_at", "last_seen_at", "ends_at"].map(|time| device[time].take().as_u64().unwrap());
        assert!(logged_in <= seen, "seen before the login: {logged_in}, {seen}");
        assert!((599..=630).contains(&(ends - logged_in)), "{logged_in}, {ends}");
    }
    let expected = |current: bool, user_agent: Value| {
        json!({
            "handle": null,
            "current": current,
            "user_agent": user_agent,
            "address": "127.0.0.1",
            "logged_in_at": null,
            "last_seen_at": null,
            "ends_at": null,
        })
    };
    let firefox = json!("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
    assert_eq!((&*own, &*other), (&expected(true, firefox), &expected(false, json!(null))));
    drop(nameless);
}

#[test]
fn the_page_names_each_device_and_marks_the_one_it_is_on() {
    let server = Server::start(&[]);
    let here = ada_with(&server, "Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36");
    let there = ada_with(&server, "curl/8.14.1");
    let page = here.get("/devices");
    assert_eq!((page.status, page.field("cache-control")), (200, Some("no-store")));
    assert_eq!(
        page.body.matches("Chrome on Linux <span class=\"badge\">this one</span>").count(),
        1,
        "{page:?}"
    );
    assert!(page.body.contains("<h2>curl</h2>"), "{page:?}");
    for browser in [&here, &there] {
        let form = format!("action=\"/devices/{}/revoke\"", own_handle(browser));
        assert_eq!(page.body.matches(&form).count(), 1, "{form} in {page:?}");
    }
}

#[test]
fn s58_what_a_browser_is_called_is_text_on_the_page() {
    let server = Server::start(&[]);
    let browser = ada_with(&server, "<script>alert(1)</script>");
    let page = browser.get("/devices").body;
    assert!(page.contains("&#60;script&#62;") && !page.contains("<script>alert"), "{page}");
}

#[test]
fn s58_a_revoked_device_is_logged_out_at_once() {
    let server = Server::start(&[]);
    let (here, there, third) = (ada(&server), ada(&server), ada(&server));
    let revoke = format!("/devices/{}/revoke", own_handle(&there));
    assert_eq!(here.post(&revoke, "").way(), (303, Some("/devices")));

    assert!(!is_logged_in(&there));
    assert!(is_logged_in(&here) && is_logged_in(&third));
    assert_eq!(devices(&here).len(), 2);
    assert_eq!(here.post(&revoke, "").status, 404, "it has ended already");
}

#[test]
fn s58_revoking_the_own_device_is_a_logout() {
    let server = Server::start(&[]);
    let (here, there) = (ada(&server), ada(&server));
    let thief = here.fork();
    let revoke = format!("/devices/{}/revoke", own_handle(&here));
    assert_eq!(here.post(&revoke, "").way(), (303, Some("/devices")));
    assert_eq!(here.cookie(), None);
    assert!(!is_logged_in(&thief) && is_logged_in(&there));
    assert_eq!(here.get("/devices").way(), (303, Some("/login?next=/devices")));
}

#[test]
fn s58_a_handle_of_somebody_elses_is_none() {
    let server = Server::start(&[]);
    let (ada, alan) = (ada(&server), server.browser());
    alan.log_in("alan", "turing");
    let of_alan = format!("/devices/{}/revoke", own_handle(&alan));
    let of_nobody = "/devices/00112233445566778899aabbccddeeff/revoke";
    let (his, nobodys) = (ada.post(&of_alan, ""), ada.post(of_nobody, ""));
    assert_eq!((his.status, nobodys.status), (404, 404));
    assert_eq!(his.body, nobodys.body, "whether somebody has it is nobody else's business");
    assert!(is_logged_in(&alan) && is_logged_in(&ada));
    assert_eq!(ada.post("/devices/of-alan/revoke", "").status, 400);
}

#[test]
fn s59_log_out_others_ends_all_but_this_one() {
    let server = Server::start(&[]);
    let (here, there, third) = (ada(&server), ada(&server), ada(&server));
    let alan = server.browser();
    alan.log_in("alan", "turing");
    here.post("/cart/rope", "");
    assert_eq!(here.post("/logout-others", "").way(), (303, Some("/devices")));
    assert!(!is_logged_in(&there) && !is_logged_in(&third));
    assert!(is_logged_in(&here) && is_logged_in(&alan));
    assert_eq!(here.get("/api/cart").json(), json!({ "rope": 1 }));
}

#[test]
fn s59_log_out_everywhere_ends_this_one_too() {
    let server = Server::start(&[]);
    let (here, there) = (ada(&server), ada(&server));
    let thief = here.fork();
    let alan = server.browser();
    alan.log_in("alan", "turing");
    assert_eq!(here.post("/logout-everywhere", "").way(), (303, Some("/")));
    assert_eq!(here.cookie(), None);
    assert!(!is_logged_in(&thief) && !is_logged_in(&there));
    assert!(is_logged_in(&alan));
    // One can come back.
    here.log_in("ada", "lovelace");
    assert_eq!(devices(&here).len(), 1);
}

#[test]
fn s90_who_is_not_logged_in_is_led_to_the_login_and_a_program_told_401() {
    let server = Server::start(&[]);
    let browser = server.browser();
    let navigation = "Accept: text/html\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Site: same-origin\r\n";
    let program = "Sec-Fetch-Mode: cors\r\nSec-Fetch-Site: same-origin\r\n";
    let revoke = "/devices/00112233445566778899aabbccddeeff/revoke";
    for (method, path, login) in [
        ("GET", "/devices", "/login?next=/devices"),
        // What changes something is not repeated by a link.
        ("POST", revoke, "/login"),
        ("POST", "/logout-others", "/login"),
        ("POST", "/logout-everywhere", "/login"),
    ] {
        assert_eq!(browser.send(method, path, navigation, "").way(), (303, Some(login)), "{method} {path}");
        let told = browser.send(method, path, program, "");
        assert_eq!(told.way(), (401, None), "{method} {path}");
        assert_eq!(told.field("x-rejection"), Some("unauthenticated"), "{method} {path}");
        assert_eq!(challenges(&told), ["Bearer", "Cookie realm=\"session\""], "{method} {path}");
    }
    assert_eq!(browser.cookie(), None);
}

#[test]
fn s57_a_login_beyond_the_limit_ends_the_first() {
    let server = Server::start(&["--session-limit", "2"]);
    let (first, second) = (ada(&server), ada(&server));
    let alan = server.browser();
    alan.log_in("alan", "turing");
    assert!(is_logged_in(&first) && is_logged_in(&second));

    let third = ada(&server);
    assert!(!is_logged_in(&first));
    assert!(is_logged_in(&second) && is_logged_in(&third) && is_logged_in(&alan));
    assert_eq!(devices(&third).len(), 2);
}
