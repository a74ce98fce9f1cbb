use axum::{
    Json,
    extract::{State, rejection::JsonRejection},
    http::{StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Response},
};
use portcullis::{
    issue::{IssueError, IssuedToken, TokenRequest},
    store::{Clock, SystemClock},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    scopes::{self, InvalidScope},
    tokens::Format,
};
use crate::{login, password::Busy, site::Site};

/// `POST /login/token`
///
/// The password check of the form, and a token in place of a session: nothing is stored, and no cookie is set. So a page of another
/// site that sends somebody else's password here wins nothing: the answer is its alone, and no browser sends it by itself later.
pub(crate) async fn issue(
    State(site): State<Site>,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<IssuedToken, Refusal> {
    let Json(wanted) = wanted?;
    let user =
        login::verified(&site, &wanted.username, wanted.password).await?.ok_or(Refusal::Credentials)?;
    let scope = scopes::granted(&wanted.scope, user.role)?;
    let principal = site.authenticated(user).with_authenticated_at(SystemClock.now());
    let request = TokenRequest::for_principal(&principal).with_scope(&scope)?;
    Ok(site.tokens().issue(wanted.format, request).await?)
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    username: String,
    password: String,
    format: Format,
    #[serde(default)]
    scope: String,
}

/// Why there is no token, in the words of RFC 6749 §5.2 where it has one.
#[derive(Debug)]
pub(crate) enum Refusal {
    Busy,
    Credentials,
    Issue(IssueError),
    Request(JsonRejection),
    Scope,
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, error, why) = match self {
            Self::Busy => {
                let why = "too many people are logging in just now".to_owned();
                (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable", why)
            }
            Self::Credentials => {
                (StatusCode::UNAUTHORIZED, "invalid_credentials", "username or password is wrong".to_owned())
            }
            Self::Issue(error) => return error.into_response(),
            Self::Request(rejection) => (rejection.status(), "invalid_request", rejection.body_text()),
            Self::Scope => {
                let why = "a scope is not known, or not for this user".to_owned();
                (StatusCode::BAD_REQUEST, "invalid_scope", why)
            }
        };
        let told = Json(json!({ "error": error, "error_description": why }));
        match status {
            StatusCode::SERVICE_UNAVAILABLE => (status, [(RETRY_AFTER, "2")], told).into_response(),
            _ => (status, told).into_response(),
        }
    }
}

impl From<Busy> for Refusal {
    fn from(Busy: Busy) -> Self {
        Self::Busy
    }
}

impl From<InvalidScope> for Refusal {
    fn from(InvalidScope: InvalidScope) -> Self {
        Self::Scope
    }
}

impl From<IssueError> for Refusal {
    fn from(error: IssueError) -> Self {
        Self::Issue(error)
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Self {
        Self::Request(rejection)
    }
}
