use std::hint::black_box;

use axum::{Router, routing::get};

use super::{DONE, somebody};
use crate::session::path::{BEGIN, LOG_IN, LOG_OUT, READ, UNTOUCHED, WRITE};

pub(super) fn router() -> Router {
    Router::new()
        .route(BEGIN, get(done))
        .route(UNTOUCHED, get(done))
        .route(READ, get(done))
        .route(WRITE, get(done))
        .route(LOG_IN, get(log_in))
        .route(LOG_OUT, get(done))
}

async fn done() -> &'static str {
    DONE
}

async fn log_in() -> &'static str {
    black_box(somebody());
    DONE
}
