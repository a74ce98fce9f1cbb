//! For tests of Portcullis stores, and of what stands on them.
//!
//! | to | use |
//! | --- | --- |
//! | prove a store | [`laws`]: every law of the contract, one named trial each |
//! | fail, delay, hang or lose an answer on demand | [`FaultyStore`] |
//! | count the trips a request makes to its store | [`FaultyStore::trips`] |
//! | explore interleavings of requests | [`FaultyStore::interleave`] |
//! | hold the time | [`TestClock`] |

mod clock;
mod faulty;
pub mod laws;

pub use clock::TestClock;
pub use faulty::{Fault, FaultyStore, Operation, Trips};
