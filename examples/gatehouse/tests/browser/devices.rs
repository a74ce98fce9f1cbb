use serde_json::json;

use crate::{stage::Stage, visit::Visit};

/// Ada in one browser, and ada in another.
async fn ada_twice(stage: &Stage) -> (Visit, Visit) {
    let (here, there) = (stage.visit().await, stage.visit().await);
    for browser in [&here, &there] {
        browser.log_in("ada", "lovelace").await;
    }
    (here, there)
}

pub(crate) async fn s58_what_is_ended_here_is_logged_out_there(stage: &Stage) {
    let (here, there) = ada_twice(stage).await;
    there.add("rope").await;
    here.open("/").await;
    here.follow("nav a[href='/devices']").await;
    assert_eq!(listed(&here).await, json!(["Chrome on Linux this one", "Chrome on Linux"]));
    here.follow("li:has(h2):not(:has(.badge)) button").await;
    assert_eq!((here.place().await, here.status().await), (json!("/devices"), json!(200)));
    assert_eq!(listed(&here).await, json!(["Chrome on Linux this one"]));

    // The page that is open there is of before; whatever is pressed on it is nobody's.
    there.follow("nav a[href='/account']").await;
    assert_eq!(there.place().await, "/login?next=/account");
    assert_eq!((there.subject().await, there.cart().await), (None, json!({})));
    assert_eq!(here.subject().await.as_deref(), Some("ada"));
    there.log_in("ada", "lovelace").await;
    assert_eq!(there.subject().await.as_deref(), Some("ada"));
}

pub(crate) async fn s58_the_own_one_ended_is_a_logout(stage: &Stage) {
    let (here, there) = ada_twice(stage).await;
    here.open("/devices").await;
    here.follow("li:has(.badge) button").await;
    assert_eq!(here.place().await, "/login?next=/devices");
    assert_eq!((here.cookie().await, here.subject().await), (None, None));
    assert_eq!(there.subject().await.as_deref(), Some("ada"));
}

pub(crate) async fn s59_log_out_everywhere_else_leaves_this_one(stage: &Stage) {
    let (here, there) = ada_twice(stage).await;
    here.add("rope").await;
    here.open("/devices").await;
    here.follow("form[action='/logout-others'] button").await;
    assert_eq!(here.place().await, "/devices");
    assert_eq!(listed(&here).await, json!(["Chrome on Linux this one"]));
    assert_eq!(here.subject().await.as_deref(), Some("ada"));
    assert_eq!(here.cart().await, json!({ "rope": 1 }));
    assert_eq!(there.subject().await, None);
}

pub(crate) async fn s59_log_out_everywhere_leaves_none(stage: &Stage) {
    let (here, there) = ada_twice(stage).await;
    here.open("/devices").await;
    here.follow("form[action='/logout-everywhere'] button").await;
    assert_eq!(here.place().await, "/");
    assert_eq!((here.cookie().await, here.subject().await), (None, None));
    assert_eq!(there.subject().await, None);
}

pub(crate) async fn an_administrator_ends_somebody_elses(stage: &Stage) {
    let (ada, alan) = (stage.visit().await, stage.visit().await);
    ada.log_in("ada", "lovelace").await;
    ada.open("/admin").await;
    assert_eq!((ada.place().await, ada.status().await), (json!("/admin"), json!(403)));
    assert!(ada.text().await.contains("This is not for you"));

    alan.open("/admin").await;
    assert_eq!(alan.place().await, "/login?next=/admin");
    alan.fill_in_login("alan", "turing").await;
    assert_eq!(alan.place().await, "/admin");
    alan.follow("form[action^='/admin/ada/devices/'] button").await;
    assert_eq!((alan.place().await, alan.status().await), (json!("/admin"), json!(200)));
    assert!(alan.text().await.contains("Logged in nowhere."));
    assert_eq!(ada.subject().await, None);

    ada.log_in("ada", "lovelace").await;
    alan.open("/admin").await;
    alan.follow("form[action='/admin/ada/logout-everywhere'] button").await;
    assert_eq!(alan.place().await, "/admin");
    assert_eq!(ada.subject().await, None);
    assert_eq!(alan.subject().await.as_deref(), Some("alan"));
}

/// The headings of the devices on the page, the current one first.
async fn listed(visit: &Visit) -> serde_json::Value {
    let headings = "[...document.querySelectorAll('.devices h2')].map(heading => heading.innerText)";
    visit.value(&format!("{headings}.sort((one, other) => other.length - one.length)")).await
}
