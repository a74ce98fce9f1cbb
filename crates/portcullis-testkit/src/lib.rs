//! For tests of Portcullis stores, and of what stands on them.
//!
//! | to | use |
//! | --- | --- |
//! | prove a store | [`laws`]: every law of the contract, one named trial each |
//! | fail, delay, hang or lose an answer on demand | [`FaultyStore`] |
//! | count the trips a request makes to its store | [`FaultyStore::trips`] |
//! | explore interleavings of requests | [`FaultyStore::interleave`] |
//! | hold the time | [`TestClock`] |
//! | have a Redis, three Sentinels or a Cluster of one's own, to stop and kill | `servers` (feature `servers`) |
//! | cut off, delay or lose an answer between a client and a server | `Proxy` (feature `servers`) |

mod clock;
mod faulty;
pub mod laws;
#[cfg(feature = "servers")]
mod proxy;
#[cfg(feature = "servers")]
pub mod servers;

pub use clock::TestClock;
pub use faulty::{Fault, FaultyStore, Operation, Trips};
#[cfg(feature = "servers")]
pub use proxy::Proxy;
