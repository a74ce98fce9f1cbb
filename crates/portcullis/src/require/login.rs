use std::{
    mem,
    task::{Context, Poll},
};

use http::{Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::future::ResponseFuture;
use crate::{
    identity::Identity,
    reject::{Protocol, Rejection},
    session::SessionError,
};

/// Lets only requests of somebody through: nobody is answered 401, an outage 503; gRPC callers get `UNAUTHENTICATED` and
/// `UNAVAILABLE`.
///
/// Put it inside of the [`SessionLayer`](crate::session::SessionLayer).
///
/// # Example
///
/// ```
/// # #[cfg(feature = "axum")] mod example {
/// use axum::{Router, routing::get};
/// use portcullis::{identity::Principal, require::RequireLogin, session::SessionLayer, store::MemoryStore};
///
/// fn app() -> Router {
///     Router::new()
///         .route("/account", get(|principal: Principal| async move { principal.subject().to_owned() }))
///         .layer(RequireLogin::new())
///         .layer(SessionLayer::new(MemoryStore::new()))
/// }
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct RequireLogin;

impl RequireLogin {
    /// Demands a login.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl<S> Layer<S> for RequireLogin {
    type Service = RequireLoginService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RequireLoginService { inner }
    }
}

/// What [`RequireLogin`] makes of a service.
#[derive(Clone, Debug)]
pub struct RequireLoginService<S> {
    inner: S,
}

impl<S, B, R> Service<Request<B>> for RequireLoginService<S>
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
        let Some(identity) = request.extensions().get::<Identity>() else {
            return ResponseFuture::rejected(protocol, Rejection::missing_layer("`RequireLogin`"));
        };
        match identity.is_somebody_now() {
            Some(true) => ResponseFuture::inner(self.inner.call(request)),
            Some(false) => ResponseFuture::rejected(protocol, Rejection::unauthenticated()),
            None => {
                let identity = identity.clone();
                let verdict =
                    Box::pin(async move { admit(identity.principal().await.map(|caller| caller.is_some())) });
                // The polled instance serves the request; its clone is polled anew for the next one.
                let next = self.inner.clone();
                ResponseFuture::waiting(verdict, mem::replace(&mut self.inner, next), request, protocol)
            }
        }
    }
}

fn admit(is_somebody: Result<bool, SessionError>) -> Result<(), Rejection> {
    match is_somebody {
        Ok(true) => Ok(()),
        Ok(false) => Err(Rejection::unauthenticated()),
        Err(outage) => Err(Rejection::from(&outage)),
    }
}
