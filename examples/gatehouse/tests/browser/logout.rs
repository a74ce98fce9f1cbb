use fantoccini::wd::WindowHandle;
use serde_json::json;

use crate::visit::Visit;

pub(crate) async fn s47_the_cookie_is_gone_and_put_back_it_is_nobodys(visit: &Visit) {
    visit.log_in("ada", "lovelace").await;
    let cookie = visit.cookie().await.unwrap();
    visit.log_out().await;
    assert_eq!(visit.place().await, "/");
    assert_eq!(visit.cookie().await, None);
    assert_eq!(visit.subject().await, None);

    visit.plant(cookie.value()).await;
    assert_eq!(visit.subject().await, None);
    visit.open("/account").await;
    assert_eq!(visit.place().await, "/login?next=/account");
}

pub(crate) async fn s48_a_tab_that_is_loading_does_not_undo_it(visit: &Visit) {
    let slow = log_out_while_another_tab_loads(visit).await;
    assert_eq!(visit.subject().await, None);

    assert_was_refused(visit, &slow).await;
    assert_eq!(visit.cookie().await, None);
    assert_eq!(visit.subject().await, None);
    visit.open("/account").await;
    assert_eq!(visit.place().await, "/login?next=/account");
}

pub(crate) async fn s51_a_late_answer_does_not_undo_the_login_after_it(visit: &Visit) {
    let slow = log_out_while_another_tab_loads(visit).await;
    visit.log_in("alan", "turing").await;
    let cookie = visit.cookie().await;

    assert_was_refused(visit, &slow).await;
    assert_eq!(visit.cookie().await, cookie);
    assert_eq!(visit.subject().await.as_deref(), Some("alan"));
}

pub(crate) async fn the_back_button_shows_nothing_private(visit: &Visit) {
    visit.log_in("ada", "lovelace").await;
    assert!(visit.text().await.contains("Ada Lovelace"));
    visit.open("/slow?ms=1").await;
    assert!(visit.text().await.contains("it saw ada"));
    visit.log_out().await;

    // The shop, the slow page, the account, and the login it came from.
    for expected in ["/", "/slow?ms=1", "/login?next=/account", "/login"] {
        visit.back().await;
        assert_shown_to_nobody(visit, expected).await;
    }
}

pub(crate) async fn the_back_button_does_not_show_what_the_login_led_to(visit: &Visit) {
    visit.log_in("ada", "lovelace").await;
    assert!(visit.text().await.contains("Ada Lovelace"));
    visit.follow("form[action='/logout'] button").await;

    visit.back().await;
    assert_shown_to_nobody(visit, "/login?next=/account").await;
}

pub(crate) async fn the_back_button_shows_nothing_private_after_a_logout_in_another_tab(visit: &Visit) {
    visit.log_in("ada", "lovelace").await;
    visit.follow("a.brand").await;
    let first = visit.tab().await;
    visit.new_tab().await;
    visit.log_out().await;

    visit.go_to_tab(&first).await;
    visit.back().await;
    assert_shown_to_nobody(visit, "/login?next=/account").await;
}

pub(crate) async fn one_can_log_in_again(visit: &Visit) {
    visit.add("rope").await;
    visit.log_in("ada", "lovelace").await;
    let first = visit.cookie().await.unwrap();
    visit.log_out().await;
    visit.log_in("ada", "lovelace").await;
    assert_ne!(visit.cookie().await.unwrap().value(), first.value());
    assert_eq!(visit.subject().await.as_deref(), Some("ada"));
    // What was in the session ended with it.
    assert_eq!(visit.cart().await, json!({}));

    visit.log_out().await;
    visit.log_in("alan", "turing").await;
    assert_eq!(visit.subject().await.as_deref(), Some("alan"));
}

/// Ada logs out in this tab while a page loads in another, which is answered.
async fn log_out_while_another_tab_loads(visit: &Visit) -> WindowHandle {
    visit.log_in("ada", "lovelace").await;
    visit.open("/").await;
    let front = visit.tab().await;
    let slow = visit.new_tab().await;
    visit.open("/").await;
    visit.at_go(&format!("location = '/slow?ms={SLOW_MS}'")).await;
    visit.go_to_tab(&front).await;

    // The page must have begun with a session for the logout to come in between.
    let seen = visit.requests();
    visit.go().await;
    visit.until_asked_again(seen).await;
    visit.follow("form[action='/logout'] button").await;
    assert_eq!(visit.cookie().await, None);
    slow
}

async fn assert_was_refused(visit: &Visit, slow: &WindowHandle) {
    visit.go_to_tab(slow).await;
    visit.arrive().await;
    assert_eq!(visit.place().await, format!("/slow?ms={SLOW_MS}"));
    assert_eq!(visit.status().await, 409);
    assert!(visit.text().await.contains("You were logged out meanwhile"));
}

async fn assert_shown_to_nobody(visit: &Visit, place: &str) {
    let there = format!("location.pathname + location.search === '{place}'");
    visit.until(&format!("{there} && document.querySelector('nav a[href=\"/login\"]')")).await;
    let text = visit.text().await;
    for private in ["Ada Lovelace", "Account of", "it saw ada", "Log out"] {
        assert!(!text.contains(private), "{private} in {text}");
    }
}

/// Long enough that a busy machine has done the logout by then.
const SLOW_MS: u32 = 4_000;
