use std::time::Duration;

use axum::{
    extract::State,
    http::{StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use tokio::time;
use tracing::warn;

use crate::site::Site;

/// `GET /healthz`: the program runs.
pub(crate) async fn alive() -> &'static str {
    "alive"
}

/// `GET /readyz`: the store answers, so requests are welcome.
pub(crate) async fn ready(State(site): State<Site>) -> Response {
    let problem = match time::timeout(LONGEST_CHECK, site.store().check()).await {
        Ok(Ok(())) => return "ready".into_response(),
        Ok(Err(error)) => error.to_string(),
        Err(_elapsed) => "the store does not answer in time".to_owned(),
    };
    warn!(problem, "not ready");
    let answer = (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], "not ready");
    answer.into_response()
}

const LONGEST_CHECK: Duration = Duration::from_secs(2);
