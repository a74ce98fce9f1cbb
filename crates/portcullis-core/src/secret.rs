use std::{error::Error, fmt};

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// 256 bits from the operating system that somebody holds to prove who they are.
///
/// Redacted in `Debug`, compared in constant time, wiped when dropped, and never given to a store: a store sees the
/// [`RecordId`](crate::RecordId) that a [`Realm`](crate::Realm) derives from it.
///
/// # Example
///
/// ```
/// use portcullis_core::Secret;
///
/// # fn main() -> Result<(), portcullis_core::RandomnessError> {
/// let secret = Secret::generate()?;
/// assert_eq!(format!("{secret:?}"), "Secret(redacted)");
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct Secret([u8; Self::LENGTH_BYTES]);

impl Secret {
    /// The length of every secret: 32 bytes.
    pub const LENGTH_BYTES: usize = 32;

    /// Draws a secret from the operating system.
    ///
    /// # Errors
    ///
    /// [`RandomnessError`] if the operating system gives no randomness. There is no weaker source to fall back to.
    pub fn generate() -> Result<Self, RandomnessError> {
        let mut secret = Self([0; Self::LENGTH_BYTES]);
        fill(&mut secret.0)?;
        Ok(secret)
    }

    /// Draws a secret and `N` bytes (at most 32) that need not be secret, in one call to the operating system.
    ///
    /// # Errors
    ///
    /// As [`generate`](Self::generate).
    pub fn generate_with_public<const N: usize>() -> Result<(Self, [u8; N]), RandomnessError> {
        const { assert!(N <= Self::LENGTH_BYTES, "at most 32 public bytes") };
        let mut drawn = [[0; Self::LENGTH_BYTES]; 2];
        fill(drawn.as_flattened_mut())?;
        let [secret, spare] = drawn;
        let public = std::array::from_fn(|at| spare.get(at).copied().unwrap_or_default());
        drawn.zeroize();
        Ok((Self(secret), public))
    }

    /// Takes a secret that a caller presented.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LENGTH_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes themselves, for the transport that hands them to their holder.
    #[must_use]
    pub const fn expose(&self) -> &[u8; Self::LENGTH_BYTES] {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Eq for Secret {}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

/// The operating system gave no randomness.
#[derive(Debug)]
pub struct RandomnessError(getrandom::Error);

impl fmt::Display for RandomnessError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the operating system gave no randomness")
    }
}

impl Error for RandomnessError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.0)
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that asks the operating system for randomness")]
fn fill(bytes: &mut [u8]) -> Result<(), RandomnessError> {
    getrandom::fill(bytes).map_err(RandomnessError)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s25_two_secrets_differ_and_equal_themselves() {
        let (one, other) = (Secret::generate().unwrap(), Secret::generate().unwrap());
        assert_ne!(one, other);
        assert_eq!(one, one.clone());
    }

    #[test]
    fn s29_debug_shows_no_byte_of_the_secret() {
        assert_eq!(format!("{:?}", Secret::from_bytes([7; 32])), "Secret(redacted)");
    }
}
