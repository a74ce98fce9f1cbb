//! Several of the program on one store: what one knows all know, whichever the store is.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    dead_code,
    reason = "the helpers of tests may fail, too, and more is asked of them elsewhere"
)]

#[path = "gatehouse/client.rs"]
mod client;
#[path = "gatehouse/server.rs"]
mod server;

use std::{process::ExitCode, thread, time::Duration};

use libtest_mimic::Failed;
use portcullis_testkit::servers::{self, RedisNode, ServerTrial, Shape, SqlEngine, redis_url, sql_url};
use serde_json::json;
use server::Server;

use crate::client::Browser;

fn main() -> ExitCode {
    let are_there =
        RedisNode::start(&[]).and_then(|_| SqlEngine::ALL.into_iter().try_for_each(SqlEngine::is_there));
    servers::run_where(
        are_there,
        [
            ("three_processes_on_a_cluster_agree", three_processes_on_a_cluster_agree as ServerTrial),
            ("two_processes_on_a_postgres_agree_at_once", two_processes_on_a_postgres_agree_at_once),
            ("thousands_of_writers_of_one_cart_lose_nothing", thousands_of_writers_of_one_cart_lose_nothing),
            ("a_store_is_changed_by_its_url_alone", a_store_is_changed_by_its_url_alone),
        ],
    )
}

/// Tables, or keys, for one trial.
fn apart(url: &str) -> String {
    format!("{url}?namespace=gatehouse-{:x}", fastrand::u64(..))
}

fn store(shape: Shape) -> Result<String, Failed> {
    Ok(apart(&redis_url(shape)?))
}

/// The same browser where a balancer would have sent it.
fn at(browser: &Browser, server: &Server) -> Browser {
    browser.at(server.url.trim_start_matches("http://"))
}

/// One of several that stand behind one balancer, under one name.
fn start(store: &str) -> Server {
    Server::start(&["--store", store, "--public-origin", "http://127.0.0.1:1"])
}

fn three_processes_on_a_cluster_agree() -> Result<(), Failed> {
    let store = store(Shape::Cluster)?;
    let servers = [start(&store), start(&store), start(&store)];
    let [a, b, c] = &servers;
    let here = a.browser();

    // A cart that all three are asked to fill at once.
    here.post("/cart/rope", "");
    thread::scope(|scope| {
        for server in &servers {
            let tab = at(&here, server);
            scope.spawn(move || {
                for _ in 0..20 {
                    assert_eq!(tab.post("/cart/rope", "").status, 303);
                }
            });
        }
    });
    let stranger = at(&here, b);
    assert_eq!(at(&here, c).get("/api/cart").json(), json!({ "rope": 61 }));

    // A login renews the session, for all.
    here.log_in("ada", "lovelace");
    for server in &servers {
        assert_eq!(at(&here, server).get("/api/me").status, 200);
        assert_eq!(at(&here, server).get("/api/cart").json(), json!({ "rope": 61 }));
    }
    assert_eq!(stranger.get("/api/me").status, 401, "the id of before is nobody's");

    // A logout at one while another is amid a request of the same session.
    let slow = at(&here, b);
    let late = thread::spawn(move || slow.get("/slow?ms=800").status);
    thread::sleep(Duration::from_millis(200));
    let cookie = at(&here, c);
    assert_eq!(cookie.post("/logout", "").status, 303);
    for server in &servers {
        assert_eq!(at(&here, server).get("/api/me").status, 401);
    }
    late.join().unwrap();
    for server in &servers {
        assert_eq!(at(&here, server).get("/api/me").status, 401, "a slower request revived it");
    }

    // Everywhere is everywhere.
    let devices = [a.browser(), b.browser(), c.browser()];
    for device in &devices {
        device.log_in("alan", "turing");
        assert_eq!(device.get("/api/me").status, 200);
    }
    assert_eq!(devices[1].post("/logout-everywhere", "").status, 303);
    for device in &devices {
        assert_eq!(device.get("/api/me").status, 401);
    }
    Ok(())
}

/// The session of one browser, at two servers over one database.
fn two_processes_on_a_postgres_agree_at_once() -> Result<(), Failed> {
    let store = apart(&sql_url(SqlEngine::Postgres)?);
    let (a, b) = (start(&store), start(&store));
    for (out, other) in [(&a, &b), (&b, &a)] {
        let here = out.browser();
        here.log_in("ada", "lovelace");
        let there = at(&here, other);
        assert_eq!(there.get("/api/me").status, 200);
        assert_eq!(there.post("/cart/rope", "").status, 303);
        assert_eq!(here.post("/logout", "").status, 303);
        assert_eq!(there.get("/api/me").status, 401, "at once");
        assert_eq!(there.get("/api/cart").json(), json!({}), "and with it all that it held");

        let devices = [out.browser(), other.browser()];
        for device in &devices {
            device.log_in("ada", "lovelace");
        }
        let [one, another] = &devices;
        assert_eq!(one.post("/logout-everywhere", "").status, 303);
        assert_eq!(another.get("/api/me").status, 401);
    }
    Ok(())
}

/// Each press of a button counts once, at whichever of two servers, however many press at once. A cart takes 999 of a thing, so three are asked for.
fn thousands_of_writers_of_one_cart_lose_nothing() -> Result<(), Failed> {
    let store = apart(&sql_url(SqlEngine::Postgres)?);
    let (a, b) = (start(&store), start(&store));
    let here = a.browser();
    assert_eq!(here.post("/cart/rope", "").status, 303);
    thread::scope(|scope| {
        for writer in 0..64 {
            let tab = at(&here, if writer % 2 == 0 { &a } else { &b });
            scope.spawn(move || {
                for thing in ["rope", "map", "lantern"].into_iter().cycle().take(42) {
                    // Who is told that it was too much asks again; nobody is told that it was done when it was not.
                    while tab.post(&format!("/cart/{thing}"), "").status != 303 {
                        thread::sleep(Duration::from_millis(fastrand::u64(1..20)));
                    }
                }
            });
        }
    });
    for server in [&a, &b] {
        let cart = at(&here, server).get("/api/cart").json();
        assert_eq!(cart, json!({ "rope": 1 + 64 * 14, "map": 64 * 14, "lantern": 64 * 14 }));
    }
    Ok(())
}

fn a_store_is_changed_by_its_url_alone() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let mut stores = vec![format!("sqlite:{}", folder.path().join("gatehouse.db").display())];
    for engine in SqlEngine::ALL {
        stores.push(apart(&sql_url(engine)?));
    }
    for shape in Shape::ALL {
        stores.push(store(shape)?);
    }
    for store in stores {
        let first = start(&store);
        let browser = first.browser();
        browser.log_in("ada", "lovelace");
        browser.post("/cart/map", "");
        // Another process comes in its place, and nobody is logged out.
        drop(first);
        let second = start(&store);
        let browser = at(&browser, &second);
        assert_eq!(browser.get("/api/me").status, 200, "{store}");
        assert_eq!(browser.get("/api/cart").json(), json!({ "map": 1 }), "{store}");
    }
    Ok(())
}
