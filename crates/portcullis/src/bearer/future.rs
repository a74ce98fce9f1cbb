use std::{
    fmt,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::{TokenError, VerifiedToken, admit::admit, config::Config};
use crate::{
    caching,
    reject::{Protocol, Rejection},
};

pin_project! {
    /// The response of a [`BearerService`](super::BearerService): the inner one, or a refusal.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, B, R>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        step: Step<S, S::Future, B, R>,
        protocol: Protocol,
    }
}

pin_project! {
    #[project = StepProjection]
    enum Step<S, F, B, R> {
        Waiting { verdict: Verdict, parked: Option<(S, Request<B>)>, config: Arc<Config> },
        Inner { #[pin] inner: F },
        Rejected { response: Option<Response<R>> },
    }
}

/// Only where something must be waited for.
type Verdict = Pin<Box<dyn Future<Output = Result<VerifiedToken, TokenError>> + Send>>;

impl<S: Service<Request<B>>, B, R: Default> ResponseFuture<S, B, R> {
    pub(super) const fn inner(inner: S::Future, protocol: Protocol) -> Self {
        Self { step: Step::Inner { inner }, protocol }
    }

    pub(super) fn rejected(protocol: Protocol, rejection: Rejection) -> Self {
        Self { step: Step::Rejected { response: Some(rejection.answer(protocol)) }, protocol }
    }

    pub(super) const fn waiting(
        verdict: Verdict,
        ready: S,
        request: Request<B>,
        config: Arc<Config>,
        protocol: Protocol,
    ) -> Self {
        Self { step: Step::Waiting { verdict, parked: Some((ready, request)), config }, protocol }
    }
}

impl<S, B, R> Future for ResponseFuture<S, B, R>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Default,
{
    type Output = Result<S::Response, S::Error>;

    #[expect(clippy::expect_used, reason = "polled after completion")]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let future = self.project();
        let (mut step, protocol) = (future.step, *future.protocol);
        loop {
            let next = match step.as_mut().project() {
                StepProjection::Waiting { verdict, parked, config } => {
                    let verdict = ready!(verdict.as_mut().poll(cx));
                    let (mut service, request) = parked.take().expect("not polled after completion");
                    match verdict {
                        Ok(token) => match admit(config, request, Some(token)) {
                            Ok(request) => Step::Inner { inner: service.call(request) },
                            Err(rejection) => Step::Rejected { response: Some(rejection.answer(protocol)) },
                        },
                        Err(error) => {
                            Step::Rejected { response: Some(config.refused(&error).answer(protocol)) }
                        }
                    }
                }
                StepProjection::Inner { inner } => {
                    let mut response = ready!(inner.poll(cx))?;
                    if protocol == Protocol::Http {
                        caching::vary(response.headers_mut(), "Authorization");
                    }
                    return Poll::Ready(Ok(response));
                }
                StepProjection::Rejected { response } => {
                    return Poll::Ready(Ok(response.take().expect("not polled after completion")));
                }
            };
            step.set(next);
        }
    }
}

impl<S: Service<Request<B>>, B, R> fmt::Debug for ResponseFuture<S, B, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
