//! `cargo bench -p portcullis-benches --bench redis`: what sessions in a Redis cost beside the peer's, in time and in the server's memory. It starts a
//! `redis-server` of its own.
//!
//! `-- --json` prints data instead of a table, `-- --quick` only shows that everything runs. Nothing is asserted of times.

use std::process::ExitCode;

fn main() -> ExitCode {
    portcullis_benches::session::bench_in_redis()
}
