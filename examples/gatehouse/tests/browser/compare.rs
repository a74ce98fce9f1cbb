use std::{net::TcpListener, time::Duration};

use gatehouse::{Site, TokenKeys, Tokens, app, self_signed, serve};
use portcullis::{
    session::SessionLayer,
    store::{MemoryStore, SharedStore},
};
use serde_json::json;

use crate::{programs::Programs, stage::Stage, visit::Visit};

pub(crate) async fn a_press_measures_and_the_answers_are_recommended_with_figures(programs: Programs) {
    let visit = visit(programs).await;
    visit.open("/").await;
    visit.follow("nav a[href='/compare']").await;
    assert!(visit.text().await.contains("Nothing was measured yet"));
    measure(&visit).await;
    assert_eq!(visit.place().await, "/compare");
    assert_eq!(visit.value("document.querySelectorAll('.costs tbody tr').length").await, 10);
    // The policy refuses what it should, and nothing of the page's own: each plot is drawn, and in the style sheet's colours.
    assert_eq!(
        visit
            .value(
                "[...document.querySelectorAll('.comparison svg.chart')]\
                 .filter((chart) => chart.getBBox().width < 100).length"
            )
            .await,
        0
    );
    assert!(
        visit.value("document.querySelectorAll('.comparison svg.chart').length").await.as_u64() >= Some(2)
    );
    let ink = "getComputedStyle(document.querySelector('.comparison')).color";
    visit.prefer("light").await;
    let light = visit.value(ink).await;
    visit.prefer("dark").await;
    assert_ne!(visit.value(ink).await, light);

    for (field, value) in [("callers", "programs"), ("logout", "later"), ("verifiers", "others")] {
        visit.click(&format!("[name={field}][value={value}]")).await;
    }
    visit.follow("#questions button").await;
    assert_eq!(visit.place().await, "/compare?callers=programs&logout=later&verifiers=others");
    let advice = visit.value("document.querySelector('#recommendation').innerText").await;
    let advice = advice.as_str().unwrap();
    assert!(advice.contains("PASETO v4.public") && advice.contains("BearerLayer::new"), "{advice}");
    let bytes =
        visit.value("document.querySelector('[data-row=\"v4.public\"] [data-column=bytes]').innerText").await;
    assert!(advice.contains(&format!("{} bytes", bytes.as_str().unwrap())), "{bytes} in {advice}");
    assert_eq!(visit.complaints().await, json!([]));
    assert_eq!(visit.cookie().await, None);
}

/// Presses the button and waits for the figures. The page comes by itself.
pub(crate) async fn measure(visit: &Visit) {
    visit.open("/compare").await;
    visit.follow("#measurement button").await;
    visit.until("document.querySelector('.comparison') && !document.querySelector('progress')").await;
}

/// Somebody at a shop that measures for a moment only: the server runs inside of the trial, as the program has no option for that.
pub(crate) async fn visit(programs: Programs) -> Visit {
    let store = SharedStore::from(MemoryStore::new());
    let sessions = SessionLayer::new(store.clone()).with_devices().unwrap();
    let tokens =
        Tokens::new(Visit::ORIGIN, &TokenKeys::generate().unwrap(), Duration::from_secs(600)).unwrap();
    let site = Site::new(store, tokens).unwrap().with_comparison_rounds(3);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let certificate = self_signed(["gatehouse.test"]).await.unwrap();
    tokio::spawn(serve(listener, Some(certificate), app(site, sessions).unwrap(), std::future::pending()));
    Stage::of_own(programs, Visit::ORIGIN, address).visit().await
}
