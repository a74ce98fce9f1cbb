//! The `portcullis` program: makes keys, and issues, verifies and explains tokens of the formats that the library reads.
//!
//! Nothing secret is an argument, where every user of the machine can see it: tokens and keys come from standard input or from files.

mod at;
mod command;
mod compare;
mod dates;
mod failure;
mod input;
mod json;
mod key;
mod keyfile;
mod output;
mod spelling;
mod token;

use std::process::ExitCode;

use command::Cli;
use output::{complain, deliver};

fn main() -> ExitCode {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    match cli.run().and_then(deliver) {
        Ok(code) => code,
        Err(failure) => {
            complain(&failure.to_string());
            ExitCode::from(failure.code())
        }
    }
}
