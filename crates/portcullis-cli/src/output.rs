use std::{
    io::{self, ErrorKind, Write},
    process::ExitCode,
};

use zeroize::Zeroizing;

use crate::failure::{Failure, REFUSED};

/// How a command shows what it found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Style {
    /// For people; it may read differently tomorrow.
    Plain,
    /// One object, whose names stay.
    Json,
}

/// What a command found. It may hold a key, so it is wiped.
pub(crate) struct Report {
    text: Zeroizing<String>,
    code: u8,
}

impl Report {
    /// All is well.
    pub(crate) fn fine(text: String) -> Self {
        Self { text: Zeroizing::new(text), code: 0 }
    }

    /// The token is not what was asked for, and `text` says why.
    pub(crate) fn refused(text: String) -> Self {
        Self { text: Zeroizing::new(text), code: REFUSED }
    }
}

/// Writes the report to standard output. That nobody reads to its end is no reason to change what the program ends with.
pub(crate) fn deliver(report: Report) -> Result<ExitCode, Failure> {
    let mut text = report.text;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::because("standard output cannot be written to", &error))
        }
        _ => Ok(ExitCode::from(report.code)),
    }
}

/// Says something to whoever started the program.
pub(crate) fn complain(message: &str) {
    // There is nowhere else to say that this failed.
    writeln!(io::stderr().lock(), "portcullis: {message}").ok();
}
