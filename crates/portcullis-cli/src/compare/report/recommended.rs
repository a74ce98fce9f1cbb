use portcullis_compare::{Comparison, Questions, Recommendation, shown::duration_ns};

use super::Columns;

/// What follows from the answers, and all that may follow where some are open.
pub(super) fn show(comparison: &Comparison, questions: Questions, width: u16) -> String {
    match questions.answers() {
        Some(answers) => chosen(comparison, &answers.recommendation(), width),
        None => open(questions, width),
    }
}

fn chosen(comparison: &Comparison, recommendation: &Recommendation, width: u16) -> String {
    let Recommendation { title, because: [callers, logout, verifiers], layer, except, .. } = recommendation;
    let figures: Vec<String> = comparison
        .rows_of(recommendation.choice)
        .map(|row| {
            let verified = duration_ns(row.verify_ns);
            format!("{}: {} bytes on each request, verified in {verified}", row.name, row.bytes)
        })
        .collect();
    let figures = figures.join("; ");
    let mut columns = Columns::new(width);
    columns.push(["choose", title]);
    columns.push(["because", callers]);
    columns.push(["", logout]);
    columns.push(["", verifiers]);
    if let Some(except) = except {
        columns.push(["but", except]);
    }
    columns.push(["here", &figures]);
    columns.push(["in Rust", layer]);
    columns.to_string()
}

fn open(questions: Questions, width: u16) -> String {
    let mut columns = Columns::new(width);
    columns.push(["--callers", "--logout", "--verifiers", "choose"]);
    for Recommendation { answers, title, .. } in questions.recommendations() {
        columns.push([answers.callers.as_str(), answers.logout.as_str(), answers.verifiers.as_str(), title]);
    }
    let mut meanings = Columns::new(width);
    for option in Questions::default().asked().into_iter().flat_map(|question| question.options) {
        meanings.push([option.value, option.title]);
    }
    format!("{columns}\n\n{meanings}\n\n With all three answers, the reasons are here.")
}
