use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use http::Response;
use pin_project_lite::pin_project;

use crate::reject::{Protocol, Rejection};

pin_project! {
    /// The response of an [`ExemptService`](super::ExemptService): the inner one, or that the layer is in the wrong place.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F, R> {
        #[pin]
        step: Step<F, R>,
    }
}

pin_project! {
    #[project = StepProjection]
    enum Step<F, R> {
        Inner { #[pin] inner: F },
        Rejected { response: Option<Response<R>> },
    }
}

impl<F, R> ResponseFuture<F, R> {
    pub(super) const fn inner(inner: F) -> Self {
        Self { step: Step::Inner { inner } }
    }
}

impl<F, R: Default> ResponseFuture<F, R> {
    pub(super) fn rejected(protocol: Protocol, rejection: Rejection) -> Self {
        Self { step: Step::Rejected { response: Some(rejection.answer(protocol)) } }
    }
}

impl<F, R, E> Future for ResponseFuture<F, R>
where
    F: Future<Output = Result<Response<R>, E>>,
{
    type Output = F::Output;

    #[expect(clippy::expect_used, reason = "polled after completion")]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        match self.project().step.project() {
            StepProjection::Inner { inner } => inner.poll(cx),
            StepProjection::Rejected { response } => {
                Poll::Ready(Ok(response.take().expect("not polled after completion")))
            }
        }
    }
}

impl<F, R> fmt::Debug for ResponseFuture<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
