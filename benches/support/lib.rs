//! What the benches of this package share, and the benches themselves.

pub mod growth;
mod options;
mod outcome;
mod report;
mod sample;
pub mod session;
mod stopwatch;
pub mod token;
