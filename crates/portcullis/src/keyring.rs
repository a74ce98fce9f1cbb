//! Keys by their ids, and how one follows another.
//!
//! A [`Keyring`] is what a verifier looks a token's key up in and what an issuer takes its key from: [`JwtKeys`](crate::jwt::JwtKeys) and
//! [`PasetoKeys`](crate::paseto::PasetoKeys) are two of them. Each key has a [`Schedule`], and its state follows from the time:
//!
//! | state | verifies | signs |
//! | --- | --- | --- |
//! | [`VerifyOnly`](KeyState::VerifyOnly): it is public, or its time to sign has not come | yes | no |
//! | [`Active`](KeyState::Active) | yes | the one that became active last |
//! | [`Retired`](KeyState::Retired) | no | no |
//!
//! So a rotation is: add the new key, to sign from when every verifier has it; give the old one the time to retire at, which is the longest lifetime
//! of a token after that. Nothing more has to be done on the day. A key that has leaked is taken out with [`Keyring::replace`], at once.
//!
//! An id selects a key and does nothing else: it is compared as a whole, and bounded in length. Two different keys with one id are both
//! out of use for tokens that name it, as either could be meant.

mod error;
pub(crate) mod file;
mod id;
mod ring;
mod schedule;
pub(crate) mod skipped;

pub use error::{KeyError, KeyErrorKind};
pub use id::KeyId;
pub use ring::{Key, Keyring};
pub use schedule::{KeyState, Schedule};

#[cfg(test)]
mod tests;
