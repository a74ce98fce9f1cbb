//! The embedded default and the reference semantics of the contract.

mod limits;
mod shard;
mod store;
#[cfg(test)]
mod tests;

pub use limits::MemoryLimits;
pub use store::MemoryStore;
