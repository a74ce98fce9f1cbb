use askama::Template;
use axum::{
    extract::{FromRequestParts, OptionalFromRequestParts, OriginalUri},
    http::{HeaderMap, StatusCode, header::ACCEPT, request::Parts},
    response::{Html, IntoResponse, Response},
};
use portcullis::{identity::Principal, session::Session};
use tracing::error;

use crate::{balancer::NodeNumber, cart::Cart, theme::Theme};

/// What every page shows around its content.
///
/// As an extractor it asks the session three things for the price of one: it is loaded from the store once a request, and not at
/// all for somebody who has none.
#[derive(Debug)]
pub(crate) struct Frame {
    /// The subject who is logged in.
    pub(crate) subject: Option<String>,
    /// Whether they may look after everybody's sessions.
    pub(crate) is_admin: bool,
    pub(crate) theme: Option<Theme>,
    pub(crate) cart: Cart,
    /// The page's own path, so that choosing a theme comes back to it.
    pub(crate) path: String,
    /// Which of several nodes makes the page.
    pub(crate) node: Option<NodeNumber>,
}

impl Frame {
    pub(crate) fn chose(&self, theme: &str) -> bool {
        self.theme.map_or_else(|| theme == "system", |chosen| chosen.to_string() == theme)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Frame {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let session = Session::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        let caller = <Principal as OptionalFromRequestParts<S>>::from_request_parts(parts, state)
            .await
            .map_err(IntoResponse::into_response)?;
        let OriginalUri(uri) =
            OriginalUri::from_request_parts(parts, state).await.map_err(IntoResponse::into_response)?;
        Ok(Self {
            is_admin: caller.as_ref().is_some_and(|principal| principal.has_role(ADMIN)),
            subject: caller.map(|principal| principal.subject().to_owned()),
            theme: Theme::of(&session).await.map_err(IntoResponse::into_response)?,
            cart: Cart::of(&session).await.map_err(IntoResponse::into_response)?,
            path: uri.path().to_owned(),
            node: parts.extensions.get::<NodeNumber>().copied(),
        })
    }
}

/// `template` as a page.
pub(crate) fn html(template: &impl Template) -> Response {
    match template.render() {
        Ok(page) => Html(page).into_response(),
        Err(cause) => {
            error!(%cause, "a page cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Whether a program asks, and would rather have JSON than a page.
pub(crate) fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("application/json"))
}

/// The role of whom the administration is for, as a login records it.
pub(crate) const ADMIN: &str = "admin";
