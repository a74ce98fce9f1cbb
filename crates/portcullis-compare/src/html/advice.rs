use crate::{Answers, Comparison, Recommendation, Row};

/// A recommendation beside the rows that were measured of it.
pub(crate) struct Advice<'a> {
    pub(crate) recommendation: Recommendation,
    pub(crate) rows: Vec<&'a Row>,
}

/// What follows from every three answers, that of `answers` first.
pub(crate) fn advice(comparison: &Comparison, answers: Option<Answers>) -> Vec<Advice<'_>> {
    let others = Answers::all().filter(|other| Some(*other) != answers);
    let recommendations = answers.into_iter().chain(others).map(Answers::recommendation);
    recommendations
        .map(|recommendation| Advice {
            rows: comparison.rows_of(recommendation.choice).collect(),
            recommendation,
        })
        .collect()
}
