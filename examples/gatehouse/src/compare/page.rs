use askama::Template;
use axum::{
    extract::{Query, State},
    http::{
        HeaderMap,
        header::{CONTENT_TYPE, REFRESH},
    },
    response::{IntoResponse, Redirect, Response},
};
use portcullis_compare::{Question, Recommendation};

use super::{
    answers::Given,
    figures::{self, Figure},
    measurement::{REST, View},
    measuring::Measured,
};
use crate::{
    frame::{Frame, html, wants_json},
    problem,
    provenance::is_ours,
    site::Site,
    words::in_words,
};

/// `GET /compare`: the questions and what follows from their answers, and the last measurement. While one runs, the page comes again
/// each second.
pub(crate) async fn page(
    State(site): State<Site>,
    headers: HeaderMap,
    Query(query): Query<Vec<(String, String)>>,
    frame: Frame,
) -> Response {
    let measuring = site.measuring();
    let view = measuring.view();
    let given = Given::of(&query);
    if wants_json(&headers) {
        return last(&view, given, &headers);
    }
    let recommendation = given.all().map(|answers| answers.recommendation());
    let figures = match (&recommendation, &view.last) {
        (Some(recommendation), Some(last)) => figures::of(recommendation.choice, &last.outcome.comparison),
        _ => Vec::new(),
    };
    let is_running = view.running.is_some();
    let page = html(&ComparePage {
        frame,
        given,
        recommendation,
        figures,
        since_last: view.last.as_ref().map(|last| in_words(measuring.clock().now().since(last.at))),
        // Rounded up: after so many seconds the button is there.
        wait_s: view.wait.map(|wait| wait.as_millis().div_ceil(1_000)),
        view,
    });
    if is_running { ([(REFRESH, "1")], page).into_response() } else { page }
}

/// `POST /compare`: begins a measurement unless one runs or was just done, and shows the page either way.
pub(crate) async fn measure(
    State(site): State<Site>,
    headers: HeaderMap,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    if !is_ours(&headers, site.issuer().as_str()) {
        return problem::another_site(&headers);
    }
    site.measuring().press();
    Redirect::to(&Given::of(&query).path()).into_response()
}

/// `GET /compare.json`: the last measurement for programs, as the command line has it.
pub(crate) async fn json(
    State(site): State<Site>,
    headers: HeaderMap,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    last(&site.measuring().view(), Given::of(&query), &headers)
}

fn last(view: &View<Measured>, given: Given, headers: &HeaderMap) -> Response {
    match &view.last {
        Some(last) => {
            let json = last.outcome.comparison.to_json(given.as_questions());
            ([(CONTENT_TYPE, "application/json")], json).into_response()
        }
        None => problem::nothing_measured(headers),
    }
}

#[derive(Template)]
#[template(path = "compare.html")]
struct ComparePage {
    frame: Frame,
    given: Given,
    recommendation: Option<Recommendation>,
    figures: Vec<Figure>,
    since_last: Option<String>,
    wait_s: Option<u128>,
    view: View<Measured>,
}

impl ComparePage {
    fn questions(&self) -> [Question; 3] {
        self.given.as_questions().asked()
    }

    /// Where the button leads, so that whoever has answered the questions finds their answer again, with figures.
    fn path(&self) -> String {
        self.given.path()
    }

    fn rest() -> u64 {
        REST.as_secs()
    }

    /// Whether the compiler did what it can. A measurement says so of itself; this is for the time before there is one.
    const fn is_optimised() -> bool {
        !cfg!(debug_assertions)
    }
}
