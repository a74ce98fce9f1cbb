//! Counts the allocations of one request with a token of every format, for the token bench, which starts this program and prints them.

use std::process::ExitCode;

fn main() -> ExitCode {
    portcullis_benches::token::count(|run| allocation_counter::measure(run).count_total)
}
