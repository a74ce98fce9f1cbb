//! Who is calling, and may they still? Composable [Tower] layers for axum and tonic services.
//!
//! ```text
//! request → layer/service (wiring) → cookie | credentials (transport) → record | verifier (codec)
//!         → state | policy (pure decision) → store (bytes in, bytes out) → extension → extractor → handler
//!         → future (commit) → cookie | challenge | reject → response
//! ```
//!
//! | feature | adds |
//! | --- | --- |
//! | `session` | [`session`]: a server-side session behind a cookie; [`cookie`], [`cross_origin`], [`identity`], [`require`] |
//! | `jwt` | [`jwt`]: JWT bearer tokens, of twelve algorithms; [`bearer`], [`claims`], [`issue`], [`keyring`], [`revocation`], and what `session` adds |
//! | `paseto` | [`paseto`]: PASETO bearer tokens, v4.public and v4.local; the same beside it |
//! | `paseto-v3` | v3.public, and what `paseto` adds |
//! | `axum` | extractors ([`Session`](session::Session), [`Principal`](identity::Principal), [`Identity`](identity::Identity), [`Claims`](bearer::Claims)) and `?` on their errors |
//! | `tonic` | `?` on a [`Rejection`](reject::Rejection), a [`SessionError`](session::SessionError) or an [`IssueError`](issue::IssueError) where a method answers a `tonic::Status` |
//!
//! `bearer` is what the formats share, and of no use alone. With `session` alone no C is compiled.
//!
//! | you are | add |
//! | --- | --- |
//! | writing a service | this crate |
//! | writing a store | `portcullis-core`, and `portcullis-testkit` to prove it |
//!
//! The [`manual`] has guides to sessions and to tokens, the order of layers, every default with its reason, threats and limits.
//!
//! # Example
//!
//! A session:
//!
//! ```
//! # #[cfg(feature = "axum")] mod example {
//! use axum::{Router, routing::post};
//! use portcullis::session::{Session, SessionError, SessionLayer};
//! use portcullis::store::MemoryStore;
//!
//! async fn count(session: Session) -> Result<String, SessionError> {
//!     let visits = session.update("visits", |visits: Option<u64>| visits.unwrap_or(0) + 1).await?;
//!     Ok(format!("visit {visits}"))
//! }
//!
//! fn app() -> Router {
//!     Router::new().route("/", post(count)).layer(SessionLayer::new(MemoryStore::new()))
//! }
//! # }
//! ```
//!
//! A token; for PASETO it is one other line:
//!
//! ```
//! # #[cfg(all(feature = "axum", feature = "jwt"))] mod example {
//! use axum::{Router, routing::get};
//! use portcullis::{bearer::BearerLayer, claims::ClaimsPolicy, identity::Principal, jwt::{JwtKeys, JwtVerifier}, keyring::KeyError};
//!
//! fn app() -> Result<Router, KeyError> {
//!     let policy = ClaimsPolicy::new("https://id.example", "https://api.example");
//!     let verifier = JwtVerifier::new(JwtKeys::from_public_jwks_file("keys.json")?, policy);
//!     Ok(Router::new()
//!         .route("/", get(async |caller: Principal| caller.subject().to_owned()))
//!         .layer(BearerLayer::new(verifier)))
//! }
//! # }
//! ```
//!
//! [Tower]: https://docs.rs/tower

#![cfg_attr(
    all(feature = "session", not(feature = "jwt")),
    expect(
        dead_code,
        reason = "what the formats share is not all used by each; the build with all shows what nobody uses"
    )
)]

#[cfg(feature = "bearer")]
mod base64url;
#[cfg(feature = "bearer")]
pub mod bearer;
#[cfg(feature = "session")]
mod caching;
#[cfg(feature = "bearer")]
pub mod claims;
#[cfg(feature = "session")]
pub mod cookie;
#[cfg(feature = "session")]
pub mod cross_origin;
#[cfg(feature = "session")]
mod deadline;
#[cfg(feature = "bearer")]
mod ed25519;
#[cfg(feature = "session")]
pub mod event;
#[cfg(feature = "session")]
pub mod identity;
#[cfg(feature = "bearer")]
pub mod issue;
#[cfg(feature = "bearer")]
mod json;
#[cfg(feature = "jwt")]
pub mod jwt;
#[cfg(feature = "bearer")]
pub mod keyring;
#[cfg(feature = "session")]
pub mod manual;
#[cfg(feature = "paseto")]
pub mod paseto;
#[cfg(feature = "session")]
pub mod reject;
#[cfg(feature = "session")]
pub mod require;
#[cfg(feature = "bearer")]
pub mod revocation;
#[cfg(feature = "session")]
pub mod session;

/// The stores of this build and the time they keep, so that an application names one crate.
pub mod store {
    pub use portcullis_core::{Clock, MemoryLimits, MemoryStore, SharedStore, SystemClock, Timestamp};
}
