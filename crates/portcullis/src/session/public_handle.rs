use std::{error::Error, fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A session's name for people and logs: random, not derived from the secret, and worthless as a credential.
///
/// It stays when the id is renewed and changes at login. Written as 32 lower-case hexadecimal digits, also by serde, so it can be a
/// part of a path.
///
/// # Example
///
/// ```
/// use portcullis::session::PublicHandle;
///
/// # fn main() -> Result<(), portcullis::session::NotAHandle> {
/// let handle: PublicHandle = "00112233445566778899aabbccddeeff".parse()?;
/// assert_eq!(handle.to_string(), "00112233445566778899aabbccddeeff");
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PublicHandle([u8; Self::LENGTH_BYTES]);

impl PublicHandle {
    /// The length of every handle: 16 bytes.
    pub const LENGTH_BYTES: usize = 16;

    pub(crate) const fn from_bytes(bytes: [u8; Self::LENGTH_BYTES]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn bytes(&self) -> &[u8; Self::LENGTH_BYTES] {
        &self.0
    }
}

impl fmt::Display for PublicHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl FromStr for PublicHandle {
    type Err = NotAHandle;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
            return Err(NotAHandle);
        };
        if pairs.len() != Self::LENGTH_BYTES {
            return Err(NotAHandle);
        }
        let mut bytes = [0; Self::LENGTH_BYTES];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Ok(Self(bytes))
    }
}

impl Serialize for PublicHandle {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PublicHandle {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// The text is not a public handle.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct NotAHandle;

impl fmt::Display for NotAHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a public handle is 32 lower-case hexadecimal digits")
    }
}

impl Error for NotAHandle {}

/// One spelling only.
const fn digit(byte: u8) -> Result<u8, NotAHandle> {
    match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        _ => Err(NotAHandle),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s29_a_handle_has_one_spelling() {
        let handle = PublicHandle::from_bytes([0x0f; 16]);
        let text = handle.to_string();
        assert_eq!(text.parse(), Ok(handle));
        let bad = [&text[1..], &format!("{text}0"), &text.to_uppercase(), &text.replace('f', "g"), "", "é"];
        for text in bad {
            assert_eq!(text.parse::<PublicHandle>(), Err(NotAHandle), "{text}");
        }
    }
}
