use std::{collections::HashMap, thread, time::Duration};

use portcullis::{
    session::SessionLayer,
    store::{MemoryStore, SharedStore},
};
use portcullis_compare::Answers;
use portcullis_testkit::TestClock;
use serde_json::Value;

use crate::{
    client::{Answer, Browser},
    inside::{site, visited_site},
    server::Server,
};

const BUTTON: &str = "<button>Measure on this machine</button>";

/// The site inside of the test, where a measurement takes a round and no minute passes by itself.
async fn visited(clock: &TestClock, rounds: u16, visit: impl FnOnce(&Browser) + Send + 'static) {
    let store = SharedStore::from(MemoryStore::new());
    let site = site(store.clone()).with_comparison_rounds(rounds).with_comparison_clock(clock.clone());
    visited_site(site, SessionLayer::insecure_for_localhost(store), visit).await;
}

/// Whether the page says that it comes again, and so that one runs.
fn is_running(page: &Answer) -> bool {
    let says_so = page.body.contains("It is being measured");
    assert_eq!(page.field("refresh").is_some(), says_so, "{page:?}");
    says_so
}

/// The page once nothing runs any more.
fn until_measured(browser: &Browser) -> Answer {
    for _ in 0..LONGEST_MEASUREMENT_MS / PAUSE_MS {
        let page = browser.get("/compare");
        if !is_running(&page) {
            return page;
        }
        thread::sleep(Duration::from_millis(PAUSE_MS));
    }
    panic!("it is still being measured");
}

/// The steps that a running one has done, of how many.
fn steps(page: &Answer) -> (u64, u64) {
    let value = |name: &str| between(&page.body, &format!("{name}=\""), "\"").parse().unwrap();
    (value(" value"), value(" max"))
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> &'a str {
    let (_, rest) = text.split_once(before).unwrap_or_else(|| panic!("no {before} in {text}"));
    rest.split_once(after).unwrap().0
}

/// What the tables of a page say, by row and column.
fn figures(page: &str) -> HashMap<(String, String), u64> {
    let mut figures = HashMap::new();
    for row in page.split("<tr data-row=\"").skip(1) {
        let name = row.split('"').next().unwrap();
        let row = row.split("</tr>").next().unwrap();
        for cell in row.split("data-column=\"").skip(1) {
            let column = cell.split('"').next().unwrap().to_owned();
            let cell = cell.split("</td>").next().unwrap();
            if cell.contains("<data value=\"") {
                let value = between(cell, "<data value=\"", "\"").parse().unwrap();
                figures.insert((name.to_owned(), column), value);
            }
        }
    }
    figures
}

