use std::fmt;

/// A session's name for people and logs: random, not derived from the secret, and worthless as a credential.
///
/// It stays when the id is renewed and changes at login. Displayed as 32 hexadecimal digits.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
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
