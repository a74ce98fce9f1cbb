use std::{
    mem,
    task::{Context, Poll},
};

use http::{Request, Response};
use tower_service::Service;

use super::{demand::Demand, future::ResponseFuture, redirect::Redirect};
use crate::{identity::Identity, reject::Rejection};

/// What [`RequireLogin`](super::RequireLogin), [`RequireRecent`](super::RequireRecent) and [`Require`](super::Require) make of
/// a service.
#[derive(Clone, Debug)]
pub struct RequireService<S> {
    inner: S,
    demand: Demand,
    redirect: Option<Redirect>,
}

impl<S> RequireService<S> {
    pub(super) const fn new(inner: S, demand: Demand, redirect: Option<Redirect>) -> Self {
        Self { inner, demand, redirect }
    }
}

impl<S, B, R> Service<Request<B>> for RequireService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    R: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S, B, R>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let Some(identity) = request.extensions().get::<Identity>() else {
            let rejection = Rejection::missing_layer(self.demand.name());
            return ResponseFuture::rejected(&request, rejection, self.redirect.as_ref());
        };
        match self.demand.judge_now(identity, request.uri()) {
            Some(Ok(())) => ResponseFuture::inner(self.inner.call(request)),
            Some(Err(rejection)) => ResponseFuture::rejected(&request, rejection, self.redirect.as_ref()),
            None => {
                let (identity, uri) = (identity.clone(), request.uri().clone());
                let verdict = Box::pin(self.demand.clone().judge_later(identity, uri));
                // The polled instance serves the request; its clone is polled anew for the next one.
                let next = self.inner.clone();
                let ready = mem::replace(&mut self.inner, next);
                ResponseFuture::waiting(verdict, ready, request, self.redirect.clone())
            }
        }
    }
}
