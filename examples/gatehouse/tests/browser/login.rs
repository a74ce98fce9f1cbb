use serde_json::json;

use crate::visit::Visit;

pub(crate) async fn a_wrong_password_then_the_right_one_lead_where_one_was_going(visit: &Visit) {
    visit.open("/account").await;
    assert_eq!(visit.place().await, "/login?next=/account");
    visit.open("/login?next=/slow%3Fms%3D1").await;

    visit.fill_in_login("ada", "turing").await;
    assert_eq!((visit.place().await, visit.status().await), (json!("/login"), json!(401)));
    let problem = visit.value("document.querySelector('[role=alert]').textContent").await;
    assert_eq!(problem, "Username or password is wrong.");
    assert_eq!(visit.cookie().await, None);

    visit.fill_in_login("ada", "lovelace").await;
    assert_eq!(visit.place().await, "/slow?ms=1");
    let expected = json!({ "issuer": Visit::ORIGIN, "subject": "ada", "roles": ["customer"] });
    assert_eq!(visit.json("/api/me").await, expected);
    visit.open("/account").await;
    assert!(visit.text().await.contains("Ada Lovelace"));
}

pub(crate) async fn a_foreign_next_leads_to_the_account(visit: &Visit) {
    for next in ["https://evil.test/", "//evil.test", "/%5Cevil.test", "/%09/evil.test"] {
        visit.open(&format!("/login?next={next}")).await;
        // As if it had come from elsewhere: the page itself would not have let it in.
        let unescaped = next.replace("%5C", "\\\\").replace("%09", "\\t");
        visit.value(&format!("document.querySelector('[name=next]').value = '{unescaped}'")).await;
        visit.fill_in_login("ada", "lovelace").await;
        let place = visit.value("location.href").await;
        assert_eq!(place, format!("{}/account", Visit::ORIGIN), "{next}");
    }
}

pub(crate) async fn cart_and_theme_from_before_are_kept(visit: &Visit) {
    visit.add("rope").await;
    visit.add("lantern").await;
    visit.open("/login").await;
    visit.follow("button[name=theme][value=dark]").await;
    assert_eq!(visit.place().await, "/login");

    visit.fill_in_login("ada", "lovelace").await;
    assert_eq!(visit.place().await, "/account");
    visit.add("rope").await;
    assert_eq!(visit.value("document.documentElement.dataset.theme").await, "dark");
    assert_eq!(visit.value("document.querySelector('.count').firstChild.data").await, "3");
    assert_eq!(visit.cart().await, json!({ "lantern": 1, "rope": 2 }));

    visit.open("/").await;
    visit.follow("button[name=theme][value=system]").await;
    assert_eq!(visit.value("document.documentElement.dataset.theme ?? null").await, json!(null));
}
