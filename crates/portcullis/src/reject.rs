//! A rejection as an HTTP, gRPC or gRPC-Web answer, decided per request.
//!
//! | kind | HTTP | gRPC status |
//! | --- | --- | --- |
//! | nobody is logged in | 401, `WWW-Authenticate` | `UNAUTHENTICATED` |
//! | the bearer token was not accepted | 401, `WWW-Authenticate` with `invalid_token` | `UNAUTHENTICATED` |
//! | the credentials cannot be told | 400, `WWW-Authenticate` with `invalid_request` | `UNAUTHENTICATED` |
//! | the token does not grant the scope | 403, `WWW-Authenticate` with `insufficient_scope` | `PERMISSION_DENIED` |
//! | a token was asked for with a scope that is none | 400 | `INVALID_ARGUMENT` |
//! | the login is too long ago | 401, `WWW-Authenticate` with `max_age` | `UNAUTHENTICATED` |
//! | the caller may not | 403 | `PERMISSION_DENIED` |
//! | a page of another site made the request | 403 | `PERMISSION_DENIED` |
//! | the login would be one session too many | 403 | `RESOURCE_EXHAUSTED` |
//! | the session was ended meanwhile | 409 | `ABORTED` |
//! | the store is out | 503, `Retry-After` | `UNAVAILABLE` |
//! | a mistake in the program | 500 | `INTERNAL` |
//!
//! gRPC answers are trailers-only: status 200 with `grpc-status` and `grpc-message` among the headers
//! ([gRPC over HTTP/2]). Every rejected response has its [code](RejectionKind::code) in the field `x-rejection` and carries its
//! [`Rejection`] in the extensions, also where a layer that was told to (`redirect_to` in [`require`](crate::require)) sends people
//! to the login in place of a 401. With the feature `tonic` a [`Rejection`] is also a `tonic::Status`, for methods that refuse.
//!
//! [gRPC over HTTP/2]: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#responses

mod challenge;
#[cfg(feature = "axum")]
mod extract;
mod protocol;
mod rejection;
#[cfg(feature = "tonic")]
mod status;

pub(crate) use challenge::Challenge;
pub(crate) use protocol::Protocol;
pub(crate) use rejection::RETRY_AFTER;
pub use rejection::{Rejection, RejectionKind};
