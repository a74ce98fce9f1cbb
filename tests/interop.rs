//! What others make of our answers: grpcio, in a process of its own.
//!
//! The libraries are fetched once, with pip, in the versions and with the digests that `interop/requirements.txt` names.
//! Without Python the trials that need it are ignored; asked for all the same (`--include-ignored`), they fail by its name.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a trial fails by panicking")]

#[path = "interop/caller.rs"]
mod caller;
#[path = "interop/fetched.rs"]
mod fetched;
#[path = "interop/grpc.rs"]
mod grpc;
#[path = "interop/language.rs"]
mod language;
#[path = "interop/library.rs"]
mod library;
#[path = "interop/wire.rs"]
mod wire;

use std::process::ExitCode;

use libtest_mimic::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials = [grpc::trials(), wire::trials()].into_iter().flatten().collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}
