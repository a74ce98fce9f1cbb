use std::task::{Context, Poll};

use http::{Extensions, Request, Response};
use tower_layer::Layer;
use tower_service::Service;

use super::future::ResponseFuture;
use crate::{
    identity::Identity,
    reject::{Protocol, Rejection, RejectionKind},
};

/// Lets other sites' pages ask for the routes it is around: their requests are not checked.
///
/// Put it outside of the session layer, which makes the check; inside, every request is answered 500. The [module](super) has
/// an example.
///
/// # Security
///
/// For routes that a cookie does not protect: a webhook that verifies a signature, a report that browsers send by themselves.
/// Where a cookie does, any site can make these requests in the user's name.
#[derive(Clone, Copy, Debug)]
pub struct Exempt {
    reason: &'static str,
}

impl Exempt {
    /// Exempts routes, for a reason that the next reader will ask for.
    #[must_use]
    pub const fn insecure_because(reason: &'static str) -> Self {
        Self { reason }
    }
}

impl<S> Layer<S> for Exempt {
    type Service = ExemptService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        ExemptService { inner, reason: self.reason }
    }
}

/// What [`Exempt`] makes of a service.
#[derive(Clone, Debug)]
pub struct ExemptService<S> {
    inner: S,
    reason: &'static str,
}

impl<S, B, R> Service<Request<B>> for ExemptService<S>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: Default,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S::Future, R>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        if Identity::session_of(&request).is_some() {
            return ResponseFuture::rejected(Protocol::of(&request), too_late());
        }
        request.extensions_mut().insert(Exemption(self.reason));
        ResponseFuture::inner(self.inner.call(request))
    }
}

/// Why a request is exempt, if it is. Only [`Exempt`] can make it so.
pub(crate) fn exemption(extensions: &Extensions) -> Option<&'static str> {
    extensions.get::<Exemption>().map(|exemption| exemption.0)
}

#[derive(Clone, Copy)]
struct Exemption(&'static str);

/// The session layer has decided by then: to serve the request would make the exemption look as if it worked.
fn too_late() -> Rejection {
    let message = "`Exempt` is inside of the session layer, where it exempts nothing: move it outside, after \
                   `.layer(SessionLayer::new(store))` on a router, before it in a `ServiceBuilder`";
    Rejection::new(RejectionKind::Internal, message)
}

#[cfg(test)]
mod tests;
