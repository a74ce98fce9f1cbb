//! A store that goes wrong on demand, and counts.

mod fault;
mod operation;
mod script;
mod store;
#[cfg(test)]
mod tests;
mod trips;

pub use fault::Fault;
pub use operation::Operation;
pub use store::FaultyStore;
pub use trips::Trips;
