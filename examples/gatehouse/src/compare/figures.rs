use portcullis_compare::{Choice, Comparison, Row, shown};

/// What was measured of `choice`.
pub(super) fn of(choice: Choice, comparison: &Comparison) -> Vec<Figure> {
    comparison.rows_of(choice).map(Figure::of).collect()
}

/// What was measured of one credential, for people.
#[derive(Debug)]
pub(super) struct Figure {
    pub(super) name: String,
    pub(super) bytes: usize,
    pub(super) verify: String,
    pub(super) per_second: String,
}

impl Figure {
    fn of(row: &Row) -> Self {
        Self {
            name: row.name.clone(),
            bytes: row.bytes,
            verify: shown::duration_ns(row.verify_ns),
            per_second: shown::per_second(row.verify_per_second),
        }
    }
}
