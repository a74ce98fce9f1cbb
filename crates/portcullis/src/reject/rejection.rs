use std::{borrow::Cow, error::Error, fmt};

use http::{
    HeaderMap, HeaderName, HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, LOCATION, RETRY_AFTER as RETRY_AFTER_NAME, WWW_AUTHENTICATE},
};

use super::{Challenge, Protocol};
use crate::{caching, cross_origin::Reason};

/// Why a request was refused.
///
/// The client learns the status; the response's extensions learn the kind and the sentence; nobody learns a credential.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Rejection {
    kind: RejectionKind,
    message: Cow<'static, str>,
    /// By which schemes the caller could do better; a 401 always has one.
    challenges: Vec<HeaderValue>,
}

impl Rejection {
    /// Why, as a kind.
    #[must_use]
    pub const fn kind(&self) -> RejectionKind {
        self.kind
    }

    /// The status it has over HTTP, where it is not a redirect.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self.kind {
            RejectionKind::InvalidRequest | RejectionKind::InvalidScope => StatusCode::BAD_REQUEST,
            RejectionKind::Unauthenticated
            | RejectionKind::AuthenticationTooOld
            | RejectionKind::InvalidToken => StatusCode::UNAUTHORIZED,
            RejectionKind::Forbidden
            | RejectionKind::InsufficientScope
            | RejectionKind::CrossOrigin
            | RejectionKind::TooManySessions => StatusCode::FORBIDDEN,
            RejectionKind::Gone => StatusCode::CONFLICT,
            RejectionKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            RejectionKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    pub(crate) fn new(kind: RejectionKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, message: message.into(), challenges: Vec::new() }
    }

    pub(crate) fn unauthenticated() -> Self {
        Self::new(RejectionKind::Unauthenticated, "log in first")
    }

    pub(crate) fn authentication_too_old() -> Self {
        Self::new(RejectionKind::AuthenticationTooOld, "log in once more")
    }

    /// By which schemes, with their parameters, the caller could do better.
    pub(crate) fn with_challenges(mut self, challenges: Vec<HeaderValue>) -> Self {
        self.challenges = challenges;
        self
    }

    pub(crate) fn cross_origin(reason: Reason) -> Self {
        Self::new(RejectionKind::CrossOrigin, reason.to_string())
    }

    pub(crate) fn forbidden() -> Self {
        Self::new(RejectionKind::Forbidden, "you may not do this")
    }

    pub(crate) fn missing_layer(asked_for: &str) -> Self {
        let message = format!(
            "{asked_for} was asked for where no `SessionLayer` or `BearerLayer` is around the route: add \
             `.layer(SessionLayer::new(store))` or `.layer(BearerLayer::new(verifier))` after axum's routes or before tonic's \
             services, and outside of what asks"
        );
        Self::new(RejectionKind::Internal, message)
    }

    /// The answer to a request that spoke `protocol`; the body is empty.
    pub(crate) fn answer<R: Default>(self, protocol: Protocol) -> Response<R> {
        let mut response = Response::new(R::default());
        match protocol.content_type() {
            None => *response.status_mut() = self.status(),
            Some(content_type) => {
                let headers = response.headers_mut();
                headers.insert(CONTENT_TYPE, content_type);
                headers.insert(GRPC_STATUS, self.grpc_status());
                headers.insert(GRPC_MESSAGE, percent_encoded(&self.message));
            }
        }
        self.add_fields(response.headers_mut());
        response.extensions_mut().insert(self);
        response
    }

    /// The answer to somebody who should look at `location` first, whatever the method was ([RFC 9110 §15.4.4]). Who has been
    /// there gets another answer, so none may keep this one.
    ///
    /// [RFC 9110 §15.4.4]: https://www.rfc-editor.org/rfc/rfc9110#section-15.4.4
    pub(crate) fn redirect<R: Default>(self, location: HeaderValue) -> Response<R> {
        let mut response = Response::new(R::default());
        *response.status_mut() = StatusCode::SEE_OTHER;
        let headers = response.headers_mut();
        headers.insert(LOCATION, location);
        headers.insert(CODE, HeaderValue::from_static(self.kind.code()));
        headers.insert(CACHE_CONTROL, caching::NO_STORE);
        response.extensions_mut().insert(self);
        response
    }

    /// The fields a client acts on.
    pub(crate) fn add_fields(&self, headers: &mut HeaderMap) {
        headers.insert(CODE, HeaderValue::from_static(self.kind.code()));
        // A cache that keeps errors would answer others with it.
        headers.insert(CACHE_CONTROL, caching::NO_STORE);
        for challenge in &self.challenges {
            headers.append(WWW_AUTHENTICATE, challenge.clone());
        }
        match self.kind {
            // A 401 must carry a challenge ([RFC 9110 §15.5.2](https://www.rfc-editor.org/rfc/rfc9110#section-15.5.2)).
            RejectionKind::Unauthenticated if self.challenges.is_empty() => {
                headers.insert(WWW_AUTHENTICATE, Challenge::LogIn.to_cookie());
            }
            RejectionKind::Unavailable => {
                headers.insert(RETRY_AFTER_NAME, RETRY_AFTER);
            }
            RejectionKind::CrossOrigin => caching::vary(headers, caching::BY_ORIGIN),
            RejectionKind::Unauthenticated
            | RejectionKind::AuthenticationTooOld
            | RejectionKind::InvalidRequest
            | RejectionKind::InvalidToken
            | RejectionKind::InsufficientScope
            | RejectionKind::InvalidScope
            | RejectionKind::Forbidden
            | RejectionKind::TooManySessions
            | RejectionKind::Gone
            | RejectionKind::Internal => {}
        }
    }

    /// [gRPC status codes](https://grpc.io/docs/guides/status-codes/)
    pub(super) const fn grpc_status(&self) -> HeaderValue {
        HeaderValue::from_static(match self.kind {
            RejectionKind::InvalidScope => "3",
            RejectionKind::Forbidden | RejectionKind::InsufficientScope | RejectionKind::CrossOrigin => "7",
            RejectionKind::TooManySessions => "8",
            RejectionKind::Gone => "10",
            RejectionKind::Internal => "13",
            RejectionKind::Unavailable => "14",
            RejectionKind::Unauthenticated
            | RejectionKind::AuthenticationTooOld
            | RejectionKind::InvalidRequest
            | RejectionKind::InvalidToken => "16",
        })
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Rejection {}

/// Why a request was refused, as a kind.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum RejectionKind {
    /// Nobody is logged in.
    Unauthenticated,
    /// Somebody is logged in, but did so too long ago for this.
    AuthenticationTooOld,
    /// The credentials cannot be told: two `Authorization` fields, or a bearer scheme without a token.
    InvalidRequest,
    /// The bearer token was not accepted.
    InvalidToken,
    /// The bearer token does not grant what this needs.
    InsufficientScope,
    /// A token was asked for with a scope that is none.
    InvalidScope,
    /// Somebody is logged in who may not do this.
    Forbidden,
    /// A page of another site made the request.
    CrossOrigin,
    /// The principal has as many sessions as are allowed.
    TooManySessions,
    /// The session was ended while this request changed it.
    Gone,
    /// The store is out.
    Unavailable,
    /// A mistake in the program: a missing or doubled layer, a value that cannot be stored.
    Internal,
}

