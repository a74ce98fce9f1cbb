//! `cargo bench -p portcullis-benches --bench sql`: what a record takes in a SQL store, how fast it is made, loaded, replaced and swept, and how that
//! grows from 10 000 records to 1 000 000. It starts a PostgreSQL and a MariaDB of its own, and makes a file.
//!
//! `-- sqlite` measures one engine, `-- --json` prints data instead of a table, `-- --quick` only shows that everything runs. Nothing is asserted of times.

use std::process::ExitCode;

fn main() -> ExitCode {
    portcullis_benches::growth::bench_in_sql()
}
