//! Counts the allocations of one request on every path of the session bench, which starts this program and prints them.

use std::process::ExitCode;

fn main() -> ExitCode {
    portcullis_benches::session::count(|run| allocation_counter::measure(run).count_total)
}
