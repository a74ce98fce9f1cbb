//! Instants as people and as tokens write them.

use std::time::Duration;

use portcullis::store::Timestamp;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

/// The instant that `text` names: `2026-01-02T03:04:05Z` with any offset.
pub(crate) fn from_rfc3339(text: &str) -> Option<Timestamp> {
    let at = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    u64::try_from(at.unix_timestamp()).ok().map(Timestamp::from_unix_seconds)
}

/// The instant `number` seconds after the beginning of 1970, which may have a fraction; none that has no date.
pub(crate) fn from_seconds(number: &str) -> Option<Timestamp> {
    let seconds: f64 = number.parse().ok()?;
    if !(0.0..=LATEST_SECOND).contains(&seconds) {
        return None;
    }
    Some(Timestamp::default() + Duration::from_secs_f64(seconds.floor()))
}

/// `at` as RFC 3339 has it, to the second.
pub(crate) fn to_rfc3339(at: Timestamp) -> String {
    let date = i64::try_from(at.unix_seconds()).ok();
    let date = date.and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok());
    date.and_then(|date| date.format(&Rfc3339).ok()).unwrap_or_else(|| String::from("beyond the year 9999"))
}

/// How long `duration` is, about, in the largest unit of which it has two: `90 seconds` tells more than `1 minute`.
pub(crate) fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let (length, unit) = UNITS.into_iter().find(|(length, _)| seconds >= 2 * length).unwrap_or((1, "second"));
    match (seconds + length / 2) / length {
        1 => format!("1 {unit}"),
        count => format!("{count} {unit}s"),
    }
}

const UNITS: [(u64, &str); 4] = [(365 * 86_400, "year"), (86_400, "day"), (3_600, "hour"), (60, "minute")];
const LATEST_SECOND: f64 = 253_402_300_799.0;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_and_written() {
        let at = Timestamp::from_unix_seconds(1_767_323_045);
        for text in ["2026-01-02T03:04:05Z", "2026-01-02T04:04:05+01:00", "2026-01-02T03:04:05.999Z"] {
            assert_eq!(from_rfc3339(text), Some(at), "{text}");
        }
        assert_eq!(to_rfc3339(at), "2026-01-02T03:04:05Z");
        assert_eq!(to_rfc3339(Timestamp::MAX), "beyond the year 9999");
        for text in ["", "2026-01-02", "1960-01-02T03:04:05Z", "2026-13-02T03:04:05Z", "tomorrow"] {
            assert_eq!(from_rfc3339(text), None, "{text}");
        }
        assert_eq!(from_seconds("1767323045.9"), Some(at));
        for number in ["-1", "1e400", "253402300800", "NaN", "inf", "x"] {
            assert_eq!(from_seconds(number), None, "{number}");
        }
    }

    #[test]
    fn lengths_are_told_in_words() {
        for (seconds, words) in [
            (0, "0 seconds"),
            (1, "1 second"),
            (119, "119 seconds"),
            (120, "2 minutes"),
            (599, "10 minutes"),
            (7_199, "120 minutes"),
            (7_200, "2 hours"),
            (172_800, "2 days"),
            (63_072_000, "2 years"),
        ] {
            assert_eq!(in_words(Duration::from_secs(seconds)), words);
        }
    }
}
