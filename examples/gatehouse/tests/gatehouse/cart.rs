use std::thread;

use serde_json::json;

use crate::server::Server;

#[test]
fn a_cart_survives_the_login_under_a_new_cookie() {
    let server = Server::start(&[]);
    let browser = server.browser();
    assert_eq!(browser.post("/cart/rope", "").way(), (303, Some("/")));
    assert_eq!(browser.post("/cart/rope", "").way(), (303, Some("/")));
    let before = browser.cookie();

    assert_eq!(browser.log_in("ada", "lovelace").status, 303);
    assert_ne!(browser.cookie(), before);
    assert_eq!(browser.get("/api/cart").json(), json!({ "rope": 2 }));
}

#[test]
fn somebody_elses_cart_stays_behind() {
    let server = Server::start(&[]);
    let browser = server.browser();
    browser.log_in("ada", "lovelace");
    browser.post("/cart/rope", "");
    browser.log_in("alan", "turing");
    assert_eq!(browser.get("/api/cart").json(), json!({}));
}

#[test]
fn tabs_that_add_at_once_lose_nothing() {
    let server = Server::start(&[]);
    let browser = server.browser();
    browser.post("/cart/map", "");
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..10 {
                    assert_eq!(browser.post("/cart/map", "").status, 303);
                }
            });
        }
    });
    assert_eq!(browser.get("/api/cart").json(), json!({ "map": 81 }));
}

#[test]
fn an_unknown_item_is_not_found_and_begins_no_session() {
    let server = Server::start(&[]);
    let browser = server.browser();
    assert_eq!(browser.post("/cart/unicorn", "").status, 404);
    assert_eq!(browser.cookie(), None);
}
