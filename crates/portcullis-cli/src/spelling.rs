//! How text that a stranger wrote is shown: nothing in it can move the cursor, hide or reorder what stands beside it.

use std::fmt::Write;

/// `text` in quotes, with escapes as JSON has them.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if is_invisible(letter) => {
                for unit in letter.encode_utf16(&mut [0; 2]) {
                    // Writing to a string cannot fail.
                    write!(out, "\\u{unit:04x}").ok();
                }
            }
            _ => out.push(letter),
        }
    }
    out.push('"');
    out
}

/// `name` as it is, where it is a plain name; else quoted.
pub(crate) fn name(name: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:/#@".contains(&byte);
    if !name.is_empty() && name.bytes().all(is_plain) { String::from(name) } else { quoted(name) }
}

/// `text` as it is but for what could steer a terminal.
pub(crate) fn printable(text: &str) -> String {
    text.chars().map(|letter| if is_invisible(letter) { '\u{fffd}' } else { letter }).collect()
}

/// Whether `text`, which was given where no secret belongs, may be one. Such a text is not repeated in a message.
pub(crate) fn is_secret_like(text: &str) -> bool {
    let text = text.trim_start();
    let is_token = text.starts_with("eyJ") || matches!(text.as_bytes(), [b'k' | b'v', b'1'..=b'9', b'.', ..]);
    text.starts_with('{') || text.starts_with("-----BEGIN") || (is_token && text.len() >= SHORTEST_SECRET)
}

/// Controls, and what only changes how its neighbours look.
fn is_invisible(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// No key is shorter as PASERK, and no token; names of files are.
const SHORTEST_SECRET: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_steer_a_terminal_is_spelled_out() {
        for (name, text, shown) in [
            ("plain", "Me", r#""Me""#),
            ("other letters", "Zoë 東", r#""Zoë 東""#),
            ("quotes", "a\"b\\", r#""a\"b\\""#),
            ("an escape sequence", "\u{1b}[2J", r#""\u001b[2J""#),
            ("a C1 control", "\u{9b}2J", r#""\u009b2J""#),
            ("lines", "a\nb\r\t", r#""a\nb\r\t""#),
            ("another direction", "\u{202e}gpj", r#""\u202egpj""#),
            ("a tag", "\u{e0041}", r#""\udb40\udc41""#),
        ] {
            assert_eq!(quoted(text), shown, "{name}");
        }
    }

    #[test]
    fn secrets_are_known_by_their_beginnings() {
        let rest = "A".repeat(43);
        for secret in ["eyJhbGciOiJ", "k4.local.", "v4.public.", "{\"kty\":\"oct\"}", "-----BEGIN KEY"] {
            let secret = format!("{secret}{rest}");
            assert!(is_secret_like(&secret), "{secret}");
        }
        for other in
            ["keys.json", "k4.json", "v4.public.key", "eyJ.txt", "./keys/v4.txt", "-", "keys.local.json"]
        {
            assert!(!is_secret_like(other), "{other}");
        }
    }
}
