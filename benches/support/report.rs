use std::{
    fmt,
    io::{Write, stdout},
};

use serde_json::{Value, json};

use crate::{
    options::{Form, Options},
    outcome::Outcome,
    sample::Sample,
};

/// Prints what `measure` finds, in the form that was asked for; for a listing nothing is measured.
pub(crate) fn print(options: &Options, measure: impl FnOnce(&Options) -> Outcome<Report>) -> Outcome<()> {
    match options.form {
        Form::Listing => {}
        Form::Table => write!(stdout(), "{}", measure(options)?)?,
        Form::Json => writeln!(stdout(), "{}", measure(options)?.json())?,
    }
    Ok(())
}

/// What a bench found, to be printed as a table or as JSON.
#[derive(Debug, Default)]
pub(crate) struct Report(Vec<Line>);

/// One thing measured of everybody.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) what: String,
    pub(crate) unit: &'static str,
    /// Without any layer.
    pub(crate) none: Sample,
    pub(crate) ours: Sample,
    pub(crate) peer: Sample,
    /// Ours to the peer's, taken in each round.
    pub(crate) ratio: Sample,
    pub(crate) target: Option<Target>,
    /// Of one request: without any layer, and what ours and the peer's add.
    pub(crate) allocations: Option<[u64; 3]>,
}

/// What we set out to reach. Printed beside what was reached, and never asserted: a busy machine is no defect.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    RatioAtMost(f64),
    RatioAtLeast(f64),
    OursAtMost(f64),
}

impl Report {
    pub(crate) fn push(&mut self, line: Line) {
        self.0.push(line);
    }

    pub(crate) fn extend(&mut self, lines: impl IntoIterator<Item = Line>) {
        self.0.extend(lines);
    }

    fn json(&self) -> Value {
        self.0.iter().map(Line::json).collect()
    }
}

/// A Markdown table that is aligned as plain text, too.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<[String; COLUMNS]> = [HEADINGS.map(str::to_owned), RULES.map(str::to_owned)]
            .into_iter()
            .chain(self.0.iter().map(Line::cells))
            .collect();
        let mut widths = [0; COLUMNS];
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.chars().count().max(*width);
            }
        }
        for row in &rows {
            for (width, cell) in widths.iter().zip(row) {
                let width = *width;
                if cell.starts_with("---") {
                    write!(f, "| {cell:-<width$} ")?;
                } else {
                    write!(f, "| {cell:width$} ")?;
                }
            }
            writeln!(f, "|")?;
        }
        Ok(())
    }
}

impl Line {
    fn cells(&self) -> [String; COLUMNS] {
        let allocations = match self.allocations {
            Some([none, ours, peer]) => format!("{none} / +{ours} / +{peer}"),
            None => String::new(),
        };
        [
            self.what.clone(),
            self.unit.to_owned(),
            number(self.none.median()),
            spread(&self.ours),
            spread(&self.peer),
            format!("{:.2} ±{:.2}", self.ratio.median(), self.ratio.spread()),
            self.target.map(|target| target.to_string()).unwrap_or_default(),
            allocations,
        ]
    }

    fn json(&self) -> Value {
        let sample = |sample: &Sample| json!({ "median": sample.median(), "spread": sample.spread() });
        json!({
            "what": self.what,
            "unit": self.unit,
            "none": sample(&self.none),
            "ours": sample(&self.ours),
            "peer": sample(&self.peer),
            "ratio": sample(&self.ratio),
            "target": self.target.map(|target| target.to_string()),
            "allocations": self.allocations,
        })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RatioAtMost(ratio) => write!(f, "≤ {ratio}"),
            Self::RatioAtLeast(ratio) => write!(f, "≥ {ratio}"),
            Self::OursAtMost(value) => write!(f, "ours ≤ {value}"),
        }
    }
}

fn spread(sample: &Sample) -> String {
    format!("{} ±{}", number(sample.median()), number(sample.spread()))
}

fn number(value: f64) -> String {
    if value.abs() < 100.0 { format!("{value:.1}") } else { format!("{value:.0}") }
}

const COLUMNS: usize = 8;
const HEADINGS: [&str; COLUMNS] =
    ["path", "unit", "none", "ours", "peer", "ours / peer", "target", "allocations"];
const RULES: [&str; COLUMNS] = ["---"; COLUMNS];
