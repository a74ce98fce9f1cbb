use std::{
    mem,
    sync::Arc,
    task::{Context, Poll},
};

use http::{Request, Response};
use tower_service::Service;

use super::{
    Verification, VerifiedToken,
    admit::admit,
    config::{Beside, Config, Mode},
    credentials,
    future::ResponseFuture,
};
use crate::{identity::Identity, reject::Protocol};

/// What [`BearerLayer`](super::BearerLayer) makes of a service.
#[derive(Clone, Debug)]
pub struct BearerService<S> {
    inner: S,
    config: Arc<Config>,
}

impl<S> BearerService<S> {
    pub(super) const fn new(inner: S, config: Arc<Config>) -> Self {
        Self { inner, config }
    }
}

impl<S, B, R> Service<Request<B>> for BearerService<S>
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
        let protocol = Protocol::of(&request);
        let beside = match beside(&request) {
            Ok(beside) => beside,
            Err(AlreadyThere) => return ResponseFuture::rejected(protocol, self.config.layered_twice()),
        };
        let token = match credentials::of(request.headers()) {
            Ok(Some(token)) => token,
            Ok(None) if self.config.mode == Mode::Optional => {
                return self.let_in(request, None, protocol);
            }
            Ok(None) => return ResponseFuture::rejected(protocol, self.config.absent(beside)),
            Err(error) => return ResponseFuture::rejected(protocol, self.config.unreadable(error)),
        };
        match self.config.verify(token) {
            Verification::Ready(Ok(token)) => self.let_in(request, Some(token), protocol),
            Verification::Ready(Err(error)) => {
                ResponseFuture::rejected(protocol, self.config.refused(&error))
            }
            Verification::Pending(verdict) => {
                // The polled instance serves the request; its clone is polled anew for the next one.
                let next = self.inner.clone();
                let ready = mem::replace(&mut self.inner, next);
                ResponseFuture::waiting(verdict, ready, request, Arc::clone(&self.config), protocol)
            }
        }
    }
}

impl<S> BearerService<S> {
    fn let_in<B, R>(
        &mut self,
        request: Request<B>,
        token: Option<VerifiedToken>,
        protocol: Protocol,
    ) -> ResponseFuture<S, B, R>
    where
        S: Service<Request<B>, Response = Response<R>>,
        R: Default,
    {
        match admit(&self.config, request, token) {
            Ok(request) => ResponseFuture::inner(self.inner.call(request), protocol),
            Err(rejection) => ResponseFuture::rejected(protocol, rejection),
        }
    }
}

/// Another bearer layer has judged the request already.
struct AlreadyThere;

fn beside<B>(request: &Request<B>) -> Result<Beside, AlreadyThere> {
    match request.extensions().get::<Identity>() {
        Some(identity) if identity.bearer().is_some() => Err(AlreadyThere),
        Some(identity) if identity.session().is_some() => Ok(Beside::Session),
        Some(_) | None => Ok(Beside::Nothing),
    }
}
