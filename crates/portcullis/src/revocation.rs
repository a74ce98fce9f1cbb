//! Tokens that are refused before their time: one of them, all of a subject, all of a key.
//!
//! A token proves itself, so nobody can take it back; one can only write down that it is refused. [`Revocations`] writes that into a
//! [store](crate::store), and a bearer layer that was given it asks for every token it has verified.
//!
//! | to revoke | call | what is written down | it is refused until |
//! | --- | --- | --- | --- |
//! | one token | [`revoke`](Revocations::revoke), [`revoke_token_id`](Revocations::revoke_token_id) | its issuer and id: `iss`, `jti` | its own end |
//! | all tokens of a subject until now | [`revoke_subject`](Revocations::revoke_subject) | `iss`, `sub` and the second: refused where `iat` is that or earlier, or is not there | their end |
//! | all tokens under a key | [`revoke_key`](Revocations::revoke_key) | the issuer and the key's id | the longest lifetime has passed |
//!
//! Never by a hash of the token: some signatures have a second spelling, which would be another token.
//!
//! 1. The token must end soon enough for a mark against it to last that long; one that lives longer than the
//!    [longest lifetime](Revocations::with_longest_lifetime), or has no `exp`, is refused as
//!    [`LivesTooLong`](crate::bearer::TokenErrorKind::LivesTooLong).
//! 2. What the store can tell without waiting (the memory store always can) is asked for each time.
//! 3. Else what was answered before is believed for the [staleness](Revocations::with_staleness), five seconds by default; that a token or a key is
//!    revoked is believed for good. What this process revoked itself holds for its next request.
//! 4. Else the store is asked, for at most three marks, at once. It fails, or takes too long: the token is
//!    [`Unavailable`](crate::bearer::TokenErrorKind::Unavailable), a 503, and neither good nor revoked.
//!
//! | what a check costs | trips | memory |
//! | --- | --- | --- |
//! | the store tells without waiting, or everything was asked within the staleness | 0 | none is allocated |
//! | else | up to 3, at once | 65 536 answers are kept at most, about 10 MB |
//!
//! # What it does not do
//!
//! * A token that was accepted when a request began serves that request to its end.
//! * `iat` is the issuer's clock. Of an issuer whose clock is ahead by a second, tokens of the last second before a mark live on.
//! * Marks are as lasting as the store. A memory store forgets them with the process, and a store that evicts what is alive to make room forgets
//!   them when it likes: give revocations one that does neither.
//! * Whoever has stolen a key goes on making tokens: take the key out of the [ring](crate::keyring) as well.
//!
//! # Example
//!
//! ```
//! use portcullis::{
//!     identity::{IssuerId, Principal, Subjects},
//!     revocation::Revocations,
//!     store::{MemoryStore, SharedStore},
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = SharedStore::from(MemoryStore::new());
//! let revocations = Revocations::new(store.clone());
//!
//! // Every token that Ada has until now:
//! let issuer = IssuerId::new("https://id.example");
//! revocations.revoke_subject(&issuer, "ada").await?;
//!
//! // Those, and her sessions and refresh grants:
//! let subjects = Subjects::new(store).with_revocations(revocations);
//! subjects.log_out_everywhere(&Principal::new(issuer, "ada")).await?;
//! # Ok(()) }
//! ```

mod cache;
mod check;
mod error;
mod mark;
mod reading;
mod records;
mod revocations;
#[cfg(test)]
mod tests;

pub use error::{RevocationError, RevocationErrorKind};
pub(crate) use mark::issued_at;
pub use revocations::Revocations;
