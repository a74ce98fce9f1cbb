use serde_json::json;

use crate::visit::Visit;

pub(crate) async fn s1_s3_it_is_stored_with_every_protection(visit: &Visit) {
    visit.add("rope").await;
    assert_protected(visit).await;
    visit.log_in("ada", "lovelace").await;
    assert_protected(visit).await;

    // For this host alone: one below it shares the server, but not the session.
    visit.open_at("https://shop.gatehouse.test", "/api/cart").await;
    assert_eq!(visit.text().await, "{}");
    assert_eq!(visit.cookie().await, None);
    assert_eq!(visit.cart().await, json!({ "rope": 1 }));
}

pub(crate) async fn s23_whoever_only_looks_gets_none(visit: &Visit) {
    for path in ["/", "/login", "/account", "/api/cart", "/api/me"] {
        visit.open(path).await;
        assert_eq!(visit.cookie().await, None, "{path}");
    }
}

pub(crate) async fn s33_it_changes_at_login_and_the_old_one_is_nobodys(visit: &Visit) {
    visit.add("rope").await;
    let before = visit.cookie().await.unwrap();
    visit.log_in("ada", "lovelace").await;
    let after = visit.cookie().await.unwrap();
    assert_ne!(before.value(), after.value());

    // What somebody who planted or read the first one would do.
    visit.plant(before.value()).await;
    assert_eq!(visit.subject().await, None);
    assert_eq!(visit.cart().await, json!({}));

    // Nor did that harm whose session it is.
    visit.plant(after.value()).await;
    assert_eq!(visit.subject().await.as_deref(), Some("ada"));
    assert_eq!(visit.cart().await, json!({ "rope": 1 }));
}

pub(crate) async fn s36_a_planted_one_is_never_adopted(visit: &Visit) {
    visit.add("rope").await;
    // The right shape, and known to nobody: its middle is turned round.
    let cookie = visit.cookie().await.unwrap();
    let (head, rest) = cookie.value().split_at(10);
    let (middle, tail) = rest.split_at(20);
    let planted: String = head.chars().chain(middle.chars().rev()).chain(tail.chars()).collect();
    visit.plant(&planted).await;

    assert_eq!(visit.cart().await, json!({}));
    visit.add("map").await;
    assert_eq!(visit.cart().await, json!({ "map": 1 }));
    assert_ne!(visit.cookie().await.unwrap().value(), planted);
}

async fn assert_protected(visit: &Visit) {
    let cookie = visit.cookie().await.unwrap();
    assert_eq!(cookie.name(), "__Host-Http-sid");
    assert_eq!((cookie.secure(), cookie.http_only()), (Some(true), Some(true)));
    assert_eq!(cookie.same_site().map(|site| site.to_string()).as_deref(), Some("Lax"));
    assert_eq!(cookie.path(), Some("/"));
    assert_eq!(cookie.domain(), Some("gatehouse.test"));
    // It ends with the browser, whatever the server thinks of the session.
    assert_eq!(cookie.expires(), None);
    assert_eq!(visit.value("document.cookie").await, "");
}
