use fantoccini::wd::WindowHandle;
use serde_json::json;

use crate::visit::Visit;

pub(crate) const HERE: &[&str] = &["--attacker", "127.0.0.1:0"];
pub(crate) const FETCHES: [&str; 5] =
    ["fetch-me", "fetch-cart", "fetch-cart-blind", "fetch-add", "fetch-bearer"];
pub(crate) const FORMS: [&str; 4] = ["form-cart", "form-theme", "form-login", "form-logout"];

pub(crate) async fn a_script_of_another_site_reads_and_changes_nothing(visit: &Visit) {
    victim(visit).await;
    open(visit, Visit::OTHER_SITE).await;
    assert_scripts_see_nothing(visit).await;
    assert_unharmed(visit).await;
}

pub(crate) async fn s62_a_script_of_another_origin_has_the_session_and_reads_and_changes_nothing(
    visit: &Visit,
) {
    victim(visit).await;
    open(visit, Visit::SAME_SITE).await;
    assert_scripts_see_nothing(visit).await;
    assert_unharmed(visit).await;
}

pub(crate) async fn a_frame_of_another_site_has_no_session(visit: &Visit) {
    victim(visit).await;
    open(visit, Visit::OTHER_SITE).await;
    assert_frames_are_blind(visit).await;
    assert_unharmed(visit).await;
}

pub(crate) async fn s62_a_form_in_a_frame_of_the_same_site_changes_nothing(visit: &Visit) {
    victim(visit).await;
    open(visit, Visit::SAME_SITE).await;
    assert_frames_are_blind(visit).await;
    assert_unharmed(visit).await;
}

pub(crate) async fn s62_a_form_of_another_site_in_a_new_tab_changes_nothing(visit: &Visit) {
    victim(visit).await;
    open(visit, Visit::OTHER_SITE).await;
    for attack in ["form-cart", "form-theme", "form-login"] {
        assert_refused_in_a_tab(visit, attack).await;
    }
    // The cookie stays behind, so there is nobody to log out, and nothing to refuse.
    let tab = press_for_a_tab(visit, "form-logout").await;
    assert_eq!((visit.place().await, visit.status().await), (json!("/"), json!(200)));
    visit.close_tab(&tab).await;
    assert_unharmed(visit).await;
}

pub(crate) async fn s62_a_form_of_the_same_site_in_a_new_tab_changes_nothing(visit: &Visit) {
    victim(visit).await;
    open(visit, Visit::SAME_SITE).await;
    for attack in FORMS {
        assert_refused_in_a_tab(visit, attack).await;
    }
    assert_unharmed(visit).await;
}

pub(crate) async fn s66_nobody_is_logged_in_as_the_attacker(visit: &Visit) {
    for host in [Visit::OTHER_SITE, Visit::SAME_SITE] {
        open(visit, host).await;
        for attack in ["form-cart", "form-theme", "form-login"] {
            assert_refused_in_a_tab(visit, attack).await;
        }
        press(visit, "fetch-add", "fetch-add").await;
        assert_eq!((visit.subject().await, visit.cart().await), (None, json!({})));
        assert_eq!(visit.cookie().await, None);
    }
}

async fn assert_frames_are_blind(visit: &Visit) {
    for attack in FORMS {
        press(visit, attack, &format!("{attack}-frame")).await;
        let line = result(visit, attack).await;
        let says = "Sent. Something loaded in the frame, and looking into it is refused (SecurityError): this page cannot tell a \
                    success from an error.";
        assert_eq!((&*line.0, &*line.1), ("blind", says), "{attack}");
    }
}

/// What the visitor is shown in the new tab, which the attacker's page may not look into.
async fn assert_refused_in_a_tab(visit: &Visit, attack: &str) {
    let attacker = press_for_a_tab(visit, attack).await;
    assert_eq!(visit.value("location.origin").await, Visit::ORIGIN, "{attack}");
    assert_eq!(visit.status().await, 403, "{attack}");
    assert!(visit.text().await.contains("Another site sent you here"), "{attack}");
    visit.close_tab(&attacker).await;
}

/// Presses the button that opens a tab and goes there; gives the attacker's.
async fn press_for_a_tab(visit: &Visit, attack: &str) -> WindowHandle {
    let attacker = visit.tab().await;
    press(visit, attack, &format!("{attack}-tab")).await;
    let line = result(visit, attack).await;
    let says = "Sent. The tab shows you what the shop answered, and looking into it is refused to this page (SecurityError).";
    assert_eq!((&*line.0, &*line.1), ("blind", says), "{attack}");
    let [opened] = &visit.other_tabs().await[..] else {
        panic!("{attack} did not open one tab");
    };
    visit.go_to_tab(opened).await;
    visit.until("document.readyState === 'complete'").await;
    attacker
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

pub(crate) async fn open(visit: &Visit, host: &str) {
    visit.open_at(&format!("https://{host}"), "/").await;
    visit.until("document.querySelector('#result-reach').dataset.outcome !== 'nothing'").await;
    let reach = visit.value("document.querySelector('#result-reach').dataset.outcome").await;
    assert_eq!(reach, "blind", "what fails would show nothing");
}

/// Presses the button and waits until the attack has a result.
pub(crate) async fn press(visit: &Visit, attack: &str, button: &str) {
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
