use serde_json::json;

use crate::visit::Visit;

pub(crate) const HERE: &[&str] = &["--attacker", "127.0.0.1:0"];

pub(crate) async fn a_script_of_another_site_reads_and_changes_nothing(visit: &Visit) {
    victim(visit).await;
    open(visit, Visit::OTHER_SITE).await;
    assert_scripts_see_nothing(visit).await;
    assert_unharmed(visit).await;
}

pub(crate) async fn a_script_of_another_origin_reads_nothing_although_it_has_the_session(visit: &Visit) {
    victim(visit).await;
    open(visit, Visit::SAME_SITE).await;
    assert_scripts_see_nothing(visit).await;
    assert_eq!(visit.subject().await.as_deref(), Some("ada"));
}

pub(crate) async fn a_frame_of_another_site_has_no_session(visit: &Visit) {
    victim(visit).await;
    open(visit, Visit::OTHER_SITE).await;
    for attack in ["form-cart", "form-theme", "form-login", "form-logout"] {
        press(visit, attack, &format!("{attack}-frame")).await;
        let line = result(visit, attack).await;
        assert_eq!(line.0, "blind", "{attack}: {line:?}");
        assert!(line.1.contains("SecurityError"), "{attack}: {line:?}");
    }
    assert_unharmed(visit).await;
}

async fn assert_scripts_see_nothing(visit: &Visit) {
    for (attack, outcome, sees) in [
        ("fetch-me", "blocked", "Failed to fetch"),
        ("fetch-cart", "blocked", "Failed to fetch"),
        ("fetch-cart-blind", "blind", "type opaque, status 0, 0 header fields, 0 characters"),
        ("fetch-add", "blind", "type opaque, status 0, 0 header fields, 0 characters"),
        ("fetch-bearer", "blocked", "Failed to fetch"),
    ] {
        press(visit, attack, attack).await;
        let line = result(visit, attack).await;
        assert_eq!(line.0, outcome, "{attack}: {line:?}");
        assert!(line.1.contains(sees), "{attack}: {line:?}");
    }
}

/// Ada, with a rope in her cart.
async fn victim(visit: &Visit) {
    visit.add("rope").await;
    visit.log_in("ada", "lovelace").await;
}

async fn open(visit: &Visit, host: &str) {
    visit.open_at(&format!("https://{host}"), "/").await;
    visit.until("document.querySelector('#result-reach').dataset.outcome !== 'nothing'").await;
    let reach = visit.value("document.querySelector('#result-reach').dataset.outcome").await;
    assert_eq!(reach, "blind", "what fails would show nothing");
}

/// Presses the button and waits until the attack has a result.
async fn press(visit: &Visit, attack: &str, button: &str) {
    visit.click(&format!("#attack-{button}")).await;
    visit.until(&format!("document.querySelector('#result-{attack}').dataset.outcome !== 'nothing'")).await;
}

/// The outcome and the line that explains it.
async fn result(visit: &Visit, attack: &str) -> (String, String) {
    let line = format!("document.querySelector('#result-{attack}')");
    let (outcome, text) = (
        visit.value(&format!("{line}.dataset.outcome")).await,
        visit.value(&format!("{line}.innerText")).await,
    );
    (outcome.as_str().unwrap().to_owned(), text.as_str().unwrap().to_owned())
}

async fn assert_unharmed(visit: &Visit) {
    assert_eq!(visit.subject().await.as_deref(), Some("ada"));
    assert_eq!(visit.cart().await, json!({ "rope": 1 }));
    visit.open("/").await;
    assert_eq!(visit.value("document.documentElement.dataset.theme ?? null").await, json!(null));
}
