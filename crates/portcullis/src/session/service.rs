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

    /// The ids that the request bears, and what it may do by where it comes from.
    ///
    /// What another site made the browser ask with our cookie is refused. Without one it may pass, but not begin a session; and so
    /// where a bearer credential stands beside the cookie, which is then as good as not there: CORS may let a page add the one to
    /// what the browser sends along.
    fn admit<B>(&self, request: &Request<B>) -> Result<(Presented, OriginCheck), Rejection> {
        let headers = request.headers();
        if is_preflight(request) {
            return Ok((Presented::default(), OriginCheck::Preflight));
        }
        let presented = self.presented(headers);
        if !cross_origin::is_checked(request.method(), headers)
            || cross_origin::exemption(request.extensions()).is_some()
        {
            return Ok((presented, OriginCheck::Unneeded));
        }
        let check = &self.config.cross_origin;
        let by_bearer = identity::is_by_bearer(request);
        let Verdict::Refused(reason) = check.decide(&Facts::of(request.method(), request.uri(), headers))
        else {
            let origin = if by_bearer { OriginCheck::Unneeded } else { OriginCheck::Passed };
            return Ok((presented, origin));
        };
        match (check.is_enforced(), by_bearer, presented.is_empty()) {
            (true, true, _) => Ok((Presented::default(), OriginCheck::MayNotBegin(reason))),
            (true, false, true) => Ok((presented, OriginCheck::MayNotBegin(reason))),
            (true, false, false) => {
                self.config.report(&Event::new(EventKind::CrossOrigin, None).because(reason.name()));
                Err(Rejection::cross_origin(reason))
            }
            (false, true, _) => Ok((presented, OriginCheck::Unneeded)),
            (false, false, true) => Ok((presented, OriginCheck::IsToldOf(reason))),
            (false, false, false) => {
                self.config.report(&Event::new(EventKind::CrossOriginReported, None).because(reason.name()));
                Ok((presented, OriginCheck::Passed))
            }
        }
    }

    fn presented(&self, headers: &HeaderMap) -> Presented {
        let presented = Presented::of(cookie::values(headers, self.config.cookie.name()));
        // A browser that sends our cookie has kept it.
        if presented.is_empty() && self.config.may_warn_of_loopback() && is_loopback(headers) {
            self.config.warn_of_loopback();
        }
        presented
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
        let (presented, origin) = match self.admit(&request) {
            Ok(admitted) => admitted,
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
