use std::borrow::Cow;

/// A JSON string, whose escapes are known to be sound.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Text<'a> {
    quoted: &'a str,
    is_escaped: bool,
}

impl<'a> Text<'a> {
    pub(super) const fn new(quoted: &'a str, is_escaped: bool) -> Self {
        Self { quoted, is_escaped }
    }

    /// As it stands in the document, with its quotes.
    pub(super) const fn quoted(self) -> &'a str {
        self.quoted
    }

    /// The text it means, borrowed where nothing is escaped.
    pub(crate) fn decoded(self) -> Cow<'a, str> {
        let inner = self.inner();
        if self.is_escaped { Cow::Owned(unescaped(inner)) } else { Cow::Borrowed(inner) }
    }

    /// Whether it means `text`.
    pub(crate) fn is(self, text: &str) -> bool {
        if self.is_escaped { unescaped(self.inner()) == text } else { self.inner() == text }
    }

    /// Whether both mean the same.
    pub(super) fn is_same(self, other: Self) -> bool {
        if self.is_escaped || other.is_escaped {
            self.decoded() == other.decoded()
        } else {
            self.quoted == other.quoted
        }
    }

    /// What stands between the quotes.
    fn inner(self) -> &'a str {
        self.quoted.get(1..self.quoted.len().saturating_sub(1)).unwrap_or_default()
    }
}

fn unescaped(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        let (plain, escape) = rest.split_at(at);
        text.push_str(plain);
        let (letter, length) = escaped(escape);
        text.push(letter);
        rest = escape.get(length..).unwrap_or_default();
    }
    text.push_str(rest);
    text
}

/// The character that an escape at the beginning of `escape` stands for, and how long the escape is.
fn escaped(escape: &str) -> (char, usize) {
    match escape.as_bytes().get(1) {
        Some(b'b') => ('\u{8}', 2),
        Some(b'f') => ('\u{c}', 2),
        Some(b'n') => ('\n', 2),
        Some(b'r') => ('\r', 2),
        Some(b't') => ('\t', 2),
        Some(b'u') => {
            unit(escape, 2).map_or((char::REPLACEMENT_CHARACTER, 6), |first| match char::from_u32(first) {
                Some(letter) => (letter, 6),
                None => (pair(first, unit(escape, 8).unwrap_or_default()), 12),
            })
        }
        Some(itself) => (char::from(*itself), 2),
        None => (char::REPLACEMENT_CHARACTER, 1),
    }
}

fn unit(escape: &str, at: usize) -> Option<u32> {
    u32::from_str_radix(escape.get(at..at + 4)?, 16).ok()
}

/// The character that two surrogates stand for ([RFC 8259 §7]).
///
/// [RFC 8259 §7]: https://www.rfc-editor.org/rfc/rfc8259#section-7
fn pair(high: u32, low: u32) -> char {
    let point = 0x1_0000 + ((high & 0x3ff) << 10 | (low & 0x3ff));
    char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER)
}
