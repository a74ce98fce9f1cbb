use std::{convert::Infallible, hint::black_box};

use http::{Request, Response, StatusCode};
use portcullis::{identity::Principal, reject::Rejection};

/// What every layer is measured around: a handler that wants to know who is calling, and does nothing else.
pub(super) async fn who_is_calling(request: Request<()>) -> Result<Response<()>, Infallible> {
    Ok(answer(Principal::of(request.extensions()).await.map(|caller| {
        black_box(caller.subject());
    })))
}

/// An empty response, or the one that tells why there is none.
pub(super) fn answer(outcome: Result<(), Rejection>) -> Response<()> {
    let mut response = Response::new(());
    if let Err(rejection) = outcome {
        *response.status_mut() = rejection.status();
        response.extensions_mut().insert(rejection);
    }
    response
}

/// Whether somebody is calling. Whatever is no answer to that question is an error in words.
pub(super) fn verdict(response: &Response<()>) -> Result<bool, String> {
    match response.status() {
        StatusCode::OK => Ok(true),
        StatusCode::UNAUTHORIZED | StatusCode::BAD_REQUEST => Ok(false),
        status => Err(reason(response).unwrap_or_else(|| status.to_string())),
    }
}

/// The same where somebody has to be.
pub(super) fn expect_ok(response: &Response<()>) -> Result<(), String> {
    match response.status() {
        StatusCode::OK => Ok(()),
        status => Err(reason(response).unwrap_or_else(|| status.to_string())),
    }
}

fn reason(response: &Response<()>) -> Option<String> {
    response.extensions().get::<Rejection>().map(ToString::to_string)
}
