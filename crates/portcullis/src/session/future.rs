use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use http::Response;
use pin_project_lite::pin_project;

use super::{error::SessionError, slot::Slot};
use crate::{
    identity::Identity,
    reject::{Protocol, Rejection},
};

pin_project! {
    /// The response of a [`SessionService`](super::SessionService): the inner one, once its session is committed.
    #[must_use = "futures do nothing unless polled"]
    pub struct ResponseFuture<F, R> {
        #[pin]
        step: Step<F, R>,
    }
}

pin_project! {
    #[project = StepProjection]
    enum Step<F, R> {
        Inner { #[pin] inner: F, identity: Identity, protocol: Protocol },
        Committing { commit: Commit, response: Option<Response<R>>, identity: Identity, protocol: Protocol },
        Rejected { response: Option<Response<R>> },
    }
}

/// Only where a store is written to: a path that passes through or reads has nothing boxed.
type Commit = Pin<Box<dyn Future<Output = Result<(), SessionError>> + Send>>;

impl<F, R> ResponseFuture<F, R> {
    pub(super) const fn inner(inner: F, identity: Identity, protocol: Protocol) -> Self {
        Self { step: Step::Inner { inner, identity, protocol } }
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
    R: Default,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut step = self.project().step;
        loop {
            let next = match step.as_mut().project() {
                StepProjection::Inner { inner, identity, protocol } => {
                    let response = ready!(inner.poll(cx))?;
                    if !slot(identity).respond(*protocol, &response) {
                        return Poll::Ready(Ok(finished(response, identity)));
                    }
                    let commit = commit(identity.clone());
                    Step::Committing {
                        commit,
                        response: Some(response),
                        identity: identity.clone(),
                        protocol: *protocol,
                    }
                }
                StepProjection::Committing { commit, response, identity, protocol } => {
                    let committed = ready!(commit.as_mut().poll(cx));
                    let response = match committed {
                        Ok(()) => take(response),
                        Err(error) => Rejection::from(&error).answer(*protocol),
                    };
                    return Poll::Ready(Ok(finished(response, identity)));
                }
                StepProjection::Rejected { response } => return Poll::Ready(Ok(take(response))),
            };
            step.set(next);
        }
    }
}

impl<F, R> fmt::Debug for ResponseFuture<F, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

fn commit(identity: Identity) -> Commit {
    Box::pin(async move { slot(&identity).commit_at_the_end().await })
}

fn finished<R>(mut response: Response<R>, identity: &Identity) -> Response<R> {
    slot(identity).finish(&mut response);
    identity.tell_if_mixed();
    response
}

fn slot(identity: &Identity) -> &Slot {
    #[expect(clippy::expect_used, reason = "the service filled the slot before it made the future")]
    identity.session().expect("a filled slot")
}

fn take<R>(response: &mut Option<Response<R>>) -> Response<R> {
    #[expect(clippy::expect_used, reason = "polled after completion")]
    response.take().expect("not polled after completion")
}
