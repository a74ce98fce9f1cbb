use serde_json::{Value, json};

use crate::visit::Visit;

pub(crate) const EACH_ON_ITS_OWN: &[&str] = &["--nodes", "2"];
pub(crate) const STICKY: &[&str] = &["--nodes", "2", "--routing", "sticky"];
pub(crate) const SHARED: &[&str] = &["--nodes", "2", "--store", "memory:shared"];

pub(crate) async fn in_turn_they_forget_a_login_every_other_time(visit: &Visit) {
    visit.log_in("ada", "lovelace").await;
    // The login's answer led to the other node, and that one back to where one is known.
    assert_eq!(visit.place().await, "/login?next=/account");
    assert!(visit.text().await.contains("You are ada"));
    for expected in [None, Some("ada"), None, Some("ada")] {
        assert_eq!(visit.subject().await.as_deref(), expected);
    }
    visit.open("/nodes").await;
    let mut views = [view(visit, 1).await, view(visit, 2).await];
    views.sort();
    assert_eq!(views, ["Does not know you.", "Knows you: ada."]);

    let answered = answered_by(visit).await;
    visit.follow("nav a[href='/nodes']").await;
    assert_eq!(answered_by(visit).await, 3 - answered);
}

pub(crate) async fn stickiness_keeps_a_login_until_its_node_stops(visit: &Visit) {
    visit.log_in("ada", "lovelace").await;
    assert_eq!(visit.place().await, "/account");
    visit.open("/nodes").await;
    let home = answered_by(visit).await;
    for _ in 0..3 {
        visit.follow("nav a[href='/nodes']").await;
        assert_eq!(answered_by(visit).await, home);
    }
    assert_eq!(view(visit, home).await, "Knows you: ada.");
    visit.follow("nav a[href='/account']").await;
    assert!(visit.text().await.contains(&format!("Node {home}")));

    visit.follow("nav a[href='/nodes']").await;
    switch(visit, home, "stop").await;
    assert_eq!((answered_by(visit).await, view(visit, home).await), (3 - home, "Stopped.".to_owned()));
    assert_eq!(visit.subject().await, None);

    visit.open("/nodes").await;
    switch(visit, home, "start").await;
    assert_eq!(
        (answered_by(visit).await, view(visit, home).await),
        (3 - home, "Does not know you.".to_owned())
    );
    visit.open("/account").await;
    assert_eq!(visit.place().await, "/login?next=/account");
}

pub(crate) async fn with_one_store_a_login_outlives_all_of_them(visit: &Visit) {
    visit.add("rope").await;
    visit.log_in("ada", "lovelace").await;
    assert_eq!(visit.place().await, "/account");
    visit.open("/nodes").await;
    assert_eq!([view(visit, 1).await, view(visit, 2).await], ["Knows you: ada.", "Knows you: ada."]);

    switch(visit, 1, "stop").await;
    assert_eq!(visit.subject().await.as_deref(), Some("ada"));
    visit.open("/nodes").await;
    switch(visit, 2, "stop").await;

    // Every page is the one that can start them now.
    visit.open("/account").await;
    assert_eq!(visit.status().await, 503);
    assert!(visit.text().await.contains("No node is up"));
    switch(visit, 1, "start").await;
    assert_eq!((answered_by(visit).await, view(visit, 1).await), (1, "Knows you: ada.".to_owned()));
    assert_eq!(visit.subject().await.as_deref(), Some("ada"));
    assert_eq!(visit.cart().await, json!({ "rope": 1 }));
}

/// Presses the button on the page.
async fn switch(visit: &Visit, node: u64, to: &str) {
    visit.follow(&format!("form[action='/nodes/{node}/{to}'] button")).await;
    assert_eq!(visit.place().await, "/nodes");
}

async fn answered_by(visit: &Visit) -> u64 {
    let number = visit.value("document.querySelector('#answered-by').textContent").await;
    number.as_str().unwrap().parse().unwrap()
}

/// What the page says of a node's knowledge.
async fn view(visit: &Visit, node: u64) -> String {
    let view = visit.value(&format!("document.querySelector('#node-{node} .view').innerText")).await;
    let Value::String(view) = view else {
        panic!("no node {node}: {view}");
    };
    view
}
