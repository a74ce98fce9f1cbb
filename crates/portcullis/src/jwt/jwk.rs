//! JSON Web Keys ([RFC 7517], [RFC 7518 §6], [RFC 8037 §2]), read and written.
//!
//! [RFC 7517]: https://www.rfc-editor.org/rfc/rfc7517
//! [RFC 7518 §6]: https://www.rfc-editor.org/rfc/rfc7518#section-6
//! [RFC 8037 §2]: https://www.rfc-editor.org/rfc/rfc8037#section-2

mod parts;
mod read;
mod write;

pub(super) use read::Jwk;
pub(super) use write::{expose, public, thumbprint};
