//! Issues access tokens: JWT or PASETO, by the same words.
//!
//! A [`TokenIssuer`] is made once, from a key ring and the names of issuer and audience, and a [`TokenRequest`] says whom a token is for. Which format
//! it issues is in its constructor and nowhere else: a program moves from one to the other by changing that line, and accepts both meanwhile with
//! [`AnyOf`](crate::bearer::AnyOf).
//!
//! Every token has an id, an issuer, one audience, a time of issue and an end. Give tokens the issuer that your principals have, so that a session
//! and a token of somebody name the same [`Principal`](crate::identity::Principal).
//!
//! # Example
//!
//! ```
//! # #[cfg(all(feature = "axum", feature = "jwt"))] mod example {
//! use axum::extract::State;
//! use portcullis::{identity::Principal, issue::{IssueError, IssuedToken, TokenIssuer, TokenRequest}};
//! use portcullis::{bearer::ConfigError, jwt::JwtKeys};
//!
//! fn issuer(keys: JwtKeys) -> Result<TokenIssuer, ConfigError> {
//!     TokenIssuer::jwt(keys, "https://id.example", "https://api.example")
//! }
//!
//! // After the password was verified:
//! async fn token(State(issuer): State<TokenIssuer>, caller: Principal) -> Result<IssuedToken, IssueError> {
//!     issuer.issue(TokenRequest::for_principal(&caller).with_scope("orders:read")?).await
//! }
//! # }
//! ```

mod error;
mod issued;
mod issuer;
mod payload;
mod request;
#[cfg(feature = "axum")]
mod respond;
mod sign;
#[cfg(feature = "tonic")]
mod status;

pub use error::{IssueError, IssueErrorKind};
pub use issued::IssuedToken;
pub use issuer::TokenIssuer;
pub use request::TokenRequest;
pub(crate) use sign::{SignToken, TokenType};

#[cfg(test)]
mod tests;
