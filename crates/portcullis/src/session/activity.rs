use std::{fmt, sync::Arc};

use http::{Extensions, HeaderMap, Method, Request, Uri};

/// A request but for its body, to decide by.
#[derive(Clone, Copy)]
pub struct RequestHead<'a> {
    method: &'a Method,
    uri: &'a Uri,
    headers: &'a HeaderMap,
    extensions: &'a Extensions,
}

impl<'a> RequestHead<'a> {
    pub(super) fn of<B>(request: &'a Request<B>) -> Self {
        Self {
            method: request.method(),
            uri: request.uri(),
            headers: request.headers(),
            extensions: request.extensions(),
        }
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> &'a Method {
        self.method
    }

    /// The target, as the session layer sees it: inside of axum's `nest`, without the prefix.
    #[must_use]
    pub const fn uri(&self) -> &'a Uri {
        self.uri
    }

    /// The fields.
    #[must_use]
    pub const fn headers(&self) -> &'a HeaderMap {
        self.headers
    }

    /// What outer layers, and axum's router, put beside it.
    #[must_use]
    pub const fn extensions(&self) -> &'a Extensions {
        self.extensions
    }
}

/// Without the fields and without the query: both hold credentials.
impl fmt::Debug for RequestHead<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead")
            .field("method", self.method)
            .field("path", &self.uri.path())
            .finish_non_exhaustive()
    }
}

/// Whether a request counts as use of its session.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Activity {
    #[default]
    Use,
    /// The application says that no user is behind it (S44).
    Background,
}

/// Says of a request whether it is use of its session.
pub(super) type IsUse = Arc<dyn Fn(&RequestHead<'_>) -> bool + Send + Sync>;

#[cfg(test)]
mod tests {
    use http::header::{AUTHORIZATION, COOKIE};

    use super::*;

    #[test]
    fn s29_debug_of_a_request_shows_no_credential() {
        let request = Request::builder()
            .uri("/reset?token=secret-a")
            .header(COOKIE, "sid=secret-b")
            .header(AUTHORIZATION, "Bearer secret-c")
            .body(())
            .unwrap();
        let debug = format!("{:?}", RequestHead::of(&request));
        assert!(debug.contains("/reset") && !debug.contains("secret"), "{debug}");
    }
}
