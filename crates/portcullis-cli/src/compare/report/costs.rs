use portcullis_compare::{
    Comparison, Row,
    shown::{duration_ns, per_second},
};

use super::Columns;
use crate::spelling::printable;

/// One line for each row, and what the columns mean.
pub(super) fn show(comparison: &Comparison, width: u16) -> String {
    let mut columns = Columns::new(width);
    columns.push(["", "bytes", "issue", "±", "verify", "±", "all cores", "±", "trips"]);
    for row in &comparison.rows {
        let cells = cells(row);
        columns.push(cells.each_ref().map(String::as_str));
    }
    columns.align_figures();
    let mut notes = Columns::new(width);
    for (what, meaning) in MEANINGS {
        notes.push([what, meaning]);
    }
    let repeats = comparison.rows.first().map_or(0, |row| row.repeats);
    let machine = format!(
        "portcullis {}, {} cores of {}, {}; medians of {repeats} rounds in turns",
        comparison.portcullis, comparison.cores, comparison.arch, comparison.os
    );
    notes.push(["measured", &machine]);
    if !comparison.optimised {
        notes.push(["BUT", "this program was built without optimisation: these times mean nothing. `cargo run --release`, or the installed program, is what to measure"]);
    }
    format!("{columns}\n\n{notes}")
}

fn cells(row: &Row) -> [String; 9] {
    [
        printable(&row.title()),
        row.bytes.to_string(),
        duration_ns(row.issue_ns),
        duration_ns(row.issue_spread),
        duration_ns(row.verify_ns),
        duration_ns(row.spread),
        per_second(row.verify_per_second),
        per_second(row.verify_per_second_spread),
        row.store_trips.to_string(),
    ]
}

const MEANINGS: [(&str, &str); 5] = [
    ("bytes", "of the header field's line that bears it, on each request"),
    ("issue", "to sign a token, or to log in to a session"),
    ("verify", "from a request that bears it to a handler that knows who is calling"),
    ("all cores", "verified by all cores together"),
    ("trips", "how often a store is asked to verify one"),
];
