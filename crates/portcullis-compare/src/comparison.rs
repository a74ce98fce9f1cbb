use serde::Serialize;

use crate::{Choice, Row, difference};

/// What was measured, on which machine.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Comparison {
    /// The version of Portcullis that was measured.
    pub portcullis: &'static str,
    /// Whether the compiler optimised it. Figures of a build that is not are good for nothing but a demonstration.
    pub optimised: bool,
    /// The operating system, as Rust names it.
    pub os: &'static str,
    /// The processor's architecture, as Rust names it.
    pub arch: &'static str,
    /// How many threads verified at once for `verify_per_second`.
    pub cores: usize,
    /// One for each credential.
    pub rows: Vec<Row>,
    /// Where a difference comes from: a sentence each.
    pub differences: Vec<String>,
}

impl Comparison {
    pub(crate) fn new(cores: usize, rows: Vec<Row>) -> Self {
        Self {
            portcullis: env!("CARGO_PKG_VERSION"),
            optimised: !cfg!(debug_assertions),
            os: std::env::consts::OS,
            arch: std::env::consts::ARCH,
            cores,
            differences: difference::between(&rows),
            rows,
        }
    }

    /// What was measured of `choice`.
    pub fn rows_of(&self, choice: Choice) -> impl Iterator<Item = &Row> {
        choice.rows().iter().filter_map(|name| self.row(name))
    }

    /// The row of that name.
    #[must_use]
    pub fn row(&self, name: &str) -> Option<&Row> {
        self.rows.iter().find(|row| row.name == name)
    }
}
