use sha2::{Digest, Sha256};

use crate::Partition;

/// Whose record it is: 16 bytes of an unkeyed hash over an issuer and a subject.
///
/// # Security
///
/// A subject can be guessed from a dump by hashing candidates (addresses, small numbers); nothing that can be
/// presented as a credential is in it.
///
/// # Example
///
/// ```
/// use portcullis_core::Owner;
///
/// let ada = Owner::new("https://id.example", "ada");
/// assert_eq!(ada, Owner::new("https://id.example", "ada"));
/// assert_ne!(ada, Owner::new("https://id.example", "alan"));
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Owner([u8; Self::LENGTH_BYTES]);

impl Owner {
    /// The length of every owner: 16 bytes.
    pub const LENGTH_BYTES: usize = 16;

    /// The owner for `subject` as `issuer` names it: a subject alone identifies nobody.
    #[must_use]
    pub fn new(issuer: &str, subject: &str) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"portcullis/owner/v1");
        hash.update((issuer.len() as u64).to_be_bytes());
        hash.update(issuer);
        hash.update(subject);
        let digest: [u8; 32] = hash.finalize().into();
        let mut owner = [0; Self::LENGTH_BYTES];
        owner.iter_mut().zip(digest).for_each(|(byte, hashed)| *byte = hashed);
        Self(owner)
    }

    /// From what [`bytes`](Self::bytes) gave, as a store reads it back.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; Self::LENGTH_BYTES]) -> Self {
        Self(bytes)
    }

    /// As a store keeps it.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; Self::LENGTH_BYTES] {
        &self.0
    }

    /// Where all records of this owner lie.
    #[must_use]
    pub const fn partition(&self) -> Partition {
        Partition::of(&self.0)
    }
}

/// How often everything of an owner was revoked, for one space; a store's own count.
///
/// It only rises. A record lives under the epoch it was created in, and is absent once the owner's epoch has moved on.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Epoch(u64);

impl Epoch {
    /// The epoch of a record that has no owner.
    pub const UNOWNED: Self = Self(0);

    /// From a store's count.
    #[must_use]
    pub const fn from_count(count: u64) -> Self {
        Self(count)
    }

    /// The store's count.
    #[must_use]
    pub const fn count(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s85_issuer_and_subject_are_told_apart_whatever_they_hold() {
        assert_ne!(Owner::new("ab", "c"), Owner::new("a", "bc"));
        assert_ne!(Owner::new("", "abc"), Owner::new("abc", ""));
    }
}
