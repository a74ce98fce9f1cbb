//! `cargo bench -p portcullis-benches`: what a session costs over the same axum handler without one, beside the peer.
//!
//! `-- --json` prints data instead of a table, `-- --quick` only shows that everything runs. Nothing is asserted of times.

use std::process::ExitCode;

fn main() -> ExitCode {
    portcullis_benches::session::bench(env!("CARGO_BIN_EXE_count-session-allocations"))
}
