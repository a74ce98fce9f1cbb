use crate::whole::whole;

/// The same quantity, measured once in each round.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sample(Vec<f64>);

impl Sample {
    pub(crate) fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    /// What stands in the middle: one wild round does not move it.
    pub(crate) fn median(&self) -> u64 {
        whole(self.quantile(0.5))
    }

    /// Half the distance between the lowest and the highest twentieth: nine rounds in ten lie about that near to the median. At least one unit, for no
    /// clock is better.
    pub(crate) fn spread(&self) -> u64 {
        whole((self.quantile(0.95) - self.quantile(0.05)) / 2.0).max(1)
    }

    fn quantile(&self, share: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        #[expect(clippy::cast_precision_loss, reason = "there are no more rounds than a double can count")]
        let at = whole(last as f64 * share);
        let at = usize::try_from(at).unwrap_or(last);
        sorted.get(at).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wild_round_moves_neither_median_nor_spread() {
        let mut sample = Sample::default();
        for value in [9_000.0, 30.0, 10.0].into_iter().chain([20.0, 12.0, 28.0].repeat(6)) {
            sample.push(value);
        }
        assert_eq!((sample.median(), sample.spread()), (20, 9));
    }

    #[test]
    fn nothing_is_known_more_exactly_than_to_one_unit() {
        let mut sample = Sample::default();
        sample.push(7.2);
        sample.push(7.2);
        assert_eq!((sample.median(), sample.spread()), (7, 1));
    }
}
