use proptest::prelude::*;
use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

use super::{
    Rounding::{Down, Up},
    *,
};

const BOTH: [Rounding; 2] = [Down, Up];

fn seconds(at: Option<Timestamp>) -> Option<u64> {
    // Never a part of a second.
    at.inspect(|at| assert_eq!(at.unix_millis() % 1000, 0)).map(Timestamp::unix_seconds)
}

#[test]
fn t47_a_fraction_of_a_numeric_date_counts_against_the_token() {
    for (number, down, up) in [
        ("0", 0, 0),
        ("1", 1, 1),
        ("1700000000", 1_700_000_000, 1_700_000_000),
        ("1700000000.0", 1_700_000_000, 1_700_000_000),
        ("1700000000.000001", 1_700_000_000, 1_700_000_001),
        ("1700000000.5", 1_700_000_000, 1_700_000_001),
        ("1700000000.999999", 1_700_000_000, 1_700_000_001),
        ("0.0", 0, 0),
        ("0.001", 0, 1),
        ("1e0", 1, 1),
        ("1.7e9", 1_700_000_000, 1_700_000_000),
        ("1.7E+09", 1_700_000_000, 1_700_000_000),
        ("17000000005e-1", 1_700_000_000, 1_700_000_001),
        ("0e400", 0, 0),
        ("253402300799", 253_402_300_799, 253_402_300_799),
        ("253402300798.5", 253_402_300_798, 253_402_300_799),
    ] {
        assert_eq!(seconds(read_numeric_date(number, Down)), Some(down), "{number} down");
        assert_eq!(seconds(read_numeric_date(number, Up)), Some(up), "{number} up");
    }
    // In the last second of the last year it depends.
    assert_eq!(seconds(read_numeric_date("253402300799.5", Down)), Some(253_402_300_799));
    assert_eq!(read_numeric_date("253402300799.5", Up), None);
}

#[test]
fn t20_t47_a_number_that_is_no_date_of_ours_is_none() {
    for number in [
        "-0",
        "-0.0",
        "-1",
        "-0.5",
        "-1e-400",
        "-1700000000",
        "-1e400",
        "253402300800",
        // Less than a double can tell from the next second.
        "253402300799.9999999999999",
        "2.534023008e11",
        // Milliseconds, as the clocks of other languages have them.
        "1700000000000",
        "18446744073709551615",
        "18446744073709551616",
        "123456789012345678901234567890",
        "1e12",
        "1e30",
        "1e308",
        "1e400",
        "1e99999999999999999999",
    ] {
        for rounding in BOTH {
            assert_eq!(read_numeric_date(number, rounding), None, "{number} {rounding:?}");
        }
    }
}

#[test]
fn t57_t59_a_date_and_time_has_the_grammar_of_paseto() {
    for (text, down, up) in [
        ("1970-01-01T00:00:00Z", 0, 0),
        ("2026-01-02T03:04:05Z", 1_767_323_045, 1_767_323_045),
        ("2026-01-02T03:04:05+00:00", 1_767_323_045, 1_767_323_045),
        ("2026-01-02T03:04:05-00:00", 1_767_323_045, 1_767_323_045),
        ("2026-01-02T04:04:05+01:00", 1_767_323_045, 1_767_323_045),
        ("2026-01-01T21:34:05-05:30", 1_767_323_045, 1_767_323_045),
        ("2026-01-03T03:03:05+23:59", 1_767_323_045, 1_767_323_045),
        ("2026-01-01T03:05:05-23:59", 1_767_323_045, 1_767_323_045),
        ("2026-01-02T03:04:05.0Z", 1_767_323_045, 1_767_323_045),
        ("2026-01-02T03:04:05.000000000000Z", 1_767_323_045, 1_767_323_045),
        ("2026-01-02T03:04:05.001Z", 1_767_323_045, 1_767_323_046),
        ("2026-01-02T03:04:05.999-00:00", 1_767_323_045, 1_767_323_046),
        ("2026-01-02T03:04:05.0000000000000000000000000000000000000001Z", 1_767_323_045, 1_767_323_046),
        ("2000-02-29T00:00:00Z", 951_782_400, 951_782_400),
        ("2024-02-29T23:59:59Z", 1_709_251_199, 1_709_251_199),
        ("9999-12-31T23:59:59Z", 253_402_300_799, 253_402_300_799),
        ("9999-12-31T23:59:59+23:59", 253_402_214_459, 253_402_214_459),
    ] {
        assert_eq!(seconds(read_date_time(text, Down)), Some(down), "{text} down");
        assert_eq!(seconds(read_date_time(text, Up)), Some(up), "{text} up");
    }
}

