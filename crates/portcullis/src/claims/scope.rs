use std::borrow::Cow;

use crate::json::{self, JsonError, Text, Value};

/// The scopes a token grants: of `scope`, a list with spaces between ([RFC 8693 §4.2]), and of `scp`, the same or an array, as some providers
/// have it (T54).
///
/// [RFC 8693 §4.2]: https://www.rfc-editor.org/rfc/rfc8693#section-4.2
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Scopes<'a> {
    pub(crate) scope: Option<Value<'a>>,
    pub(crate) scp: Option<Value<'a>>,
}

impl<'a> Scopes<'a> {
    /// Each, as often as it is there.
    pub(crate) fn for_each(self, mut visit: impl FnMut(Cow<'a, str>)) {
        for value in [self.scope, self.scp].into_iter().flatten() {
            match value {
                Value::String(list) => match list.decoded() {
                    Cow::Borrowed(list) => words(list).for_each(|scope| visit(Cow::Borrowed(scope))),
                    Cow::Owned(list) => words(&list).for_each(|scope| visit(Cow::Owned(scope.to_owned()))),
                },
                Value::Array(list) => {
                    // It was read before, so it cannot fail; what is no string grants nothing, nor does an empty one.
                    let _read: Result<(), JsonError> = json::elements(list, |element| {
                        let scope = element.text().map(Text::decoded);
                        scope.into_iter().filter(|scope| !scope.is_empty()).for_each(&mut visit);
                        Ok(())
                    });
                }
                Value::Number(_) | Value::Other(_) => {}
            }
        }
    }
}

fn words(list: &str) -> impl Iterator<Item = &str> {
    list.split(' ').filter(|scope| !scope.is_empty())
}

/// Whether `text` is one scope-token ([RFC 6749 §3.3]).
///
/// [RFC 6749 §3.3]: https://www.rfc-editor.org/rfc/rfc6749#section-3.3
pub(crate) fn is_scope(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn t54_a_scope_is_printable_ascii_without_spaces_quotes_and_backslashes() {
        for byte in 0..=u8::MAX {
            let letter = char::from(byte);
            let is_one = letter.is_ascii_graphic() && letter != '"' && letter != '\\';
            assert_eq!(is_scope(&letter.to_string()), is_one, "{letter:?}");
            assert_eq!(is_scope(&format!("a{letter}")), is_one, "{letter:?}");
        }
        assert!(is_scope("https://graph.example/User.Read") && !is_scope("") && !is_scope("read write"));
    }
}
