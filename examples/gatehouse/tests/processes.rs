//! Several of the program on one Redis: what one knows all know, in whichever shape the store is.

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
use portcullis_testkit::servers::{self, ServerTrial, Shape, redis_url};
use serde_json::json;
use server::Server;

use crate::client::Browser;

fn main() -> ExitCode {
    servers::run([
        ("three_processes_on_a_cluster_agree", three_processes_on_a_cluster_agree as ServerTrial),
        ("a_store_is_changed_by_its_url_alone", a_store_is_changed_by_its_url_alone),
    ])
}

/// A store for one trial.
fn store(shape: Shape) -> Result<String, Failed> {
    Ok(format!("{}?namespace=gatehouse-{:x}", redis_url(shape)?, fastrand::u64(..)))
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

fn a_store_is_changed_by_its_url_alone() -> Result<(), Failed> {
    for shape in Shape::ALL {
        let store = store(shape)?;
        let first = start(&store);
        let browser = first.browser();
        browser.log_in("ada", "lovelace");
        browser.post("/cart/map", "");
        // Another process comes in its place, and nobody is logged out.
        drop(first);
        let second = start(&store);
        let browser = at(&browser, &second);
        assert_eq!(browser.get("/api/me").status, 200, "{shape:?}");
        assert_eq!(browser.get("/api/cart").json(), json!({ "map": 1 }), "{shape:?}");
    }
    Ok(())
}
