use http::Extensions;
use serde::de::DeserializeOwned;

use crate::{
    identity::Identity,
    reject::{Challenge, Rejection, RejectionKind},
};

/// The claims of the request's token as a type of yours. In axum it is an extractor, and so is an `Option` of it.
///
/// They were verified before the handler runs: signature, expiry, issuer, audience. A token whose claims do not fit `T` is answered 401, as an
/// invalid one is, and so is a request without a token. The event `bearer.refused` has the reason `claims` then: look at `T`.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "axum")] mod example {
/// use portcullis::bearer::Claims;
///
/// #[derive(serde::Deserialize)]
/// struct Tenant {
///     tenant: String,
/// }
///
/// async fn tenant(Claims(tenant): Claims<Tenant>) -> String {
///     tenant.tenant
/// }
/// # }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_structs, reason = "made to be taken apart")]
pub struct Claims<T>(pub T);

impl<T: DeserializeOwned> Claims<T> {
    /// The claims of the token that the request of `extensions` bears: for where no extractor runs, as in tonic.
    ///
    /// # Errors
    ///
    /// There is no token, or its claims do not fit `T`: a 401, or `UNAUTHENTICATED`. No bearer layer is around the route: a 500, or `INTERNAL`.
    pub fn of(extensions: &Extensions) -> Result<Self, Rejection> {
        Self::maybe_of(extensions)?.ok_or_else(|| {
            let identity = extensions.get::<Identity>();
            let challenges = identity.map(|identity| identity.challenges(Challenge::LogIn));
            Rejection::unauthenticated().with_challenges(challenges.unwrap_or_default())
        })
    }

    /// The same for a request that need not bear a token: `None` without.
    ///
    /// # Errors
    ///
    /// The claims do not fit `T`; or no bearer layer is around the route.
    pub fn maybe_of(extensions: &Extensions) -> Result<Option<Self>, Rejection> {
        let bearer = extensions.get::<Identity>().and_then(Identity::bearer);
        let bearer = bearer.ok_or_else(|| Rejection::new(RejectionKind::Internal, NO_LAYER))?;
        let claims = bearer.token().map(|token| token.claims().map(Self));
        claims.transpose().map_err(|error| bearer.refused(&error))
    }
}

/// A session layer would not help: it knows of no claims.
const NO_LAYER: &str = "`Claims` was asked for where no `BearerLayer` is around the route: add \
                        `.layer(BearerLayer::new(verifier))` after axum's routes or before tonic's services";
