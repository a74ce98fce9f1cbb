use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use super::{Identity, Principal};
use crate::reject::Rejection;

impl<S: Sync> FromRequestParts<S> for Identity {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Rejection::missing_layer("`Identity`"))
    }
}

impl<S: Sync> FromRequestParts<S> for Principal {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let caller = <Self as OptionalFromRequestParts<S>>::from_request_parts(parts, state).await?;
        caller.ok_or_else(Rejection::unauthenticated)
    }
}

/// `Option<Principal>`: `None` for nobody. A missing layer is still a 500, and an outage still a 503.
impl<S: Sync> OptionalFromRequestParts<S> for Principal {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Self::Rejection> {
        let identity =
            parts.extensions.get::<Identity>().ok_or_else(|| Rejection::missing_layer("`Principal`"))?;
        identity.principal().await.map_err(|error| Rejection::from(&error))
    }
}
