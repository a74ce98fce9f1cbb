use std::ops::Range;

/// Whole powers of ten around all of `values`: a line for each, and no figure on the edge.
pub(crate) fn decades(values: impl Iterator<Item = f64>) -> Range<f64> {
    let (least, most) = values
        .fold((f64::INFINITY, 1.0_f64), |(least, most), value| (least.min(value.max(1.0)), most.max(value)));
    let first = least.min(most).log10().floor();
    let last = most.log10().ceil().max(first + 1.0);
    10.0_f64.powf(first)..10.0_f64.powf(last)
}

/// From nothing to the largest of `values`.
pub(crate) fn from_zero(values: impl Iterator<Item = f64>) -> Range<f64> {
    0.0..values.fold(1.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_values_lie_within_whole_decades() {
        for (values, range) in [
            (&[980.0, 2_730.0, 812_000.0][..], 100.0..1_000_000.0),
            (&[1_000.0, 1_000.0][..], 1_000.0..10_000.0),
            (&[0.0, 5.0][..], 1.0..10.0),
            (&[0.0][..], 1.0..10.0),
            (&[][..], 1.0..10.0),
        ] {
            assert_eq!(decades(values.iter().copied()), range, "{values:?}");
        }
    }

    #[test]
    fn a_bar_begins_at_zero_and_the_longest_fills_the_plot() {
        assert_eq!(from_zero([40.0, 700.0].into_iter()), 0.0..700.0);
        assert_eq!(from_zero([].into_iter()), 0.0..1.0);
    }
}
