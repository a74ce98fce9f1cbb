use std::{thread, time::Duration};

use serde_json::{Value, json};

use crate::{
    client::{Answer, Browser},
    server::Server,
};

/// The node that an answer says it comes from.
fn node(answer: &Answer) -> u64 {
    answer.field("x-gatehouse-node").unwrap().parse().unwrap()
}

fn overview(browser: &Browser) -> Value {
    browser.send("GET", "/nodes", "Accept: application/json\r\n", "").json()
}

/// Which nodes know the browser's session.
fn knowing(browser: &Browser) -> Vec<Value> {
    let overview = overview(browser);
    let nodes = overview.pointer("/nodes").and_then(Value::as_array).unwrap();
    nodes.iter().map(|node| node.get("knows_session").unwrap().clone()).collect()
}

fn switch(browser: &Browser, node: u64, to: &str) {
    assert_eq!(browser.post(&format!("/nodes/{node}/{to}"), "").way(), (303, Some("/nodes")));
}

#[test]
fn in_turn_and_each_on_its_own_the_nodes_forget_a_login_at_every_other_request() {
    let server = Server::start(&["--nodes", "2"]);
    let browser = server.browser();
    let home = node(&browser.log_in("ada", "lovelace"));
    for round in 0..3 {
        for expected in [401, 200] {
            let me = browser.get("/api/me");
            assert_eq!(me.status, expected, "in round {round}");
            assert_eq!(node(&me) == home, expected == 200, "in round {round}");
        }
    }
    // A cart filled at the other one begins a session there, whose cookie takes the place of the first.
    let logged_in = browser.cookie();
    browser.post("/cart/rope", "");
    assert_ne!(browser.cookie(), logged_in);
    assert_eq!((browser.get("/api/me").status, browser.get("/api/me").status), (401, 401));
}

#[test]
fn stickiness_hides_it_until_the_node_stops() {
    let server = Server::start(&["--nodes", "3", "--routing", "sticky"]);
    let browser = server.browser();
    let login = browser.log_in("ada", "lovelace");
    let home = node(&login);
    let cookie = format!("gatehouse-node={home}; HttpOnly; SameSite=Lax; Path=/");
    assert!(login.fields("set-cookie").any(|set| set == cookie), "{login:?}");
    for _ in 0..5 {
        let me = browser.get("/api/me");
        assert_eq!((me.status, node(&me), me.field("set-cookie")), (200, home, None));
    }

    switch(&browser, home, "stop");
    let me = browser.get("/api/me");
    assert_eq!(me.status, 401);
    assert_ne!(node(&me), home);
    assert_eq!(browser.node_cookie(), Some(format!("gatehouse-node={}", node(&me))));

    // Started again it is a new node, which knows nobody.
    switch(&browser, home, "start");
    assert_eq!(knowing(&browser), [false, false, false]);
    let back = browser.fork();
    back.log_in("ada", "lovelace");
    assert_eq!(back.get("/api/me").status, 200);
}

#[test]
fn with_one_store_for_all_a_login_outlives_every_node() {
    let server = Server::start(&["--nodes", "2", "--store", "memory:shared"]);
    let browser = server.browser();
    browser.log_in("ada", "lovelace");
    let answered: Vec<_> = (0..4).map(|_| browser.get("/api/me")).collect();
    assert!(answered.iter().all(|me| me.status == 200));
    assert_ne!(node(&answered[0]), node(&answered[1]));
    assert_eq!(knowing(&browser), [true, true]);

    for node in [1, 2] {
        switch(&browser, node, "stop");
        assert_eq!(browser.get("/api/me").status, 200);
        switch(&browser, node, "start");
    }
    assert_eq!(browser.get("/api/me").status, 200);
    // And so does a logout.
    browser.post("/logout", "");
    assert_eq!((browser.get("/api/me").status, browser.get("/api/me").status), (401, 401));
}

