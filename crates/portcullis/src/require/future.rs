use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use super::redirect::{self, Redirect};
use crate::reject::Rejection;

pin_project! {
    /// The response of a layer that demands: the inner one, or a refusal.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<S, B, R>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        step: Step<S, S::Future, B, R>,
    }
}

pin_project! {
    #[project = StepProjection]
    enum Step<S, F, B, R> {
        Waiting { verdict: Verdict, parked: Option<(S, Request<B>)>, redirect: Option<Redirect> },
        Inner { #[pin] inner: F },
        Rejected { response: Option<Response<R>> },
    }
}

/// Only where a store must be waited for.
type Verdict = Pin<Box<dyn Future<Output = Result<(), Rejection>> + Send>>;

impl<S: Service<Request<B>>, B, R: Default> ResponseFuture<S, B, R> {
    pub(super) const fn inner(inner: S::Future) -> Self {
        Self { step: Step::Inner { inner } }
    }

    pub(super) fn rejected(request: &Request<B>, rejection: Rejection, redirect: Option<&Redirect>) -> Self {
        Self { step: Step::Rejected { response: Some(redirect::refuse(request, rejection, redirect)) } }
    }

    pub(super) const fn waiting(
        verdict: Verdict,
        ready: S,
        request: Request<B>,
        redirect: Option<Redirect>,
    ) -> Self {
        Self { step: Step::Waiting { verdict, parked: Some((ready, request)), redirect } }
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
        let mut step = self.project().step;
        loop {
            let next = match step.as_mut().project() {
                StepProjection::Waiting { verdict, parked, redirect } => {
                    let verdict = ready!(verdict.as_mut().poll(cx));
                    let (mut service, request) = parked.take().expect("not polled after completion");
                    match verdict {
                        Ok(()) => Step::Inner { inner: service.call(request) },
                        Err(rejection) => {
                            let response = redirect::refuse(&request, rejection, redirect.as_ref());
                            Step::Rejected { response: Some(response) }
                        }
                    }
                }
                StepProjection::Inner { inner } => return inner.poll(cx),
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
