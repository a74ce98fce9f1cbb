//! Tokens: what a program shows in place of a cookie, as a JWT or as a PASETO.
//!
//! Both formats say the same of the same user, under the issuer that sessions have too, so a handler that takes a
//! [`Principal`](portcullis::identity::Principal) need not know which of the three it was.
//!
//! `tokens` is what issues and verifies, `keys` and `key_file` are what it does that with, `scopes` is what may be granted to whom.
//! `issue` answers a login with a token, `revoke` takes one back or all, `published` tells the public keys, and `page` shows all of it.

mod issue;
mod key_file;
mod keys;
mod page;
mod published;
mod revoke;
mod scopes;
mod tokens;

pub(crate) use issue::issue;
pub use key_file::KeyFileError;
pub use keys::TokenKeys;
pub(crate) use page::page;
pub(crate) use published::jwks;
pub(crate) use revoke::{end_everything, log_out_everywhere, revoke};
pub(crate) use scopes::{ORDERS_READ, ORDERS_READ_ALL};
pub use tokens::Tokens;
