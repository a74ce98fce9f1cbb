use std::time::Duration;

use axum::http::{
    HeaderName, HeaderValue, Method,
    header::{AUTHORIZATION, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE},
};
use tower_http::cors::CorsLayer;

use crate::origin::Origin;

/// Lets scripts of `origins` call with a token and read the answers.
///
/// Never with the cookie (there is no `Access-Control-Allow-Credentials`): whoever is let in by it acts as whom the browser belongs to,
/// and a script with a token acts as whom it was given by. It belongs outside of everything that refuses, or a script would not get to
/// read why it was refused, and before everything that asks who calls, as a preflight says nothing of that.
pub(crate) fn layer(origins: &[Origin]) -> CorsLayer {
    let origins = origins.iter().filter_map(|origin| HeaderValue::try_from(origin.as_str()).ok());
    CorsLayer::new()
        .allow_origin(origins.collect::<Vec<_>>())
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([AUTHORIZATION, CONTENT_TYPE])
        .expose_headers([CREDENTIAL, HeaderName::from_static("x-rejection"), RETRY_AFTER, WWW_AUTHENTICATE])
        .max_age(PREFLIGHT_KEPT)
}

/// Says what proved who is calling.
pub(crate) const CREDENTIAL: HeaderName = HeaderName::from_static("x-credential");
const PREFLIGHT_KEPT: Duration = Duration::from_secs(300);
