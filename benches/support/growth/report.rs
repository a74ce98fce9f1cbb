use std::io::{Write, stdout};

use serde_json::{Value, json};

use crate::{options::Form, outcome::Outcome};

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Report(Vec<Line>);

/// What was found of one engine at one size.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) engine: &'static str,
    pub(super) records: usize,
    /// For each record, indexes included.
    pub(super) bytes: f64,
    /// All rates are of a second.
    pub(super) made: f64,
    pub(super) loaded: f64,
    pub(super) replaced: f64,
    pub(super) swept: f64,
}

impl Report {
    pub(super) fn extend(&mut self, lines: impl IntoIterator<Item = Line>) {
        self.0.extend(lines);
    }

    pub(super) fn print(&self, form: Form) -> Outcome<()> {
        match form {
            Form::Listing => {}
            Form::Json => writeln!(stdout(), "{}", self.0.iter().map(Line::json).collect::<Value>())?,
            Form::Table => {
                writeln!(stdout(), "{HEADINGS}")?;
                for line in &self.0 {
                    writeln!(stdout(), "{}", line.row())?;
                }
            }
        }
        Ok(())
    }
}

impl Line {
    fn row(&self) -> String {
        let Self { engine, records, bytes, made, loaded, replaced, swept } = self;
        format!(
            "| {engine:8} | {records:9} | {bytes:10.0} | {made:9.0} | {loaded:9.0} | {replaced:10.0} | {swept:9.0} |"
        )
    }

    fn json(&self) -> Value {
        json!({
            "engine": self.engine,
            "records": self.records,
            "bytes_each": self.bytes,
            "created_per_second": self.made,
            "loaded_per_second": self.loaded,
            "replaced_per_second": self.replaced,
            "swept_per_second": self.swept,
        })
    }
}

const HEADINGS: &str = "\
| engine   | records   | bytes each | created/s | loaded/s  | replaced/s | swept/s   |
| -------- | --------- | ---------- | --------- | --------- | ---------- | --------- |";
