//! The laws of the store contract, each a public `async fn` and a trial of its own.
//!
//! A store's `tests/laws.rs`, with `harness = false` in its manifest, is this:
//!
//! ```no_run
//! use std::process::ExitCode;
//!
//! use portcullis_core::MemoryStore;
//! use portcullis_testkit::{TestClock, laws::{self, Backend}};
//!
//! fn main() -> ExitCode {
//!     laws::run([Backend::new("memory", async |clock: TestClock| Ok(MemoryStore::new().with_clock(clock).into()))])
//! }
//! ```
//!
//! * **A missing server is shown**: a back-end whose opener answers [`Missing`] has all its trials *ignored*, never *ok*;
//!   with `--include-ignored` they fail.
//! * **No law is skipped**: where an engine cannot promise something its [`Profile`](portcullis_core::Profile) says so, and
//!   the law asserts that instead. A store without an owner index must answer `Unsupported` to a listing; a store whose
//!   linearizability is best effort must still never make up a record.
//! * **Randomised laws print their seed** when they fail; [`Backend::with_seed`] runs it again.
//!
//! A law panics when it is broken and answers an error when the back-end fails. To run one by itself, hand it a
//! [`Case`], on a multi-threaded runtime:
//!
//! ```
//! use portcullis_core::{MemoryStore, StoreError};
//! use portcullis_testkit::{TestClock, laws::{self, Case}};
//!
//! # #[tokio::main]
//! # async fn main() -> Result<(), StoreError> {
//! let clock = TestClock::new();
//! let case = Case::new(MemoryStore::new().with_clock(clock.clone()), clock);
//! laws::creation::create_never_overwrites(&case).await?;
//! # Ok(()) }
//! ```

#![expect(
    clippy::panic,
    clippy::missing_panics_doc,
    reason = "a law panics when it is broken: asserting is its job"
)]
#![expect(clippy::missing_errors_doc, reason = "every law answers an error for one reason, given above")]

mod backend;
pub mod cancellation;
mod case;
mod contenders;
pub mod creation;
pub mod epochs;
pub mod expiry;
pub mod extension;
pub mod history;
pub mod listing;
pub mod loading;
pub mod races;
pub mod reclamation;
pub mod removal;
pub mod replacement;
mod run;
#[cfg(test)]
mod tests;

pub use backend::{Backend, Missing};
pub use case::{Case, Verdict};
pub use run::run;
