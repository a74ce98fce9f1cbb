use std::{error::Error, fmt};

/// Nothing was decided: the command cannot be carried out as it was given.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    code: u8,
}

impl Failure {
    /// The arguments or the files are at fault.
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: USAGE }
    }

    /// What was asked for is refused, and would be with other arguments too.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self { message: message.into(), code: REFUSED }
    }

    /// Whoever started the program wants it to end.
    pub(crate) fn interrupted() -> Self {
        Self { message: String::from("interrupted"), code: INTERRUPTED }
    }

    /// As [`new`](Self::new), with what `error` says and what it says of its sources.
    pub(crate) fn because(what: impl fmt::Display, error: &dyn Error) -> Self {
        let mut message = format!("{what}: {error}");
        let mut source = error.source();
        while let Some(error) = source {
            message.push_str(&format!(": {error}"));
            source = error.source();
        }
        Self::new(message)
    }

    /// What the program ends with.
    pub(crate) const fn code(&self) -> u8 {
        self.code
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

pub(crate) const REFUSED: u8 = 1;
pub(crate) const USAGE: u8 = 2;
/// What shells make of SIGINT.
const INTERRUPTED: u8 = 130;
