//! What a bearer token costs: our layer, a peer's library called by hand, and axum without any, for every format.
//!
//! 1. `format`: the formats, and whose library is the peer.
//! 2. `material`: a key and a token of one format, as we want them; `peer`: the same in the peer's hands.
//! 3. `contender`: one router each with the same handler.
//! 4. `alone`: one request after the other. `issue`: tokens made. `allocations`: counted, not timed.

mod allocations;
mod alone;
mod contender;
mod format;
mod issue;
mod material;
mod peer;
mod run;

pub use allocations::count;
pub use run::bench;
