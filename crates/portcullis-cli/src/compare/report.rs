//! A comparison for people, in a terminal or a file.

mod columns;
mod costs;
mod facts;
mod recommended;

use console::Term;
use portcullis_compare::{Comparison, Questions};

use columns::Columns;

/// All of it. Headings are bold where standard output is a terminal that has colours; nothing else has escape codes.
pub(super) fn show(comparison: &Comparison, questions: Questions) -> String {
    let width = width();
    let parts = [
        ("What it costs, with the same claims, on this machine", costs::show(comparison, width)),
        ("What no stopwatch shows", facts::show(comparison, width)),
        ("Where the differences come from", differences(comparison, width)),
        ("Which to choose", recommended::show(comparison, questions, width)),
    ];
    let parts = parts.map(|(heading, text)| format!("{}\n\n{text}", console::style(heading).bold()));
    parts.join("\n\n")
}

fn differences(comparison: &Comparison, width: u16) -> String {
    let mut columns = Columns::new(width);
    for difference in &comparison.differences {
        columns.push(["-", difference]);
    }
    columns.to_string()
}

/// As wide as the terminal, within what can be read with ease; where there is none, as wide as is usual.
fn width() -> u16 {
    let width = Term::stdout().size_checked().map_or(USUAL, |(_rows, columns)| columns);
    width.clamp(NARROWEST, WIDEST)
}

const NARROWEST: u16 = 60;
const USUAL: u16 = 100;
const WIDEST: u16 = 120;
