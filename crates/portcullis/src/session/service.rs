use std::{
    net::IpAddr,
    sync::Arc,
    task::{Context, Poll},
};

use http::{
    HeaderMap, Method, Request, Response,
    header::{ACCESS_CONTROL_REQUEST_METHOD, HOST, USER_AGENT},
};
use tower_service::Service;

use super::{
    config::Config,
    future::ResponseFuture,
    slot::Slot,
    state::{OriginCheck, Presented, State},
};
use crate::{
    cookie,
    cross_origin::{self, Facts, Verdict},
    event::{Event, EventKind},
    identity::{self, Identity},
    reject::{Protocol, Rejection, RejectionKind},
};

/// What [`SessionLayer`](super::SessionLayer) makes of a service.
#[derive(Clone, Debug)]
pub struct SessionService<S> {
    inner: S,
    config: Arc<Config>,
}

impl<S> SessionService<S> {
    pub(super) const fn new(inner: S, config: Arc<Config>) -> Self {
        Self { inner, config }
    }

    /// The ids that the request bears.
    fn presented<B>(&self, request: &Request<B>) -> Presented {
        if is_preflight(request) {
            return Presented::default();
        }
        let presented = Presented::of(cookie::values(request.headers(), self.config.cookie.name()));
        // A browser that sends our cookie has kept it.
        if presented.is_empty() && self.config.may_warn_of_loopback() && is_loopback(request.headers()) {
            self.config.warn_of_loopback();
        }
        presented
    }

    /// Refuses what another site made the browser ask with our cookie. A request without one may pass, but not begin a session.
    fn check_origin<B>(&self, request: &Request<B>, presented: &Presented) -> Result<OriginCheck, Rejection> {
        let headers = request.headers();
        if !cross_origin::is_checked(request.method(), headers) {
            return Ok(OriginCheck::Unneeded);
        }
        if identity::is_by_bearer(headers) || cross_origin::exemption(request.extensions()).is_some() {
            return Ok(OriginCheck::Unneeded);
        }
        let check = &self.config.cross_origin;
        let facts = Facts::of(request.method(), request.uri(), headers);
        let Verdict::Refused(reason) = check.decide(&facts) else {
            return Ok(OriginCheck::Passed);
        };
        if presented.is_empty() {
            let of = if check.is_enforced() { OriginCheck::MayNotBegin } else { OriginCheck::IsToldOf };
            return Ok(of(reason));
        }
        if !check.is_enforced() {
            self.config.report(&Event::new(EventKind::CrossOriginReported, None).because(reason.name()));
            return Ok(OriginCheck::Passed);
        }
        self.config.report(&Event::new(EventKind::CrossOrigin, None).because(reason.name()));
        Err(Rejection::cross_origin(reason))
    }

    fn layered_twice(&self, outer: &Slot) -> Rejection {
        self.config.emit(EventKind::LayeredTwice, None);
        let message = format!(
            "two session layers are around one route, with the cookies `{}` and `{}`: remove one, or give each its own routes",
            outer.cookie_name(),
            self.config.cookie.name(),
        );
        Rejection::new(RejectionKind::Internal, message)
    }
}

impl<S, B, R> Service<Request<B>> for SessionService<S>
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
        let protocol = Protocol::of(&request);
        if let Some(outer) = Identity::session_of(&request) {
            return ResponseFuture::rejected(protocol, self.layered_twice(outer));
        }
        let presented = self.presented(&request);
        let origin = match self.check_origin(&request, &presented) {
            Ok(origin) => origin,
            Err(rejection) => return ResponseFuture::rejected(protocol, rejection),
        };
        let state = State::new(presented, self.config.activity(&request), origin);
        let user_agent = request.headers().get(USER_AGENT).cloned();
        let identity =
            Identity::with_session(&mut request, Slot::new(Arc::clone(&self.config), state, user_agent));
        ResponseFuture::inner(self.inner.call(request), identity, protocol)
    }
}

/// A browser's question whether it may ask is not yet anybody's request ([Fetch], S71).
///
/// [Fetch]: https://fetch.spec.whatwg.org/#cors-preflight-request
fn is_preflight<B>(request: &Request<B>) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

fn is_loopback(headers: &HeaderMap) -> bool {
    let Some(authority) = headers.get(HOST).and_then(|host| host.to_str().ok()) else {
        return false;
    };
    // Nearly every host is told apart by its first byte.
    if !matches!(authority.as_bytes().first(), Some(b'l' | b'L' | b'1' | b'[')) {
        return false;
    }
    let host = match authority.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let address = host.parse::<IpAddr>();
    host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_hosts_are_known_with_and_without_a_port() {
        let rows = [
            ("localhost", true),
            ("LOCALHOST:8080", true),
            ("127.0.0.1:80", true),
            ("127.9.9.9", true),
            ("[::1]", true),
            ("[::1]:8080", true),
            ("example.com", false),
            ("localhost.example.com", false),
            ("10.0.0.1", false),
            ("", false),
            ("[", false),
        ];
        for (host, expected) in rows {
            let headers = HeaderMap::from_iter([(HOST, host.parse().unwrap())]);
            assert_eq!(is_loopback(&headers), expected, "{host}");
        }
    }
}
