//! The page that `portcullis compare --html` writes, opened from a file.

use std::{fs, path::PathBuf, process};

use portcullis_compare::{Answers, Comparison, Questions, Settings, compare};
use serde_json::json;

use crate::{axe::assert_accessible, programs::Programs, stage::Stage, visit::Visit};

pub(crate) async fn it_needs_no_network_and_its_numbers_are_the_jsons(programs: Programs) {
    let comparison = measured().await;
    let page = Page::of(&comparison);
    let visit = visit(programs).await;
    let mut grounds = Vec::new();
    for scheme in ["light", "dark"] {
        visit.prefer(scheme).await;
        page.open(&visit).await;
        assert_eq!(visit.value("performance.getEntriesByType('resource').length").await, 0);
        assert_eq!(visit.complaints().await, json!([]), "{scheme}");
        let overflow = "document.scrollingElement.scrollWidth - innerWidth";
        assert!(visit.value(overflow).await.as_i64() <= Some(0), "{scheme}");
        grounds.push(visit.value("getComputedStyle(document.body).backgroundColor").await);
    }
    assert_ne!(grounds[0], grounds[1]);
    for row in &comparison.rows {
        let json = serde_json::to_value(row).unwrap();
        for (column, value) in json.as_object().unwrap().iter().filter(|(_, value)| value.is_number()) {
            let in_page = format!(
                "Number(document.querySelector('[data-row=\"{}\"] [data-column={column}] data').value)",
                row.name
            );
            assert_eq!(visit.value(&in_page).await, *value, "{} {column}", row.name);
        }
    }
}

pub(crate) async fn each_three_answers_show_one_recommendation(programs: Programs) {
    let page = Page::of(&measured().await);
    let visit = visit(programs).await;
    page.open(&visit).await;
    let shown = "[...document.querySelectorAll('.recommendation')]\
                 .filter((one) => one.checkVisibility()).map((one) => one.innerText)";
    assert_eq!(visit.value(shown).await, json!([]));
    for answers in Answers::all() {
        for value in [answers.callers.as_str(), answers.logout.as_str(), answers.verifiers.as_str()] {
            visit.click(&format!("[type=radio][value={value}]")).await;
        }
        let shown = visit.value(shown).await;
        let [shown] = &shown.as_array().unwrap()[..] else { panic!("{answers:?}: {shown}") };
        let recommendation = answers.recommendation();
        for part in [recommendation.title, recommendation.layer] {
            assert!(shown.as_str().unwrap().contains(part), "{part}: {shown}");
        }
    }
}

pub(crate) async fn it_is_accessible(programs: Programs) {
    let page = Page::of(&measured().await);
    let visit = visit(programs).await;
    page.open(&visit).await;
    assert_accessible(&visit, "a page of a comparison").await;
    for value in ["browsers", "immediate", "others"] {
        visit.click(&format!("[type=radio][value={value}]")).await;
    }
    assert_accessible(&visit, "a page with its answers").await;
}

async fn measured() -> Comparison {
    compare(&Settings::default().with_rounds(3), |_progress| {}).await.unwrap()
}

/// No server is there to be asked.
async fn visit(programs: Programs) -> Visit {
    Stage::of_own(programs, Visit::ORIGIN, "127.0.0.1:9".to_owned()).visit().await
}

/// A file, gone with its trial.
struct Page(PathBuf);

impl Page {
    fn of(comparison: &Comparison) -> Self {
        let name = format!("comparison-{}-{:p}.html", process::id(), comparison);
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        fs::write(&path, comparison.to_html(Questions::default())).unwrap();
        Self(path)
    }

    async fn open(&self, visit: &Visit) {
        visit.open_at("file://", self.0.to_str().unwrap()).await;
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok();
    }
}
