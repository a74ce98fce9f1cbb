//! Portcullis' own tasks, run as `cargo xtask <task>`; `cargo xtask help` lists them.

mod bans;
mod command_line;
mod host;
mod need;
mod provide;
mod servers;
mod summary;
mod task;
mod test;

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};

use crate::{
    task::{Task, USAGE},
    test::Ignored,
};

fn main() -> ExitCode {
    match Task::parse(env::args_os().skip(1)) {
        Ok(Task::Help) => match io::stdout().write_all(USAGE.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_closed) => ExitCode::FAILURE,
        },
        Ok(Task::Test { arguments }) => test::run(ignored_in_this_environment(), &arguments),
        Ok(Task::Bans) => bans::run(),
        Err(misuse) => {
            eprintln!("xtask: {misuse}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a program reads its environment, here and nowhere else")]
fn ignored_in_this_environment() -> Ignored {
    match env::var("CI").as_deref() {
        Ok("true" | "1") => Ignored::Run,
        _ => Ignored::Leave,
    }
}
