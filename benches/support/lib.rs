//! What the benches of this package share, and the session bench itself.

mod options;
mod outcome;
mod report;
mod sample;
pub mod session;
mod stopwatch;
