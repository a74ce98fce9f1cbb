//! Figures as people read them: three digits and a unit, the same wherever a comparison is shown.

/// A time in nanoseconds: `980 ns`, `2.73 µs`, `812 µs`, `1.20 ms`.
///
/// # Example
///
/// ```
/// use portcullis_compare::shown::duration_ns;
///
/// assert_eq!(duration_ns(2_731), "2.73 µs");
/// ```
#[must_use]
pub fn duration_ns(nanoseconds: u64) -> String {
    if nanoseconds < 1_000 {
        return format!("{nanoseconds} ns");
    }
    scaled(nanoseconds, &[("µs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000)])
}

/// How often a second: `980 /s`, `45 400 /s`, `1.63 M/s`.
///
/// # Example
///
/// ```
/// use portcullis_compare::shown::per_second;
///
/// assert_eq!(per_second(45_432), "45 400 /s");
/// ```
#[must_use]
pub fn per_second(times: u64) -> String {
    let rounded = three_digits(times);
    if rounded < 1_000_000 {
        return format!("{} /s", grouped(rounded));
    }
    scaled(times, &[("M/s", 1_000_000), ("G/s", 1_000_000_000)])
}

/// In the largest of `units` that leaves at least one digit before the point; in the first, if there is none.
fn scaled(value: u64, units: &[(&str, u64)]) -> String {
    let rounded = three_digits(value);
    let fits = units.iter().rev().find(|(_, one)| rounded >= *one);
    let Some((unit, one)) = fits.or(units.first()) else {
        return rounded.to_string();
    };
    let (whole, hundredths) = (rounded / one, rounded % one / (one / 100).max(1));
    match whole {
        0..10 => format!("{whole}.{hundredths:02} {unit}"),
        10..100 => format!("{whole}.{} {unit}", hundredths / 10),
        _ => format!("{} {unit}", grouped(whole)),
    }
}

/// `value` with all but its first three digits rounded off.
fn three_digits(value: u64) -> u64 {
    let digits = value.checked_ilog10().map_or(1, |log| log + 1);
    let step = 10_u64.pow(digits.saturating_sub(3));
    // What is below half a step goes down; the largest values have no room above them.
    let up = u64::from(value % step >= step.div_ceil(2) && step > 1);
    (value / step).saturating_add(up).saturating_mul(step)
}

/// With a space between thousands.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(' ');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_three_digits_and_a_unit() {
        for (nanoseconds, shown) in [
            (0, "0 ns"),
            (7, "7 ns"),
            (980, "980 ns"),
            (999, "999 ns"),
            (1_000, "1.00 µs"),
            (2_731, "2.73 µs"),
            (2_735, "2.74 µs"),
            (9_994, "9.99 µs"),
            (9_996, "10.0 µs"),
            (27_349, "27.3 µs"),
            (812_499, "812 µs"),
            (999_499, "999 µs"),
            (999_500, "1.00 ms"),
            (1_200_000, "1.20 ms"),
            (45_000_000, "45.0 ms"),
            (999_999_999, "1.00 s"),
            (60_000_000_000, "60.0 s"),
            (1_234_000_000_000, "1 230 s"),
        ] {
            assert_eq!(duration_ns(nanoseconds), shown, "{nanoseconds}");
        }
    }

    #[test]
    fn a_rate_has_three_digits_that_count() {
        for (times, shown) in [
            (0, "0 /s"),
            (980, "980 /s"),
            (1_234, "1 230 /s"),
            (45_432, "45 400 /s"),
            (45_450, "45 500 /s"),
            (812_600, "813 000 /s"),
            (999_499, "999 000 /s"),
            (999_500, "1.00 M/s"),
            (1_630_000, "1.63 M/s"),
            (16_349_000, "16.3 M/s"),
            (1_630_000_000, "1.63 G/s"),
        ] {
            assert_eq!(per_second(times), shown, "{times}");
        }
    }

    #[test]
    fn the_largest_values_are_shown_too() {
        assert_eq!(duration_ns(u64::MAX), "18 400 000 000 s");
        assert_eq!(per_second(u64::MAX), "18 400 000 000 G/s");
    }
}
