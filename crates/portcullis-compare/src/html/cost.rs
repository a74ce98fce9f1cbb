use crate::{
    Row,
    shown::{duration_ns, per_second},
};

/// One figure of a row: what JSON calls it, exactly as it is there, and as people read it.
pub(crate) struct Figure {
    pub(crate) column: &'static str,
    pub(crate) value: u64,
    pub(crate) shown: String,
}

impl Figure {
    fn count(column: &'static str, value: u64) -> Self {
        Self { column, value, shown: value.to_string() }
    }

    fn time(column: &'static str, value: u64) -> Self {
        Self { column, value, shown: duration_ns(value) }
    }

    fn rate(column: &'static str, value: u64) -> Self {
        Self { column, value, shown: per_second(value) }
    }

    /// How far the figure before it may be off.
    pub(crate) fn is_spread(&self) -> bool {
        self.column.ends_with("spread")
    }
}

impl Row {
    /// All that was measured, in the order of the table's columns.
    pub(crate) fn costs(&self) -> [Figure; 9] {
        [
            Figure::count("bytes", self.bytes as u64),
            Figure::time("issue_ns", self.issue_ns),
            Figure::time("issue_spread", self.issue_spread),
            Figure::time("verify_ns", self.verify_ns),
            Figure::time("spread", self.spread),
            Figure::rate("verify_per_second", self.verify_per_second),
            Figure::rate("verify_per_second_spread", self.verify_per_second_spread),
            Figure::count("store_trips", self.store_trips.into()),
            Figure::count("repeats", self.repeats.into()),
        ]
    }

    /// What was measured, in a line.
    pub(crate) fn in_short(&self) -> String {
        format!(
            "verified in {} ± {} and issued in {}; {} bytes on each request; {} on all cores",
            duration_ns(self.verify_ns),
            duration_ns(self.spread),
            duration_ns(self.issue_ns),
            self.bytes,
            per_second(self.verify_per_second),
        )
    }
}
