use std::time::Duration;

use askama::Template;
use axum::{extract::Query, response::Response};
use portcullis::session::{Session, SessionError};
use serde::Deserialize;
use tokio::time;

use crate::frame::{Frame, html};

/// `GET /slow?ms=500`
///
/// Reads the session, takes its time, then writes. If somebody logs out meanwhile in another tab, there is no session left to
/// write to: the save answers 409, and nobody is logged in again by it.
pub(crate) async fn page(
    session: Session,
    frame: Frame,
    Query(query): Query<SlowQuery>,
) -> Result<Response, SessionError> {
    let waited_ms = query.ms.unwrap_or(500).min(LONGEST_MS);
    time::sleep(Duration::from_millis(waited_ms)).await;
    session.insert("last_slow", waited_ms)?;
    Ok(html(&SlowPage { frame, waited_ms }))
}

#[derive(Debug, Deserialize)]
pub(crate) struct SlowQuery {
    ms: Option<u64>,
}

#[derive(Template)]
#[template(path = "slow.html")]
struct SlowPage {
    frame: Frame,
    waited_ms: u64,
}

const LONGEST_MS: u64 = 5_000;
