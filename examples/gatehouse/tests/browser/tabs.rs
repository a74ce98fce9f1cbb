use serde_json::json;

use crate::visit::Visit;

pub(crate) async fn both_know_of_a_login_and_of_a_logout_in_one(visit: &Visit) {
    visit.open("/").await;
    let first = visit.tab().await;
    let second = visit.new_tab().await;
    visit.log_in("ada", "lovelace").await;

    visit.go_to_tab(&first).await;
    assert!(!visit.text().await.contains("ada"));
    visit.follow("a.brand").await;
    assert!(visit.text().await.contains("Account of ada"));
    visit.follow("a[href='/account']").await;
    visit.go_to_tab(&second).await;
    assert_eq!(visit.place().await, "/account");

    visit.log_out().await;
    visit.go_to_tab(&first).await;
    visit.follow("nav a[href='/account']").await;
    assert_eq!(visit.place().await, "/login?next=/account");
    assert!(!visit.text().await.contains("Log out"));
}

pub(crate) async fn s49_a_cart_filled_from_both_at_once_loses_nothing(visit: &Visit) {
    const ROUNDS: u32 = 8;

    // The session is there before the two begin: each would begin one, and the browser keeps one cookie.
    visit.add("map").await;
    let first = visit.tab().await;
    let second = visit.new_tab().await;
    visit.open("/").await;
    for _ in 0..ROUNDS {
        for (tab, item) in [(&first, "rope"), (&second, "map")] {
            visit.go_to_tab(tab).await;
            visit.at_go(&submit(item)).await;
        }
        visit.go().await;
        for tab in [&first, &second] {
            visit.go_to_tab(tab).await;
            visit.arrive().await;
        }
    }
    assert_eq!(visit.cart().await, json!({ "map": 1 + ROUNDS, "rope": ROUNDS }));
}

pub(crate) async fn s49_a_theme_and_a_cart_changed_at_once_are_both_kept(visit: &Visit) {
    visit.add("map").await;
    let first = visit.tab().await;
    let second = visit.new_tab().await;
    visit.open("/").await;
    for (round, theme) in (2..).zip(["dark", "light", "dark", "light"]) {
        visit.go_to_tab(&first).await;
        visit.at_go(&format!("document.querySelector('[name=theme][value={theme}]').click()")).await;
        visit.go_to_tab(&second).await;
        visit.at_go(&submit("map")).await;
        visit.go().await;
        for tab in [&second, &first] {
            visit.go_to_tab(tab).await;
            visit.arrive().await;
        }
        visit.open("/").await;
        assert_eq!(visit.value("document.documentElement.dataset.theme").await, theme);
        assert_eq!(visit.value("document.querySelector('.count').firstChild.data").await, round.to_string());
    }
}

fn submit(item: &str) -> String {
    format!("document.querySelector('form[action=\"/cart/{item}\"]').requestSubmit()")
}
