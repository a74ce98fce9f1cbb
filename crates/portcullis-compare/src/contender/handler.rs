use std::{convert::Infallible, hint::black_box, time::Duration};

use http::{Request, Response, StatusCode};
use portcullis::{identity::Principal, reject::Rejection};
use tower_service::Service;

use super::Presented;
use crate::{CompareError, stopwatch::Stopwatch};

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

/// Whether the handler behind `service` knows who is calling with `presented`. Whatever is no answer to that question is an error.
pub(super) async fn accepts(
    row: &str,
    service: &impl Handle<()>,
    presented: &Presented,
) -> Result<bool, CompareError> {
    let Ok(response) = service.clone().call(presented.request()).await;
    match response.status() {
        StatusCode::OK => Ok(true),
        StatusCode::UNAUTHORIZED | StatusCode::BAD_REQUEST => Ok(false),
        _ => expect_ok(row, &response).map(|()| true),
    }
}

/// Has `service` verify `presented` so many times, and says how long that took.
pub(super) async fn verify(
    row: &str,
    service: &impl Handle<()>,
    presented: &Presented,
    times: u32,
) -> Result<Duration, CompareError> {
    let mut service = service.clone();
    let stopwatch = Stopwatch::start();
    for _ in 0..times {
        let Ok(response) = service.call(presented.request()).await;
        expect_ok(row, &response)?;
    }
    Ok(stopwatch.elapsed())
}

/// Says why a response is none of a handler that was content.
pub(super) fn expect_ok(row: &str, response: &Response<()>) -> Result<(), CompareError> {
    if response.status() == StatusCode::OK {
        return Ok(());
    }
    let reason = response.extensions().get::<Rejection>().map(ToString::to_string);
    Err(CompareError::refused(row, reason.unwrap_or_else(|| response.status().to_string())))
}

/// A service as a handler is behind a layer, for requests with a body of `B`.
pub(super) trait Handle<B>:
    Service<Request<B>, Response = Response<()>, Error = Infallible, Future: Send> + Clone + Send + Sync + 'static
{
}

impl<S, B> Handle<B> for S where
    S: Service<Request<B>, Response = Response<()>, Error = Infallible, Future: Send>
        + Clone
        + Send
        + Sync
        + 'static
{
}
