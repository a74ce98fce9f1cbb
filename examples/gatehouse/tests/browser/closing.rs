use serde_json::json;

use crate::stage::Stage;

pub(crate) async fn who_is_not_remembered_is_logged_out_with_the_browser(stage: &Stage) {
    let visit = stage.visit().await;
    visit.add("rope").await;
    visit.log_in("ada", "lovelace").await;
    assert_eq!(visit.cookie().await.unwrap().expires(), None);

    let visit = stage.visit_with(visit.close().await).await;
    assert_eq!(visit.subject().await, None);
    assert_eq!(visit.cookie().await, None);
    assert_eq!(visit.cart().await, json!({}));
}

pub(crate) async fn s12_who_is_remembered_is_still_logged_in(stage: &Stage) {
    let visit = stage.visit().await;
    visit.add("rope").await;
    visit.open("/login").await;
    visit.click("[name=remember]").await;
    visit.fill_in_login("ada", "lovelace").await;
    let cookie = visit.cookie().await.unwrap();
    assert!(cookie.expires().is_some(), "it would end with the browser");

    let visit = stage.visit_with(visit.close().await).await;
    assert_eq!(visit.subject().await.as_deref(), Some("ada"));
    assert_eq!(visit.cart().await, json!({ "rope": 1 }));
    assert_eq!(visit.cookie().await.unwrap().value(), cookie.value());

    // A logout is for good, however long the cookie would have lasted.
    visit.log_out().await;
    let visit = stage.visit_with(visit.close().await).await;
    assert_eq!((visit.subject().await, visit.cookie().await), (None, None));
}
