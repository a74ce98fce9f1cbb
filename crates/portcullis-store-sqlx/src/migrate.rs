/// The steps that are still to be taken, each with its number, where `taken` have been. Steps that a later release has taken are no
/// reason to stop: they only add.
pub(crate) fn missing(steps: Vec<String>, taken: i64) -> impl Iterator<Item = (i64, String)> {
    (1..).zip(steps).filter(move |(number, _)| *number > taken)
}

/// The number of the last step, as [`Check`](crate::question::Check) answers it.
pub(crate) fn last(steps: &[String]) -> i64 {
    i64::try_from(steps.len()).unwrap_or(i64::MAX)
}
