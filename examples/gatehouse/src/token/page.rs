use askama::Template;
use axum::{
    http::header::CONTENT_SECURITY_POLICY,
    response::{IntoResponse, Response},
};

use super::scopes::{SCOPES, Scope};
use crate::{
    frame::{Frame, html},
    headers::POLICY_OF_CALLING_PAGES,
    users::{DEMONSTRATION, Demonstration},
};

/// `GET /token`: asks for a token by script, takes it apart, and calls with it. Its script keeps the token in a variable and nowhere
/// else.
pub(crate) async fn page(frame: Frame) -> Response {
    let page = html(&TokenPage { frame, scopes: &SCOPES, users: DEMONSTRATION });
    ([(CONTENT_SECURITY_POLICY, POLICY_OF_CALLING_PAGES)], page).into_response()
}

#[derive(Template)]
#[template(path = "token.html")]
struct TokenPage {
    frame: Frame,
    scopes: &'static [Scope],
    users: [Demonstration; 2],
}
