use askama::Template;
use axum::{
    extract::Request,
    http::{
        HeaderMap, StatusCode,
        header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use portcullis::reject::{Rejection, RejectionKind};

use crate::frame::html;

/// Whatever no route is for.
pub(crate) async fn not_found(headers: HeaderMap) -> Response {
    let plain = (StatusCode::NOT_FOUND, "not found").into_response();
    if !wants_page(&headers) {
        return plain;
    }
    let page = html(&ProblemPage {
        title: "There is no such page",
        advice: "The gatekeeper has looked everywhere.",
    });
    dressed(plain, page)
}

/// Another site pressed a button that no cookie protects.
pub(crate) fn another_site(headers: &HeaderMap) -> Response {
    let plain = (StatusCode::FORBIDDEN, "another site may not ask for this").into_response();
    if wants_page(headers) { dressed(plain, html(&ANOTHER_SITE)) } else { plain }
}

/// Nobody has had the machine compare anything yet.
pub(crate) fn nothing_measured(headers: &HeaderMap) -> Response {
    let plain = (StatusCode::NOT_FOUND, "nothing was measured yet").into_response();
    if !wants_page(headers) {
        return plain;
    }
    let page = html(&ProblemPage {
        title: "Nothing was measured yet",
        advice: "The page Compare has a button for it. The figures are here when it is done.",
    });
    dressed(plain, page)
}

/// Shows a refusal of Portcullis to a browser as a page, with the status and the fields it has; a program keeps the short text.
pub(crate) async fn as_page(request: Request, next: Next) -> Response {
    let wants_page = wants_page(request.headers());
    let response = next.run(request).await;
    // Every refused response carries the reason, also where it replaced a handler's answer.
    let problem = match response.extensions().get::<Rejection>().map(Rejection::kind) {
        Some(RejectionKind::Gone) if wants_page => ProblemPage {
            title: "You were logged out meanwhile",
            advice: "This page wanted to save something in your session, which has ended. Nothing was saved.",
        },
        Some(RejectionKind::Unavailable) if wants_page => ProblemPage {
            title: "The gatekeeper is looking for the book",
            advice: "The session store does not answer. You are still logged in if you were; please try again soon.",
        },
        Some(RejectionKind::CrossOrigin) if wants_page => ANOTHER_SITE,
        Some(RejectionKind::Forbidden) if wants_page => ProblemPage {
            title: "This is not for you",
            advice: "You are logged in, but not as somebody who may see this.",
        },
        _ => return response,
    };
    let page = html(&problem);
    dressed(response, page)
}

/// `page` in place of the body of `response`.
fn dressed(response: Response, page: Response) -> Response {
    let (mut parts, _) = response.into_parts();
    let (page, body) = page.into_parts();
    parts.headers.remove(CONTENT_LENGTH);
    if let Some(content_type) = page.headers.get(CONTENT_TYPE) {
        parts.headers.insert(CONTENT_TYPE, content_type.clone());
    }
    Response::from_parts(parts, body)
}

/// Whether a browser asks for something to show.
pub(crate) fn wants_page(headers: &HeaderMap) -> bool {
    let accept = headers.get(ACCEPT).and_then(|accept| accept.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

/// Stands for itself: where there is a problem, the session may be it.
#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage {
    title: &'static str,
    advice: &'static str,
}

const ANOTHER_SITE: ProblemPage = ProblemPage {
    title: "Another site sent you here",
    advice: "Its page made your browser ask this in your name. The gate asked where that came from, and nothing was done.",
};