#[test]
fn t59_what_others_take_for_a_date_and_time_is_none() {
    for (name, text) in [
        ("empty", ""),
        ("a day", "2026-01-02"),
        ("a number", "1767323045"),
        ("no zone", "2026-01-02T03:04:05"),
        ("a fraction without a zone", "2026-01-02T03:04:05.5"),
        ("a small t", "2026-01-02t03:04:05Z"),
        ("a small z", "2026-01-02T03:04:05z"),
        ("a space for the T", "2026-01-02 03:04:05Z"),
        ("an underscore for the T", "2026-01-02_03:04:05Z"),
        ("a space before", " 2026-01-02T03:04:05Z"),
        ("a space behind", "2026-01-02T03:04:05Z "),
        ("a space before the zone", "2026-01-02T03:04:05 Z"),
        ("a letter behind", "2026-01-02T03:04:05ZZ"),
        ("a zone behind the Z", "2026-01-02T03:04:05Z+00:00"),
        ("a dot and no fraction", "2026-01-02T03:04:05.Z"),
        ("a dot, an offset and no fraction", "2026-01-02T03:04:05.+01:00"),
        ("two dots", "2026-01-02T03:04:05..5Z"),
        ("two fractions", "2026-01-02T03:04:05.5.5Z"),
        ("a comma", "2026-01-02T03:04:05,5Z"),
        ("a letter in the fraction", "2026-01-02T03:04:05.5xZ"),
        ("no seconds", "2026-01-02T03:04Z"),
        ("the basic format", "20260102T030405Z"),
        ("a short year", "26-01-02T03:04:05Z"),
        ("a long year", "12026-01-02T03:04:05Z"),
        ("a year with a sign", "+2026-01-02T03:04:05Z"),
        ("a negative year", "-026-01-02T03:04:05Z"),
        ("a short month", "2026-1-02T03:04:05Z"),
        ("a short hour", "2026-01-02T3:04:05Z"),
        ("slashes", "2026/01/02T03:04:05Z"),
        ("a week's day", "2026-W01-5T03:04:05Z"),
        ("month zero", "2026-00-02T03:04:05Z"),
        ("month thirteen", "2026-13-02T03:04:05Z"),
        ("day zero", "2026-01-00T03:04:05Z"),
        ("a 32nd", "2026-01-32T03:04:05Z"),
        ("a 31st of April", "2026-04-31T03:04:05Z"),
        ("a 31st of November", "2026-11-31T03:04:05Z"),
        ("a 29th of February", "2026-02-29T03:04:05Z"),
        ("a 29th of February at a century", "2100-02-29T03:04:05Z"),
        ("a 30th of February", "2024-02-30T03:04:05Z"),
        ("hour 24", "2026-01-02T24:00:00Z"),
        ("minute 60", "2026-01-02T03:60:05Z"),
        ("second 60", "2026-12-31T23:59:60Z"),
        ("an offset of 24 hours", "2026-01-02T03:04:05+24:00"),
        ("an offset of 60 minutes", "2026-01-02T03:04:05+01:60"),
        ("an offset without a colon", "2026-01-02T03:04:05+0100"),
        ("an offset of hours", "2026-01-02T03:04:05+01"),
        ("an offset of seconds", "2026-01-02T03:04:05+01:00:00"),
        ("an offset without a sign", "2026-01-02T03:04:0501:00"),
        ("a minus sign that is none", "2026-01-02T03:04:05−01:00"),
        ("a zone's name", "2026-01-02T03:04:05UTC"),
        ("a suffix", "2026-01-02T03:04:05Z[UTC]"),
        ("digits of another script", "２０26-01-02T03:04:05Z"),
        ("a letter across the T", "2026-01-0éT03:04:05Z"),
        ("a letter across the zone", "2026-01-02T03:04:0éZ"),
        ("a NUL", "2026-01-02T03:04:05Z\0"),
        ("before 1970", "1969-12-31T23:59:59Z"),
        ("year zero", "0000-01-01T00:00:00Z"),
        ("before 1970 by its offset", "1970-01-01T00:00:00+00:01"),
        ("after 9999 by its offset", "9999-12-31T23:59:59-00:01"),
    ] {
        for rounding in BOTH {
            assert_eq!(read_date_time(text, rounding), None, "{name}: {text}");
        }
    }
    assert_eq!(seconds(read_date_time("9999-12-31T23:59:59.5Z", Down)), Some(LATEST_SECOND));
    assert_eq!(read_date_time("9999-12-31T23:59:59.5Z", Up), None);
}

