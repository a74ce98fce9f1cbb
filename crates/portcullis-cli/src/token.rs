//! `portcullis token`: issues, verifies and explains tokens.

mod base64url;
mod decoded;
mod format;
mod inspect;
mod issue;
mod jwt;
mod note;
mod paseto;
mod text;
mod times;
mod verdict;
mod verify;

pub(crate) use inspect::Inspect;
pub(crate) use issue::Issue;
pub(crate) use verify::Verify;
