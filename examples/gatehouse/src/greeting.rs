use std::{fmt::Write, time::Duration};

use portcullis::session::Timeouts;

use crate::{origin::Origin, users::DEMONSTRATION};

/// What the program says once it listens: where to go, and as whom. The first line is for programs, too.
#[must_use]
pub fn greeting(listening: &Origin, public: &Origin, timeouts: Timeouts) -> String {
    let mut text = format!("gatehouse is at {listening}\n\n  Open it in a browser");
    if public != listening {
        text.push_str(&format!(" (by its public name, {public})"));
    }
    text.push_str(", fill a cart, then log in:\n\n");
    for user in DEMONSTRATION {
        let (name, password, role) = (user.name, user.password, user.role);
        // Writing to a string cannot fail.
        let _written = writeln!(text, "    {name:<6} {password:<10} {role}").is_ok();
    }
    let (idle, absolute) = (in_words(timeouts.idle()), in_words(timeouts.absolute()));
    text.push_str(&format!(
        "\n  A session ends after {idle} without a request, and {absolute} after the login.\n"
    ));
    if listening.is_https() {
        text.push_str("  The certificate was made just now, so a browser asks whether you trust it.\n");
    }
    text.push_str("  Stop with Ctrl-C.\n");
    text
}

/// A duration in its two largest units, rounded down.
pub(crate) fn in_words(duration: Duration) -> String {
    let seconds = duration.as_secs();
    let units = [
        (seconds / 86_400, "d"),
        (seconds / 3_600 % 24, "h"),
        (seconds / 60 % 60, "min"),
        (seconds % 60, "s"),
    ];
    let largest = units.iter().position(|(count, _)| *count > 0).unwrap_or(3);
    let words: Vec<_> = units
        .iter()
        .skip(largest)
        .take(2)
        .enumerate()
        .filter(|(place, (count, _))| *place == 0 || *count > 0)
        .map(|(_, (count, unit))| format!("{count} {unit}"))
        .collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_in_words_has_at_most_two_units() {
        for (seconds, expected) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_599, "59 min 59 s"),
            (3_600, "1 h"),
            (3_605, "1 h"),
            (86_399, "23 h 59 min"),
            (90_000, "1 d 1 h"),
        ] {
            assert_eq!(in_words(Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn the_first_line_says_where_and_nothing_else() {
        let origin: Origin = "http://127.0.0.1:4711".parse().unwrap();
        let text = greeting(&origin, &origin, Timeouts::default());
        assert_eq!(text.lines().next(), Some("gatehouse is at http://127.0.0.1:4711"));
        assert!(text.contains("ada    lovelace"));
    }
}
