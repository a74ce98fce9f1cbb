use portcullis_core::Timestamp;

/// Which way a fraction is rounded.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Rounding {
    Down,
    Up,
}

/// A JSON number as a NumericDate ([RFC 7519 §2]): seconds since 1970.
///
/// [RFC 7519 §2]: https://www.rfc-editor.org/rfc/rfc7519#section-2
pub(crate) fn read_numeric_date(number: &str, rounding: Rounding) -> Option<Timestamp> {
    if let Ok(seconds) = number.parse::<u64>() {
        return (seconds <= LATEST_SECOND).then(|| Timestamp::from_unix_seconds(seconds));
    }
    // Not `-0` either: nobody means it.
    if number.starts_with('-') {
        return None;
    }
    let seconds: f64 = number.parse().ok()?;
    let seconds = match rounding {
        Rounding::Down => seconds.floor(),
        Rounding::Up => seconds.ceil(),
    };
    #[expect(clippy::cast_precision_loss, reason = "less than 2⁵³")]
    let latest = LATEST_SECOND as f64;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "whole, not negative, and at most the latest"
    )]
    (seconds <= latest).then(|| Timestamp::from_unix_seconds(seconds as u64))
}

/// A date and time as PASETO's claims have it: RFC 3339 with an upper-case `T` and `Z`, or an offset (T59).
pub(super) fn read_date_time(text: &str, rounding: Rounding) -> Option<Timestamp> {
    let (day, rest) = text.split_at_checked(10)?;
    let (time, rest) = rest.split_at_checked(9)?;
    let [year, month, day] = numbers(day, "dddd-dd-dd")?;
    let [hour, minute, second] = numbers(time, "Tdd:dd:dd")?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        None => ("", rest),
        Some(rest) => rest.split_at_checked(rest.find(|digit: char| !digit.is_ascii_digit())?)?,
    };
    if rest.starts_with('.') && fraction.is_empty() {
        return None;
    }
    // No leap second has an expiry, and none is planned.
    if year < 1970
        || !(1..=12).contains(&month)
        || !(1..=days_of(year, month)).contains(&day)
        || hour > 23
        || minute > 59
        || second > 59
    {
        return None;
    }
    let local = days_before(year, month, day) * DAY + hour * 3600 + minute * 60 + second;
    let seconds = local.checked_add_signed(-offset(zone)?)?;
    let up = rounding == Rounding::Up && fraction.bytes().any(|digit| digit != b'0');
    let seconds = seconds + u64::from(up);
    (seconds <= LATEST_SECOND).then(|| Timestamp::from_unix_seconds(seconds))
}

/// The same, written: to the second, in UTC.
pub(crate) fn write_date_time(at: Timestamp) -> String {
    let seconds = (at.unix_millis() / 1000).min(LATEST_SECOND);
    let (mut days, second) = (seconds / DAY, seconds % DAY);
    let mut year = 1970;
    while days >= days_of_year(year) {
        days -= days_of_year(year);
        year += 1;
    }
    let mut month = 1;
    while days >= days_of(year, month) {
        days -= days_of(year, month);
        month += 1;
    }
    format!(
        "{year:04}-{month:02}-{:02}T{:02}:{:02}:{:02}Z",
        days + 1,
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// How many seconds `zone` is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let ([hours, minutes], sign) = match zone.as_bytes().first()? {
        b'+' => (numbers(zone, "+dd:dd")?, 1),
        b'-' => (numbers(zone, "-dd:dd")?, -1),
        _ => return None,
    };
    (hours <= 23 && minutes <= 59)
        .then(|| sign * i64::try_from(hours * 3600 + minutes * 60).unwrap_or_default())
}

/// The numbers of `text`, which has a digit where `pattern` has a `d`, and else what the pattern has.
fn numbers<const N: usize>(text: &str, pattern: &str) -> Option<[u64; N]> {
    if text.len() != pattern.len() {
        return None;
    }
    let (mut numbers, mut at, mut is_inside) = ([0; N], 0, false);
    for (byte, expected) in text.bytes().zip(pattern.bytes()) {
        match (expected, byte) {
            (b'd', b'0'..=b'9') => {
                let number: &mut u64 = numbers.get_mut(at)?;
                *number = *number * 10 + u64::from(byte - b'0');
                is_inside = true;
            }
            (b'd', _) => return None,
            _ if byte != expected => return None,
            _ => {
                at += usize::from(is_inside);
                is_inside = false;
            }
        }
    }
    Some(numbers)
}

fn days_before(year: u64, month: u64, day: u64) -> u64 {
    let years = year - 1970;
    let leaps = |year: u64| year / 4 - year / 100 + year / 400;
    let of_years = years * 365 + leaps(year - 1) - leaps(1969);
    of_years + (1..month).map(|month| days_of(year, month)).sum::<u64>() + day - 1
}

fn days_of_year(year: u64) -> u64 {
    if is_leap(year) { 366 } else { 365 }
}

fn days_of(year: u64, month: u64) -> u64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

const fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

const DAY: u64 = 86_400;
/// The end of the year 9999: beyond it a date has no spelling in RFC 3339.
const LATEST_SECOND: u64 = 253_402_300_799;

#[cfg(test)]
mod tests;
