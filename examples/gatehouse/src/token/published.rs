use axum::{
    extract::State,
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use portcullis::store::{Clock, SystemClock};

use crate::site::Site;

/// `GET /.well-known/jwks.json`: by these keys anybody verifies our JWTs, and nobody makes one.
pub(crate) async fn jwks(State(site): State<Site>) -> Response {
    // For a short time: who keeps it for long does not know the next key when that begins to sign.
    let headers = [(CONTENT_TYPE, "application/jwk-set+json"), (CACHE_CONTROL, "public, max-age=300")];
    (headers, site.tokens().published().public_jwks(SystemClock.now())).into_response()
}
