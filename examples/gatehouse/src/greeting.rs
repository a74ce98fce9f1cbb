use std::fmt::Write;

use portcullis::session::Timeouts;

use crate::{origin::Origin, users::DEMONSTRATION, words::in_words};

/// What the program says once it listens: where to go, and as whom, then what else is there. The first line is for programs, too.
#[must_use]
pub fn greeting(listening: &Origin, public: &Origin, timeouts: Timeouts, besides: &[String]) -> String {
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
    for line in besides {
        text.push_str(&format!("  {line}\n"));
    }
    text.push_str("  Stop with Ctrl-C.\n");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_says_where_and_nothing_else() {
        let origin: Origin = "http://127.0.0.1:4711".parse().unwrap();
        let text = greeting(&origin, &origin, Timeouts::default(), &["Something else.".to_owned()]);
        assert_eq!(text.lines().next(), Some("gatehouse is at http://127.0.0.1:4711"));
        assert!(text.contains("ada    lovelace") && text.contains("\n  Something else.\n"), "{text}");
    }
}
