use std::hint::black_box;

use axum::{Router, http::StatusCode, routing::get};
use tower_sessions::{Session, SessionManagerLayer, SessionStore, session::Error};

use super::{DONE, somebody};
use crate::session::path::{BEGIN, LOG_IN, LOG_OUT, READ, UNTOUCHED, WRITE};

pub(super) fn router(store: impl SessionStore + Clone) -> Router {
    Router::new()
        .route(BEGIN, get(begin))
        .route(UNTOUCHED, get(untouched))
        .route(READ, get(read))
        .route(WRITE, get(write))
        .route(LOG_IN, get(log_in))
        .route(LOG_OUT, get(log_out))
        .layer(SessionManagerLayer::new(store))
}

async fn begin(session: Session) -> Result<&'static str, StatusCode> {
    session.insert("visits", 1_u32).await.map_err(refused)?;
    session.insert("theme", "light").await.map_err(refused)?;
    session.insert("language", "en").await.map_err(refused)?;
    Ok(DONE)
}

async fn untouched(session: Session) -> &'static str {
    black_box(session);
    DONE
}

async fn read(session: Session) -> Result<&'static str, StatusCode> {
    black_box(session.get::<u32>("visits").await.map_err(refused)?);
    Ok(DONE)
}

async fn write(session: Session) -> Result<&'static str, StatusCode> {
    let visits: u32 = session.get("visits").await.map_err(refused)?.unwrap_or_default();
    session.insert("visits", visits + 1).await.map_err(refused)?;
    Ok(DONE)
}

async fn log_in(session: Session) -> Result<&'static str, StatusCode> {
    session.cycle_id().await.map_err(refused)?;
    session.insert("user", somebody()).await.map_err(refused)?;
    Ok(DONE)
}

async fn log_out(session: Session) -> Result<&'static str, StatusCode> {
    session.flush().await.map_err(refused)?;
    Ok(DONE)
}

/// The peer's errors are no responses; a bench ends at any that is not a success.
fn refused(_error: Error) -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}
