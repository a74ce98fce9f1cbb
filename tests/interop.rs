//! What others make of our tokens and answers, and we of theirs: PyJWT, jose, pyseto and grpcio, each in a process of its own.
//!
//! The libraries are fetched once, with pip and npm, in the versions and with the digests that `interop/requirements.txt` and
//! `interop/package-lock.json` name. Without Python or npm the trials that need it are ignored; asked for all the same
//! (`--include-ignored`), they fail by the name of what is missing.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a trial fails by panicking"
)]

#[path = "interop/caller.rs"]
mod caller;
#[path = "interop/claims.rs"]
mod claims;
#[path = "interop/fetched.rs"]
mod fetched;
#[path = "interop/grpc.rs"]
mod grpc;
#[path = "interop/jwt.rs"]
mod jwt;
#[path = "interop/language.rs"]
mod language;
#[path = "interop/library.rs"]
mod library;
#[path = "interop/paseto.rs"]
mod paseto;
#[path = "interop/tampered.rs"]
mod tampered;
#[path = "interop/wire.rs"]
mod wire;

use std::process::ExitCode;

use libtest_mimic::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let trials =
        [grpc::trials(), jwt::trials(), paseto::trials(), wire::trials()].into_iter().flatten().collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}