#[test]
fn a_program_is_told_of_every_node() {
    let server = Server::start(&["--nodes", "2", "--routing", "sticky"]);
    let browser = server.browser();
    let home = node(&browser.log_in("ada", "lovelace"));
    let other = 3 - home;
    let expected = |up: bool| {
        let nodes = [1, 2].map(|number| {
            let is_up = number == home || up;
            json!({ "number": number, "up": is_up, "knows_session": is_up.then_some(number == home) })
        });
        json!({ "answered_by": home, "routing": "sticky", "store": "per-node", "nodes": nodes })
    };
    assert_eq!(overview(&browser), expected(true));
    switch(&browser, other, "stop");
    assert_eq!(overview(&browser), expected(false));

    let stranger = server.browser();
    assert_eq!(node(&stranger.get("/nodes")), home, "the only one");
    assert_eq!(stranger.cookie(), None, "asking begins no session");
    assert!(stranger.get("/nodes").body.contains("Does not know you."));
}

#[test]
fn without_a_node_there_is_a_503_and_the_way_to_start_one() {
    let server = Server::start(&["--nodes", "2", "--store", "memory:shared"]);
    let browser = server.browser();
    browser.log_in("ada", "lovelace");
    for number in [1, 2] {
        switch(&browser, number, "stop");
        switch(&browser, number, "stop");
    }
    for path in ["/", "/api/me", "/readyz", "/nowhere"] {
        let answer = browser.get(path);
        assert_eq!((answer.status, answer.field("retry-after")), (503, Some("1")), "{path}");
        assert_eq!(answer.field("cache-control"), Some("no-store"), "{path}");
        assert_eq!(answer.field("x-gatehouse-node"), None, "{path}");
        assert!(answer.body.contains("action=\"/nodes/1/start\""), "{path}: {answer:?}");
    }
    assert_eq!(browser.send("GET", "/api/me", "", "").body, "no node is up");
    assert_eq!(browser.get("/nodes").status, 200);
    assert_eq!(browser.get("/assets/style.css").status, 200);
    let overview = overview(&browser);
    assert_eq!((&overview["answered_by"], &overview["nodes"][0]["up"]), (&json!(null), &json!(false)));

    switch(&browser, 2, "start");
    assert_eq!(browser.get("/api/me").status, 200);
}

#[test]
fn a_stopped_node_finishes_what_it_began() {
    let server = Server::start(&["--nodes", "2", "--routing", "sticky"]);
    let browser = server.browser();
    let home = node(&browser.log_in("ada", "lovelace"));
    let slow = {
        let browser = browser.fork();
        thread::spawn(move || browser.get("/slow?ms=1500"))
    };
    thread::sleep(Duration::from_millis(500));
    switch(&browser, home, "stop");
    let answer = slow.join().unwrap();
    assert_eq!((answer.status, node(&answer)), (200, home));
    assert!(answer.body.contains("<strong>ada</strong>"), "{answer:?}");
}

#[test]
fn another_site_stops_no_node() {
    let server = Server::start(&["--nodes", "2"]);
    let browser = server.browser();
    let from = |site: &str| browser.send("POST", "/nodes/1/stop", site, "").status;
    assert_eq!(from("Sec-Fetch-Site: cross-site\r\n"), 403);
    assert_eq!(from("Sec-Fetch-Site: same-site\r\n"), 403);
    assert_eq!(from("Origin: http://evil.example\r\n"), 403);
    assert_eq!(overview(&browser)["nodes"][0]["up"], true);
    assert_eq!(from(&format!("Origin: {}\r\n", server.url)), 303);
    assert_eq!(overview(&browser)["nodes"][0]["up"], false);
    assert_eq!(browser.get("/nodes/2/stop").status, 405);
    assert_eq!(browser.post("/nodes/3/stop", "").status, 404);
}

#[test]
fn pages_name_their_node_and_lead_to_all_of_them() {
    let server = Server::start(&["--nodes", "2"]);
    let page = server.browser().get("/");
    let link = format!("<a href=\"/nodes\">Node {}</a>", node(&page));
    assert!(page.body.contains(&link), "{page:?}");
}

#[test]
fn a_single_node_stands_alone() {
    let server = Server::start(&[]);
    let browser = server.browser();
    let page = browser.get("/");
    assert!(!page.body.contains("/nodes"), "{page:?}");
    assert_eq!(page.field("x-gatehouse-node"), None);
    let alone = browser.get("/nodes");
    assert_eq!(alone.status, 200);
    assert!(alone.body.contains("--nodes 3"), "{alone:?}");
    assert_eq!(browser.post("/nodes/1/stop", "").status, 404);
}
