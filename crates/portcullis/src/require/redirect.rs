use http::{HeaderMap, HeaderValue, Method, Request, Response, uri::PathAndQuery};

use super::LocalPath;
use crate::{
    identity::Identity,
    reject::{Protocol, Rejection, RejectionKind},
};

/// Where people are sent to log in, where a program is told 401.
#[derive(Clone, Debug)]
pub(super) struct Redirect {
    login: LocalPath,
}

impl Redirect {
    pub(super) const fn to(login: LocalPath) -> Self {
        Self { login }
    }

    /// The `Location` of an answer to `request`; `None` where a redirect would mislead.
    fn location<B>(&self, request: &Request<B>) -> Option<HeaderValue> {
        let identity = request.extensions().get::<Identity>()?;
        let is_a_program = Protocol::of(request) != Protocol::Http
            || identity.comes_with_a_bearer()
            || !may_be_a_navigation(request.headers());
        if is_a_program {
            return None;
        }
        let next = identity.path_and_query().and_then(|asked_for| next(request.method(), asked_for));
        HeaderValue::try_from(self.with_next(next.as_ref())).ok()
    }

    /// The page's path, with `next` as the last parameter of its query.
    fn with_next(&self, next: Option<&LocalPath>) -> String {
        let login = self.login.as_str();
        let Some(next) = next else {
            return login.to_owned();
        };
        let (page, fragment) = login.split_at(login.find('#').unwrap_or(login.len()));
        let joint = if page.contains('?') { '&' } else { '?' };
        let mut location = format!("{page}{joint}next=");
        percent_encode(next.as_str(), &mut location);
        location.push_str(fragment);
        location
    }
}

/// The answer to a request that may not pass: a redirect where one was asked for and a login helps, else the refusal itself.
pub(super) fn refuse<B, R: Default>(
    request: &Request<B>,
    rejection: Rejection,
    redirect: Option<&Redirect>,
) -> Response<R> {
    let location = match rejection.kind() {
        RejectionKind::Unauthenticated | RejectionKind::AuthenticationTooOld => {
            redirect.and_then(|redirect| redirect.location(request))
        }
        RejectionKind::InvalidRequest
        | RejectionKind::InvalidToken
        | RejectionKind::InsufficientScope
        | RejectionKind::InvalidScope
        | RejectionKind::Forbidden
        | RejectionKind::CrossOrigin
        | RejectionKind::TooManySessions
        | RejectionKind::Gone
        | RejectionKind::Unavailable
        | RejectionKind::Internal => None,
    };
    match location {
        Some(location) => rejection.redirect(location),
        None => rejection.answer(Protocol::of(request)),
    }
}

/// Where to go on after the login. What changes something is not repeated by a link.
fn next(method: &Method, asked_for: &PathAndQuery) -> Option<LocalPath> {
    let is_a_reading = matches!(*method, Method::GET | Method::HEAD);
    LocalPath::parse(asked_for.as_str()).filter(|_| is_a_reading)
}

/// A script's `fetch` would follow the redirect silently and take the login page for the answer. Browsers say which it is
/// ([Fetch Metadata §2.2]); who says nothing may be an old one.
///
/// [Fetch Metadata §2.2]: https://www.w3.org/TR/fetch-metadata/#sec-fetch-mode-header
fn may_be_a_navigation(headers: &HeaderMap) -> bool {
    headers.get_all(SEC_FETCH_MODE).iter().all(|mode| mode == "navigate")
}

/// Everything that means something in a query, or in a form's reading of one, is encoded; slashes mean nothing there and stay
/// ([RFC 3986 §3.4]).
///
/// [RFC 3986 §3.4]: https://www.rfc-editor.org/rfc/rfc3986#section-3.4
fn percent_encode(text: &str, encoded: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
}

const SEC_FETCH_MODE: &str = "sec-fetch-mode";

#[cfg(test)]
mod tests {
    use http::HeaderName;

    use super::*;

    #[test]
    fn s90_only_what_may_be_a_navigation_is_redirected() {
        let rows: [(&str, &[&str], bool); 7] = [
            ("an old browser", &[], true),
            ("a link or a form", &["navigate"], true),
            ("a script", &["cors"], false),
            ("a script of this site", &["same-origin"], false),
            ("an image", &["no-cors"], false),
            ("a websocket", &["websocket"], false),
            ("two answers", &["navigate", "cors"], false),
        ];
        for (name, modes, expected) in rows {
            let mode = HeaderName::from_static(SEC_FETCH_MODE);
            let headers =
                HeaderMap::from_iter(modes.iter().map(|value| (mode.clone(), value.parse().unwrap())));
            assert_eq!(may_be_a_navigation(&headers), expected, "{name}");
        }
    }

    #[test]
    fn s90_next_is_what_a_reading_asked_for_if_that_is_a_path_of_this_site() {
        let too_long = format!("/{}", "a".repeat(2_048));
        let rows = [
            (Method::GET, "/a/b?c=d", Some("/a/b?c=d")),
            (Method::HEAD, "/a/b", Some("/a/b")),
            (Method::GET, "//evil.example", None),
            (Method::GET, &too_long, None),
            (Method::OPTIONS, "*", None),
            (Method::POST, "/a", None),
            (Method::DELETE, "/a", None),
        ];
        for (method, asked_for, expected) in rows {
            let next = next(&method, &asked_for.parse().unwrap());
            assert_eq!(next.as_ref().map(LocalPath::as_str), expected, "{method} {asked_for}");
        }
    }

    #[test]
    fn next_is_encoded_and_joins_what_the_login_page_has() {
        let rows = [
            ("/login", None, "/login"),
            ("/login", Some("/a/b-c.d_e~f"), "/login?next=/a/b-c.d_e~f"),
            ("/login", Some("/a?b=c&d=e+f%20g#h"), "/login?next=/a%3Fb%3Dc%26d%3De%2Bf%2520g%23h"),
            ("/login?tab=2", Some("/a"), "/login?tab=2&next=/a"),
            ("/login#form", Some("/a"), "/login?next=/a#form"),
            ("/login?tab=2#form", Some("/a"), "/login?tab=2&next=/a#form"),
        ];
        for (login, next, expected) in rows {
            let next = next.map(|next| LocalPath::parse(next).unwrap());
            let redirect = Redirect::to(LocalPath::parse(login).unwrap());
            assert_eq!(redirect.with_next(next.as_ref()), expected);
        }
    }
}