impl RejectionKind {
    /// The kind's stable name, which every refused response bears in the field `x-rejection`: a script must be able to tell one
    /// 403 from another.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unauthenticated => "unauthenticated",
            Self::AuthenticationTooOld => "authentication_too_old",
            Self::InvalidRequest => "invalid_request",
            Self::InvalidToken => "invalid_token",
            Self::InsufficientScope => "insufficient_scope",
            Self::InvalidScope => "invalid_scope",
            Self::Forbidden => "forbidden",
            Self::CrossOrigin => "cross_origin",
            Self::TooManySessions => "too_many_sessions",
            Self::Gone => "gone",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }
}

/// `grpc-message` is percent-encoded outside of printable ASCII, and `%` itself.
fn percent_encoded(message: &str) -> HeaderValue {
    let encoded = message.bytes().fold(String::with_capacity(message.len()), |mut encoded, byte| {
        match byte {
            b' '..=b'~' if byte != b'%' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
        encoded
    });
    HeaderValue::try_from(encoded).unwrap_or_else(|_| HeaderValue::from_static(""))
}

/// Seconds. An outage is either over quickly or for long; one second keeps honest clients from storming.
pub(crate) const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");
const CODE: HeaderName = HeaderName::from_static("x-rejection");
const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
const GRPC_MESSAGE: HeaderName = HeaderName::from_static("grpc-message");

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn s90_each_kind_has_its_status_over_http_and_grpc() {
        let rows = [
            (RejectionKind::Unauthenticated, 401, "16"),
            (RejectionKind::AuthenticationTooOld, 401, "16"),
            (RejectionKind::InvalidRequest, 400, "16"),
            (RejectionKind::InvalidToken, 401, "16"),
            (RejectionKind::InsufficientScope, 403, "7"),
            (RejectionKind::InvalidScope, 400, "3"),
            (RejectionKind::Forbidden, 403, "7"),
            (RejectionKind::CrossOrigin, 403, "7"),
            (RejectionKind::TooManySessions, 403, "8"),
            (RejectionKind::Gone, 409, "10"),
            (RejectionKind::Unavailable, 503, "14"),
            (RejectionKind::Internal, 500, "13"),
        ];
        for (kind, status, grpc_status) in rows {
            let rejection = Rejection::new(kind, "why");
            let http: Response<()> = rejection.clone().answer(Protocol::Http);
            assert_eq!((http.status().as_u16(), http.headers().get(GRPC_STATUS)), (status, None));
            let grpc: Response<()> = rejection.clone().answer(Protocol::Grpc);
            assert_eq!(grpc.status(), StatusCode::OK);
            assert_eq!(grpc.headers()[GRPC_STATUS], grpc_status);
            assert_eq!(grpc.extensions().get(), Some(&rejection));
        }
    }

    #[test]
    fn s90_every_401_has_a_challenge_and_one_for_age_says_how_recent_is_enough() {
        let challenge = |rejection: Rejection| {
            let response: Response<()> = rejection.answer(Protocol::Http);
            response.headers().get(WWW_AUTHENTICATE).map(|field| field.to_str().unwrap().to_owned())
        };
        assert_eq!(challenge(Rejection::unauthenticated()).unwrap(), "Cookie realm=\"session\"");
        let again = Challenge::LogInAgain(Duration::from_millis(300_999)).to_cookie();
        let too_old = Rejection::authentication_too_old().with_challenges(vec![again]);
        assert_eq!(
            challenge(too_old).unwrap(),
            "Cookie realm=\"session\", error=\"insufficient_user_authentication\", max_age=300"
        );
        assert_eq!(challenge(Rejection::forbidden()), None);
    }

    #[test]
    fn grpc_messages_are_percent_encoded() {
        assert_eq!(percent_encoded("a b%é\n"), "a b%25%C3%A9%0A");
    }
}
