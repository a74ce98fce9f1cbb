use portcullis_compare::{Comparison, Facts, Row};

use super::Columns;
use crate::spelling::printable;

/// Each question once, and each answer once, with the rows that it is true of.
pub(super) fn show(comparison: &Comparison, width: u16) -> String {
    let parts = QUESTIONS.map(|(question, answer)| {
        let mut columns = Columns::new(width);
        for (answer, names) in grouped(&comparison.rows, answer) {
            columns.push([&names, answer]);
        }
        format!(" {question}\n{columns}")
    });
    parts.join("\n\n")
}

/// The answers in the order of the rows, each with whose it is.
fn grouped(rows: &[Row], answer: Answer) -> Vec<(&'static str, String)> {
    let mut groups: Vec<(&'static str, String)> = Vec::new();
    for row in rows {
        let (answer, name) = (answer(&row.facts), printable(&row.name));
        match groups.iter_mut().find(|(taken, _)| *taken == answer) {
            Some((_, names)) => {
                names.push_str(", ");
                names.push_str(&name);
            }
            None => groups.push((answer, name)),
        }
    }
    groups
}

type Answer = fn(&Facts) -> &'static str;

const QUESTIONS: [(&str, Answer); 5] = [
    ("Who sees it can use it until it ends, and can read", |facts| facts.eavesdropper),
    ("To be safe, this must be right", |facts| facts.configure),
    ("Key ids and rotation", |facts| facts.keys),
    ("A revocation is honoured", |facts| facts.revocation),
    ("Which code was measured", |facts| facts.implementation),
];
