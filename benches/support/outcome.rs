use std::{
    error::Error,
    io::{Write, stderr},
    process::ExitCode,
};

/// What goes wrong in a bench ends it, whatever it is.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// A program's exit, with the error on the error stream.
pub(crate) fn exit(outcome: Outcome<()>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        // A closed error stream cannot be complained to.
        Err(error) => writeln!(stderr(), "error: {error}").map_or(ExitCode::FAILURE, |()| ExitCode::FAILURE),
    }
}
