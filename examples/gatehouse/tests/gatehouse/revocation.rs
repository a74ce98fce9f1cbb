use std::time::Duration;

use portcullis::{session::SessionLayer, store::MemoryStore};
use portcullis_core::StoreErrorKind;
use portcullis_testkit::{Fault, FaultyStore, Operation};

use crate::{
    client::Browser,
    inside::visited,
    server::Server,
    token::{FORMATS, call, challenges, token, token_of},
};

fn status(browser: &Browser, token: &str) -> u16 {
    call(browser, "GET", "/api/me", token).status
}

#[test]
fn a_revoked_token_is_refused_at_once_and_no_other() {
    let server = Server::start(&[]);
    let (ada, stranger) = (server.browser(), server.browser());
    ada.log_in("ada", "lovelace");
    for format in FORMATS {
        let (revoked, other) = (token(&stranger, format, ""), token(&stranger, format, ""));
        let answer = call(&stranger, "POST", "/api/token/revoke", &revoked);
        assert_eq!((answer.status, &*answer.body), (204, ""), "{format}");

        let refused = call(&stranger, "GET", "/api/me", &revoked);
        assert_eq!(
            (refused.status, challenges(&refused)),
            (401, vec!["Bearer error=\"invalid_token\""]),
            "{format}"
        );
        assert_eq!(call(&stranger, "POST", "/api/token/revoke", &revoked).status, 401, "{format}");
        assert_eq!((status(&stranger, &other), ada.get("/api/me").status), (200, 200), "{format}");
    }
}

#[test]
fn a_session_has_no_token_to_revoke() {
    let server = Server::start(&[]);
    let ada = server.browser();
    ada.log_in("ada", "lovelace");
    let answer = ada.post("/api/token/revoke", "");
    assert_eq!((answer.status, answer.json()["error"].as_str()), (400, Some("invalid_request")));
    assert_eq!(ada.get("/api/me").status, 200);
}

#[test]
fn a_logout_everywhere_ends_tokens_and_sessions_and_not_what_is_made_right_after() {
    let server = Server::start(&[]);
    let stranger = server.browser();
    let alans = token_of(&stranger, ("alan", "turing"), "jwt", "");
    for way in ["the page", "the interface by a session", "the interface by a token", "an administrator"] {
        let (here, there, alan) = (server.browser(), server.browser(), server.browser());
        for browser in [&here, &there] {
            assert_eq!(browser.log_in("ada", "lovelace").status, 303);
        }
        alan.log_in("alan", "turing");
        let before = FORMATS.map(|format| token(&stranger, format, ""));
        let answer = match way {
            "the page" => here.post("/logout-everywhere", ""),
            "the interface by a session" => here.post("/api/logout-everywhere", ""),
            "the interface by a token" => call(&stranger, "POST", "/api/logout-everywhere", &before[0]),
            _ => alan.post("/admin/ada/logout-everywhere", ""),
        };
        assert!(matches!(answer.status, 303 | 204), "{way}: {answer:?}");
        // In the same second, nearly always, and so are some of the logouts.
        let after = FORMATS.map(|format| token(&stranger, format, ""));
        assert_eq!(before.map(|token| status(&stranger, &token)), [401, 401], "{way}");
        assert_eq!(after.map(|token| status(&stranger, &token)), [200, 200], "{way}");
        assert_eq!((here.get("/api/me").status, there.get("/api/me").status), (401, 401), "{way}");
        assert_eq!((alan.get("/api/me").status, status(&stranger, &alans)), (200, 200), "{way}");
        if ["the page", "the interface by a session"].contains(&way) {
            assert_eq!(here.cookie(), None, "{way}");
        }
    }
}

#[test]
fn somebody_elses_cookie_beside_a_token_is_left_alone() {
    let server = Server::start(&[]);
    let alan = server.browser();
    alan.log_in("alan", "turing");
    let adas = token(&server.browser(), "paseto", "");
    assert_eq!(call(&alan, "POST", "/api/logout-everywhere", &adas).status, 204);
    assert_eq!(alan.get("/api/me").json()["subject"], "alan");
}

#[test]
fn every_node_knows_a_token_and_with_one_store_its_end() {
    let server = Server::start(&["--nodes", "2", "--store", "memory:shared"]);
    let browser = server.browser();
    for format in FORMATS {
        let token = token(&browser, format, "");
        assert_eq!([status(&browser, &token), status(&browser, &token)], [200, 200], "{format}");
        assert_eq!(call(&browser, "POST", "/api/token/revoke", &token).status, 204, "{format}");
        assert_eq!([status(&browser, &token), status(&browser, &token)], [401, 401], "{format}");
    }
    // With a store of its own each knows the token all the same, but not what the other was told.
    let server = Server::start(&["--nodes", "2"]);
    let browser = server.browser();
    let token = token(&browser, "jwt", "");
    assert_eq!([status(&browser, &token), status(&browser, &token)], [200, 200]);
    assert_eq!(call(&browser, "POST", "/api/token/revoke", &token).status, 204);
    let mut told = [status(&browser, &token), status(&browser, &token)];
    told.sort_unstable();
    assert_eq!(told, [200, 401]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn t72_while_the_store_is_out_a_token_is_neither_good_nor_bad() {
    let store = FaultyStore::new(MemoryStore::new());
    let sessions =
        SessionLayer::insecure_for_localhost(store.clone()).with_store_deadline(Duration::from_millis(100));
    visited(store.clone(), sessions, move |browser| {
        for format in FORMATS {
            let token = token(browser, format, "orders:read");
            assert_eq!(status(browser, &token), 200);
            store.fail(Operation::ALL, Fault::refused(StoreErrorKind::Unavailable));
            for (method, path) in [
                ("GET", "/api/me"),
                ("GET", "/api/orders"),
                ("POST", "/api/token/revoke"),
                ("POST", "/api/logout-everywhere"),
            ] {
                let answer = call(browser, method, path, &token);
                assert_eq!((answer.status, answer.field("retry-after")), (503, Some("1")), "{method} {path}");
                assert_eq!(answer.field("x-rejection"), Some("unavailable"), "{method} {path}");
            }
            assert_eq!(
                call(browser, "GET", "/api/me", &format!("{token}A")).status,
                401,
                "what is forged is told so"
            );
            store.clear();
            assert_eq!(status(browser, &token), 200);
        }
    })
    .await;
}
