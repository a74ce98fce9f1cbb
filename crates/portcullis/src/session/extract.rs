use axum_core::{
    extract::FromRequestParts,
    response::{IntoResponse, Response},
};
use http::request::Parts;

use super::{error::SessionError, handle::Session};
use crate::reject::Rejection;

impl<S: Sync> FromRequestParts<S> for Session {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Self::from_extensions(&parts.extensions)
    }
}

impl IntoResponse for SessionError {
    fn into_response(self) -> Response {
        Rejection::from(self).into_response()
    }
}
