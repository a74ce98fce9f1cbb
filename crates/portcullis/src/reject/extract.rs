use axum_core::response::{IntoResponse, Response};

use super::Rejection;

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let mut response = (self.status(), self.to_string()).into_response();
        self.add_fields(response.headers_mut());
        response.extensions_mut().insert(self);
        response
    }
}
