use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use portcullis::{
    identity::{CredentialKind, Principal},
    reject::Rejection,
    session::{Session, SessionError},
};
use serde_json::json;

use crate::site::Site;

/// `POST /api/token/revoke`: the token that comes with it is refused from now on, and no other.
pub(crate) async fn revoke(State(site): State<Site>, caller: Principal) -> Result<Response, Rejection> {
    let Some(token) = caller.token() else {
        let told = json!({ "error": "invalid_request", "error_description": "no token came with it: a session ends at /logout" });
        return Ok((StatusCode::BAD_REQUEST, Json(told)).into_response());
    };
    site.revocations().revoke(token).await.map_err(|error| Rejection::from(&error))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// `POST /api/logout-everywhere`: every session of the caller, and every token until now.
pub(crate) async fn log_out_everywhere(
    State(site): State<Site>,
    session: Session,
    caller: Principal,
) -> Result<StatusCode, SessionError> {
    end_everything(&site, &session, &caller).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The same for pages, which tell the browser to forget its cookie.
pub(crate) async fn end_everything(
    site: &Site,
    session: &Session,
    caller: &Principal,
) -> Result<(), SessionError> {
    site.subjects().log_out_everywhere(caller).await?;
    // A cookie that comes along with a token may be somebody else's.
    if caller.credential() == CredentialKind::Session {
        session.log_out().await?;
    }
    Ok(())
}
