use axum_core::response::{IntoResponse, Response};
use http::{
    HeaderValue,
    header::{CACHE_CONTROL, CONTENT_TYPE},
};

use super::{IssueError, IssuedToken};
use crate::{caching, reject::Rejection};

impl IntoResponse for IssuedToken {
    fn into_response(self) -> Response {
        let mut response = self.to_json().into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, caching::NO_STORE);
        response
    }
}

/// 503 where waiting may help, 400 for a scope that is none, else 500: a mistake in the program.
impl IntoResponse for IssueError {
    fn into_response(self) -> Response {
        Rejection::from(&self).into_response()
    }
}
