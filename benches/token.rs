//! `cargo bench -p portcullis-benches --bench token`: what a bearer token costs over the same axum handler without one, beside the peers, and what it
//! costs to issue one.
//!
//! `-- --json` prints data instead of a table, `-- --quick` only shows that everything runs. Nothing is asserted of times.

use std::process::ExitCode;

fn main() -> ExitCode {
    portcullis_benches::token::bench(env!("CARGO_BIN_EXE_count-token-allocations"))
}
