use std::hint::black_box;

use axum::{Router, routing::get};
use portcullis::{
    identity::Principal,
    session::{Session, SessionError, SessionLayer},
    store::SharedStore,
};

use super::{DONE, somebody};
use crate::session::path::{BEGIN, LOG_IN, LOG_OUT, READ, UNTOUCHED, WRITE};

pub(super) fn router(store: impl Into<SharedStore>) -> Router {
    Router::new()
        .route(BEGIN, get(begin))
        .route(UNTOUCHED, get(untouched))
        .route(READ, get(read))
        .route(WRITE, get(write))
        .route(LOG_IN, get(log_in))
        .route(LOG_OUT, get(log_out))
        .layer(SessionLayer::new(store))
}

async fn begin(session: Session) -> Result<&'static str, SessionError> {
    session.insert("visits", 1_u32)?;
    session.insert("theme", "light")?;
    session.insert("language", "en")?;
    Ok(DONE)
}

async fn untouched(session: Session) -> &'static str {
    black_box(session);
    DONE
}

async fn read(session: Session) -> Result<&'static str, SessionError> {
    black_box(session.get::<u32>("visits").await?);
    Ok(DONE)
}

async fn write(session: Session) -> Result<&'static str, SessionError> {
    let visits: u32 = session.get("visits").await?.unwrap_or_default();
    session.insert("visits", visits + 1)?;
    Ok(DONE)
}

async fn log_in(session: Session) -> Result<&'static str, SessionError> {
    session.log_in(Principal::local(somebody())).await?;
    Ok(DONE)
}

async fn log_out(session: Session) -> Result<&'static str, SessionError> {
    session.log_out().await?;
    Ok(DONE)
}
