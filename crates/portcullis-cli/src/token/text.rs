use portcullis::bearer::MOST_BYTES;
use zeroize::Zeroizing;

use super::decoded::Undecodable;
use crate::{failure::Failure, input::Source};

/// The text of a token, without the white space around it.
pub(super) struct TokenText(Zeroizing<String>);

impl TokenText {
    /// Reads a token from `source`. That there is none which could be one is the token's fault and no failure.
    pub(super) fn read(source: &Source) -> Result<Result<Self, Undecodable>, Failure> {
        let bytes = source.read("the token", MOST_BYTES + MOST_SPACE)?;
        Ok(Self::of(&bytes))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    fn of(bytes: &[u8]) -> Result<Self, Undecodable> {
        let token = bytes.trim_ascii();
        if token.is_empty() && bytes.len() <= MOST_SPACE {
            return Err(Undecodable::malformed("there is no token in the input"));
        }
        if token.len() > MOST_BYTES || bytes.len() > MOST_BYTES + MOST_SPACE {
            return Err(Undecodable::too_large());
        }
        if token.split(u8::is_ascii_whitespace).nth(1).is_some() {
            return Err(Undecodable::malformed(
                "there is more than one word in the input: a token stands alone, without `Bearer` before it",
            ));
        }
        // What is no text is quoted nowhere.
        let token = str::from_utf8(token).ok().filter(|token| token.is_ascii());
        let token = token.ok_or_else(|| Undecodable::malformed("the input has bytes that no token has"))?;
        Ok(Self(Zeroizing::new(String::from(token))))
    }
}

/// The line's end and what a copy brought along.
const MOST_SPACE: usize = 64;
