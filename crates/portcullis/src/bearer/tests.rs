//! The bearer layer, request by request, with a verifier of a few words in place of a format.

mod any_of;
mod caller;
mod claims;
mod credentials;
mod grammar;
mod protocols;
mod readiness;
mod refusals;
pub(crate) mod stage;
pub(crate) mod stub;
mod together;
