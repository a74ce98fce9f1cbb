//! What a token claims, and what we hold against it.
//!
//! A verifier reads the claims once the signature is proved, and [`ClaimsPolicy`] decides, the same for JWT and PASETO:
//!
//! 1. `exp` is there and has not come; `nbf` and `iat`, where they are there, have.
//! 2. `iss` and `aud` are there and are ours. What is configured is required.
//! 3. A token that is bound to a key (`cnf`) is no bearer token.
//!
//! A claim that is read here and has the wrong type refuses the token, as do two members of one name at any depth. Numbers of seconds may have
//! a fraction, which counts against the token: `exp` is rounded down and `nbf` up; `iat` is rounded up to tell that it is not in the future, and
//! down to tell how old the token is and whether it was revoked since. Negative ones, and those past the year 9999, are refused.
//!
//! What merely informs (`auth_time`, `amr`, `roles`, `scope`, `client_id`) is as good as not there where it has a shape of its own,
//! and so is an `auth_time` of the future.
//!
//! | claim | JWT ([RFC 7519 §4.1]) | PASETO ([registered claims]) |
//! | --- | --- | --- |
//! | `exp`, `nbf`, `iat` | a number of seconds | a string like `2026-01-02T03:04:05Z` |
//! | `exp` | is too late at that second | is too late after that second |
//! | `aud` | a string, or some | a string |
//!
//! [RFC 7519 §4.1]: https://www.rfc-editor.org/rfc/rfc7519#section-4.1
//! [registered claims]: https://github.com/paseto-standard/paseto-spec/blob/master/docs/02-Implementation-Guide/04-Claims.md

pub(crate) mod date;
pub(crate) mod error;
mod form;
pub(crate) mod policy;
mod registered;
mod scope;
pub(crate) mod verified;

pub(crate) use form::Form;
pub use policy::ClaimsPolicy;
pub(crate) use registered::Registered;
pub(crate) use scope::{Scopes, is_scope};

#[cfg(test)]
mod tests;