#[test]
fn what_is_written_ends_with_the_year_9999_and_drops_parts_of_a_second() {
    for (millis, text) in [
        (0, "1970-01-01T00:00:00Z"),
        (999, "1970-01-01T00:00:00Z"),
        (1_767_323_045_000, "2026-01-02T03:04:05Z"),
        (951_782_399_999, "2000-02-28T23:59:59Z"),
        (951_782_400_000, "2000-02-29T00:00:00Z"),
        (253_402_300_799_000, "9999-12-31T23:59:59Z"),
        (253_402_300_800_000, "9999-12-31T23:59:59Z"),
        (u64::MAX, "9999-12-31T23:59:59Z"),
    ] {
        assert_eq!(write_date_time(Timestamp::from_unix_millis(millis)), text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn t59_dates_are_written_and_read_as_elsewhere(second in 0..=LATEST_SECOND) {
        let at = Timestamp::from_unix_seconds(second);
        let text = write_date_time(at);
        let theirs = OffsetDateTime::from_unix_timestamp(second.try_into().unwrap()).unwrap();
        prop_assert_eq!(&text, &theirs.format(&Rfc3339).unwrap());
        for rounding in BOTH {
            prop_assert_eq!(read_date_time(&text, rounding), Some(at));
            prop_assert_eq!(read_numeric_date(&second.to_string(), rounding), Some(at));
        }
    }

    #[test]
    fn t59_an_offset_changes_the_instant_as_elsewhere(
        second in 0..=LATEST_SECOND,
        nanos in prop_oneof![Just(0), 0..1_000_000_000_u32],
        (hours, minutes) in (-23..=23_i8, 0..=59_i8),
    ) {
        let offset = UtcOffset::from_hms(hours, minutes * hours.signum(), 0).unwrap();
        let theirs = OffsetDateTime::from_unix_timestamp(second.try_into().unwrap()).unwrap();
        let theirs = theirs.replace_nanosecond(nanos).unwrap();
        // In the year 10000 or before 1970 where it is local.
        let Some(local) = theirs.checked_to_offset(offset) else { return Ok(()) };
        let text = local.format(&Rfc3339).unwrap();
        if local.year() < 1970 {
            prop_assert_eq!(read_date_time(&text, Down), None);
            return Ok(());
        }
        prop_assert_eq!(seconds(read_date_time(&text, Down)), Some(second));
        let up = second + u64::from(nanos > 0);
        prop_assert_eq!(seconds(read_date_time(&text, Up)), Some(up).filter(|up| *up <= LATEST_SECOND));
    }

    /// With `time`, which takes more spellings: what we read it reads, and what it alone reads is in none of ours.
    #[test]
    fn t59_what_is_read_here_is_the_same_elsewhere(
        text in "(19[67][0-9]|20[0-9]{2}|9999)-[01][0-9]-[0-3][0-9][Tt _][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,10})?(Z|z|[+-][0-2][0-9]:[0-6][0-9])",
    ) {
        let theirs = OffsetDateTime::parse(&text, &Rfc3339).ok();
        match (seconds(read_date_time(&text, Down)), theirs) {
            (Some(ours), Some(theirs)) => prop_assert_eq!(i64::try_from(ours), Ok(theirs.unix_timestamp())),
            (Some(_), None) => prop_assert!(false, "they do not read {text}"),
            (None, Some(theirs)) => prop_assert!(
                text.contains(['t', ' ', '_', 'z'])
                    || text.contains(":60")
                    || theirs.year() < 1970
                    || theirs.unix_timestamp() < 0
                    || theirs.unix_timestamp() > i64::try_from(LATEST_SECOND).unwrap(),
                "they read {text}"
            ),
            (None, None) => {}
        }
    }

    #[test]
    fn t47_a_fraction_finer_than_a_microsecond_may_be_lost_and_no_other(
        second in 0..LATEST_SECOND, micros in 1..1_000_000_u32,
    ) {
        // Up to the year 2100 a double holds them.
        let second = second % 4_102_444_800;
        let number = format!("{second}.{micros:06}");
        prop_assert_eq!(seconds(read_numeric_date(&number, Down)), Some(second));
        prop_assert_eq!(seconds(read_numeric_date(&number, Up)), Some(second + 1));
    }

    #[test]
    fn t47_t59_no_text_panics(text in any::<String>(), number in "-?[0-9]{1,40}(\\.[0-9]{1,40})?([eE][+-]?[0-9]{1,20})?") {
        for rounding in BOTH {
            let _date = read_date_time(&text, rounding);
            let date = read_numeric_date(&number, rounding);
            prop_assert!(date.is_none_or(|date| date.unix_seconds() <= LATEST_SECOND));
        }
    }
}
