//! Who is calling, resolved once per request.
//!
//! 1. If the request carries a *non-ambient* credential (`Authorization: Bearer`), only that identifies the caller. No
//!    bearer layer around the route: nobody, never the session. The session stays usable as state.
//! 2. Otherwise the session does.
//!
//! A layer puts one [`Identity`] into the request's extensions; handlers take a [`Principal`] from it.

mod amr;
mod authorization;
#[cfg(feature = "bearer")]
mod bearer;
#[cfg(not(feature = "bearer"))]
#[path = "identity/no_bearer.rs"]
mod bearer;
mod extension;
#[cfg(feature = "axum")]
mod extract;
mod issuer;
#[cfg(feature = "bearer")]
mod older_tokens;
mod principal;
mod subjects;

pub use amr::Amr;
#[cfg(feature = "bearer")]
pub(crate) use authorization::after_scheme;
pub(crate) use authorization::is_by_bearer;
pub use extension::Identity;
pub use issuer::IssuerId;
pub use principal::{CredentialKind, Principal};
pub use subjects::Subjects;

#[cfg(test)]
#[cfg(feature = "bearer")]
mod tests;