#[test]
fn before_the_first_measurement_there_is_a_button_and_no_figure() {
    let server = Server::start(&[]);
    let browser = server.browser();
    let page = browser.get("/compare");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("Nothing was measured yet") && page.body.contains(BUTTON), "{page:?}");
    assert!(figures(&page.body).is_empty());
    for (path, fields) in [("/compare.json", ""), ("/compare", "Accept: application/json\r\n")] {
        let json = browser.send("GET", path, fields, "");
        assert_eq!((json.status, &*json.body), (404, "nothing was measured yet"), "{path}");
    }
    let shown = browser.get("/compare.json");
    assert_eq!(shown.status, 404);
    assert!(shown.body.contains("<h1>Nothing was measured yet</h1>"), "{shown:?}");
    let style = browser.get("/assets/comparison.css");
    assert_eq!(style.field("content-type"), Some("text/css; charset=utf-8"));
    assert_eq!(style.body, portcullis_compare::STYLE);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_press_measures_each_row_and_shows_the_numbers_of_the_json() {
    visited(&TestClock::new(), 1, |browser| {
        assert_eq!(browser.post("/compare", "").way(), (303, Some("/compare")));
        let page = until_measured(browser);
        assert!(page.body.contains("Measured 0 s ago"), "{page:?}");
        let shown = figures(&page.body);
        let json = browser.get("/compare.json");
        assert_eq!(json.field("content-type"), Some("application/json"));
        let rows = json.json()["rows"].as_array().unwrap().clone();
        let names: Vec<_> = rows.iter().map(|row| row["name"].as_str().unwrap()).collect();
        assert_eq!(
            names,
            [
                "HS256",
                "RS256",
                "PS256",
                "ES256",
                "ES384",
                "EdDSA",
                "v4.local",
                "v4.public",
                "v3.public",
                "session in memory"
            ]
        );
        for row in &rows {
            let name = row["name"].as_str().unwrap();
            for column in ["bytes", "issue_ns", "verify_ns", "verify_per_second"] {
                let figure = shown.get(&(name.to_owned(), column.to_owned())).copied();
                assert!(figure.is_some_and(|figure| figure > 0), "{name} {column}: {figure:?}");
                assert_eq!(figure.map(Value::from).as_ref(), Some(&row[column]), "{name} {column}");
            }
        }
        let negotiated = browser.send("GET", "/compare", "Accept: application/json\r\n", "");
        assert_eq!(negotiated.body, json.body);
        assert_eq!(browser.cookie(), None, "nobody needs a session for it");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_one_runs_another_press_begins_none() {
    visited(&TestClock::new(), 40, |browser| {
        browser.post("/compare", "");
        let mut before = (0, 0);
        // A second one would begin at its first step.
        while before.0 < 3 {
            assert_eq!(browser.post("/compare", "").way(), (303, Some("/compare")));
            let page = browser.get("/compare");
            assert!(is_running(&page) && !page.body.contains(BUTTON), "{page:?}");
            assert_eq!(page.field("refresh"), Some("1"));
            let now = steps(&page);
            assert!(now >= before, "{now:?} after {before:?}");
            before = now;
            thread::sleep(Duration::from_millis(50));
        }
        assert!(before.1 > before.0, "{before:?}");
        // The rest of the site answers meanwhile.
        assert_eq!(browser.get("/").status, 200);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn for_a_minute_no_other_one_begins() {
    let clock = TestClock::new();
    let time = clock.clone();
    visited(&clock, 1, move |browser| {
        browser.post("/compare", "");
        let page = until_measured(browser);
        assert!(page.body.contains("can begin in 60 s") && !page.body.contains(BUTTON), "{page:?}");
        let first = browser.get("/compare.json").body;
        time.advance(Duration::from_millis(59_999));
        assert_eq!(browser.post("/compare", "").way(), (303, Some("/compare")));
        let page = browser.get("/compare");
        assert!(!is_running(&page) && page.body.contains("can begin in 1 s"), "{page:?}");

        time.advance(Duration::from_millis(1));
        assert!(browser.get("/compare").body.contains(BUTTON));
        assert_eq!(browser.get("/compare.json").body, first);
        browser.post("/compare", "");
        assert!(is_running(&browser.get("/compare")));
        assert_eq!(browser.get("/compare.json").body, first, "the old one stays until there is another");
        until_measured(browser);
        assert_ne!(browser.get("/compare.json").body, first);
    })
    .await;
}

#[test]
fn s62_another_sites_page_cannot_begin_one() {
    let server = Server::start(&[]);
    let browser = server.browser();
    for from in [
        "Origin: http://evil.example\r\nSec-Fetch-Site: cross-site\r\n",
        "Origin: http://127.0.0.1:1\r\nSec-Fetch-Site: same-site\r\n",
        "Origin: http://evil.example\r\n",
        "Origin: null\r\n",
    ] {
        let page = browser.send("POST", "/compare", &format!("Accept: text/html\r\n{from}"), "");
        assert_eq!(page.way(), (403, None), "{from:?}");
        assert!(page.body.contains("<h1>Another site sent you here</h1>"), "{from:?}");
        assert_eq!(browser.send("POST", "/compare", from, "").status, 403, "{from:?}");
    }
    // With a cookie the session layer refuses it before that.
    browser.log_in("ada", "lovelace");
    let refused = browser.send("POST", "/compare", "Sec-Fetch-Site: cross-site\r\n", "");
    assert_eq!((refused.status, refused.field("x-rejection")), (403, Some("cross_origin")));
    assert!(browser.get("/compare").body.contains("Nothing was measured yet"));
    assert_eq!(begun(&server), 0);
}

#[test]
fn all_nodes_have_one() {
    let server = Server::start(&["--nodes", "2"]);
    let browser = server.browser();
    let mut nodes = Vec::new();
    for _ in 0..2 {
        let own = format!("Sec-Fetch-Site: same-origin\r\nOrigin: {}\r\n", server.url);
        assert_eq!(browser.send("POST", "/compare", &own, "").way(), (303, Some("/compare")));
    }
    for _ in 0..2 {
        let page = browser.get("/compare");
        assert!(is_running(&page), "{page:?}");
        nodes.push(page.field("x-gatehouse-node").unwrap().to_owned());
    }
    nodes.sort();
    assert_eq!((nodes, begun(&server)), (vec!["1".to_owned(), "2".to_owned()], 1));
}

#[test]
fn one_that_runs_does_not_hold_up_the_stop() {
    let mut server = Server::start(&[]);
    let browser = server.browser();
    browser.post("/compare", "");
    assert!(is_running(&browser.get("/compare")));
    server.terminate();
    assert_eq!(server.wait(), Some(0));
    assert!(!server.log().contains("comparison ended"), "it was over before the stop");
}

/// How many measurements the program began, by its log.
fn begun(server: &Server) -> usize {
    server.log().matches("comparison began").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_the_twelve_answers_is_recommended_something() {
    visited(&TestClock::new(), 1, |browser| {
        for is_measured in [false, true] {
            for answers in Answers::all() {
                let recommendation = answers.recommendation();
                let page = browser.get(&path(answers));
                assert_eq!(page.status, 200, "{answers:?}");
                let card = between(&page.body, "id=\"recommendation\"", "</section>");
                let texts = [recommendation.title, recommendation.layer];
                let texts = texts.into_iter().chain(recommendation.because).chain(recommendation.except);
                for text in texts {
                    assert!(card.contains(&escaped(text)), "{answers:?}: {text:?} is not in {card}");
                }
                assert_eq!(card.contains("Except:"), recommendation.except.is_some(), "{answers:?}");
                for row in recommendation.choice.rows() {
                    let sentence = format!("<strong>{row}</strong> adds ");
                    assert_eq!(card.contains(&sentence), is_measured, "{answers:?}: {card}");
                }
                assert_eq!(page.body.matches(" checked").count(), 3, "{answers:?}");
            }
            if !is_measured {
                // The button leads back to where it was pressed.
                let path = path(Answers::all().last().unwrap());
                assert_eq!(browser.post(&path, "").way(), (303, Some(&*path)));
                until_measured(browser);
            }
        }
    })
    .await;
}

fn escaped(text: &str) -> String {
    text.replace('&', "&#38;").replace('\'', "&#39;").replace('"', "&#34;").replace('<', "&#60;")
}

/// The page with `answers`, by the names that JSON has for them.
fn path(answers: Answers) -> String {
    let names = serde_json::to_value(answers).unwrap();
    let fields =
        ["callers", "logout", "verifiers"].map(|field| format!("{field}={}", names[field].as_str().unwrap()));
    format!("/compare?{}", fields.join("&"))
}

#[test]
fn what_is_no_answer_is_none() {
    let server = Server::start(&[]);
    let browser = server.browser();
    for (query, some_missing) in [
        ("callers=browsers", true),
        ("callers=browsers&logout=immediate&verifiers=nobody", true),
        ("callers=&logout=&verifiers=", false),
        ("callers=%FF&logout=%&verifiers=%00", false),
        ("callers[]=browsers&&=&x", false),
        ("verifiers=%22%3E%3Cscript%3Ealert(1)%3C/script%3E", false),
    ] {
        let page = browser.get(&format!("/compare?{query}"));
        assert_eq!(page.status, 200, "{query}");
        assert!(!page.body.contains("id=\"recommendation\""), "{query}");
        assert_eq!(page.body.contains("All three decide"), some_missing, "{query}");
        assert!(!page.body.contains("alert(1)"), "{query}");
    }
}

const PAUSE_MS: u64 = 20;
const LONGEST_MEASUREMENT_MS: u64 = 120_000;
