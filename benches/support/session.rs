//! What a session costs: our layer, the peer's, and axum without any, on the same paths.
//!
//! 1. `path`: what a request does, and which handler it meets.
//! 2. `contender`: one router each with the same handlers.
//! 3. `stage`: a router, and visitors with sessions in its store.
//! 4. `alone`: one request after the other. `crowd`: 64 tasks on two threads. `allocations`: counted, not timed. `in_redis`: the crowd over a
//!    Redis, and what a session takes there.

mod allocations;
mod alone;
mod contender;
mod crowd;
mod in_redis;
mod path;
mod run;
mod stage;

pub use allocations::count;
pub use in_redis::bench_in_redis;
pub use run::bench;
