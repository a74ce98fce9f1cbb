//! A bearer token in the `Authorization` field ([RFC 6750]), verified before the handler runs.
//!
//! One layer for every format: which one it is, is which verifier it gets.
//!
//! 1. Exactly one `Authorization` field, the scheme in any case, one token of at most [`MOST_BYTES`]. Two fields are a 400; a token in the query or
//!    in a form is not looked for.
//! 2. The verifier proves the signature and then reads the claims; [`ClaimsPolicy`](crate::claims::ClaimsPolicy) decides about them.
//! 3. What is inside finds a [`Principal`](crate::identity::Principal), the same type as by a session, and [`Claims`] for what else the token says.
//!    A token without a subject (`sub`) is let through and names nobody, so whatever demands a caller inside of the layer refuses it.
//!
//! A request without a bearer credential is answered 401, unless the layer is [`optional`](BearerLayer::optional). One with a credential that is
//! not accepted is always answered 401, in the same words whatever was wrong; the event `bearer.refused` has the reason. Where the answer depends
//! on a store that is out, it is a 503. gRPC and gRPC-Web callers get the status that [`reject`](crate::reject) has for each. The handler is
//! never reached, and the body not read.
//!
//! With a [`SessionLayer`](crate::session::SessionLayer) around the same route, in either order, the token alone says who is calling where there is
//! one, and the session does where there is none.
//!
//! # Order
//!
//! Outermost first: what answers CORS preflights, this layer, what demands more. A preflight carries no token, so a layer that needs one would answer
//! it 401.
//!
//! # What it does not do
//!
//! Whoever has a bearer token can use it: keep lifetimes short, and send it over TLS alone. A token that is bound to a key (`cnf`) is refused here,
//! as its key would not be asked for.
//!
//! # Example
//!
//! ```
//! # #[cfg(all(feature = "axum", feature = "jwt"))] mod example {
//! use axum::{Router, routing::get};
//! use portcullis::{bearer::BearerLayer, claims::ClaimsPolicy, identity::Principal, jwt::{JwtKeys, JwtVerifier}};
//!
//! fn app() -> Result<Router, Box<dyn std::error::Error>> {
//!     let policy = ClaimsPolicy::new("https://id.example", "https://api.example");
//!     let verifier = JwtVerifier::new(JwtKeys::from_public_jwks_file("keys.json")?, policy);
//!     Ok(Router::new()
//!         .route("/me", get(|caller: Principal| async move { caller.subject().to_owned() }))
//!         .layer(BearerLayer::new(verifier)))
//! }
//! # }
//! ```
//!
//! [RFC 6750]: https://www.rfc-editor.org/rfc/rfc6750

mod admit;
mod any_of;
mod challenge;
mod claims;
mod config;
mod config_error;
mod credentials;
#[cfg(feature = "axum")]
mod extract;
mod future;
mod layer;
mod service;
pub(crate) mod slot;
mod verify;

pub use any_of::AnyOf;
pub use claims::Claims;
pub use config_error::ConfigError;
pub use future::ResponseFuture;
pub use layer::BearerLayer;
pub use service::BearerService;
pub use verify::{Verification, VerifyToken};

pub use crate::claims::{
    error::{TokenError, TokenErrorKind},
    verified::VerifiedToken,
};

/// The longest token that is looked at: 16 KiB. Servers refuse header fields of about that size anyway, and nothing is allocated for a longer one.
pub const MOST_BYTES: usize = 16 * 1024;

#[cfg(test)]
pub(crate) mod tests;
