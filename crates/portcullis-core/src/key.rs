use sha2::{Digest, Sha256};

use crate::{Owner, Secret};

/// A kind of record. Each kind has ids, an owner index and epochs of its own.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
#[repr(u8)]
pub enum Space {
    /// A server-side session.
    Session = 1,
    /// A refresh grant.
    Grant = 2,
    /// A denied token or an issued-before mark.
    Revoked = 3,
}

/// One of 16 384 places a record can lie: Redis Cluster's hash tag, the memory store's shard, SQL's shard key.
///
/// All records of one owner share a partition, so an engine can change a record, the owner's index and the owner's
/// epochs in one atomic step. A record never changes partition.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Partition(u16);

impl Partition {
    /// How many there are: 2¹⁴.
    pub const COUNT: u16 = 1 << 14;

    /// The partition with this number, if there is one.
    #[must_use]
    pub const fn new(number: u16) -> Option<Self> {
        if number < Self::COUNT { Some(Self(number)) } else { None }
    }

    /// The number, less than [`COUNT`](Self::COUNT).
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    pub(crate) const fn of(hashed: &[u8]) -> Self {
        match hashed {
            [first, second, ..] => Self(u16::from_be_bytes([*first, *second]) % Self::COUNT),
            _ => Self(0),
        }
    }
}

/// A record's name within its space: a digest, never a credential.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RecordId([u8; Self::LENGTH_BYTES]);

impl RecordId {
    /// The length of every id: 32 bytes.
    pub const LENGTH_BYTES: usize = 32;

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
}

/// Where a record is: fixed size and `Copy`, so naming one never allocates.
///
/// # Example
///
/// ```
/// use portcullis_core::{Owner, RecordId, RecordKey, Space};
///
/// let ada = Owner::new("https://id.example", "ada");
/// let key = RecordKey::owned(Space::Session, &ada, RecordId::from_bytes([7; 32]));
/// assert_eq!(key.partition(), ada.partition());
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct RecordKey {
    space: Space,
    partition: Partition,
    id: RecordId,
}

impl RecordKey {
    /// The key a credential names: the partition travels in it.
    #[must_use]
    pub const fn new(space: Space, partition: Partition, id: RecordId) -> Self {
        Self { space, partition, id }
    }

    /// The key of a record that belongs to `owner`.
    #[must_use]
    pub const fn owned(space: Space, owner: &Owner, id: RecordId) -> Self {
        Self::new(space, owner.partition(), id)
    }

    /// The key of a record that belongs to nobody.
    #[must_use]
    pub const fn unowned(space: Space, id: RecordId) -> Self {
        Self::new(space, Partition::of(&id.0), id)
    }

    /// The kind of record.
    #[must_use]
    pub const fn space(&self) -> Space {
        self.space
    }

    /// Where it lies.
    #[must_use]
    pub const fn partition(&self) -> Partition {
        self.partition
    }

    /// Its name within the space.
    #[must_use]
    pub const fn id(&self) -> &RecordId {
        &self.id
    }
}

/// Turns secrets into record ids for one purpose and one name, so that two services or two layers that share a store
/// do not accept each other's credentials.
///
/// An id is SHA-256 over a block of 64 bytes and the secret; the state after the block is kept, so an id costs one
/// compression.
///
/// # Example
///
/// ```
/// use portcullis_core::{Realm, Secret};
///
/// # fn main() -> Result<(), portcullis_core::RandomnessError> {
/// let secret = Secret::generate()?;
/// let (shop, forum) = (Realm::new("session", "shop"), Realm::new("session", "forum"));
/// assert_ne!(shop.record_id(&secret), forum.record_id(&secret));
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Realm(Sha256);

impl Realm {
    /// The realm called `name` for `purpose`; equal arguments give equal ids, on every machine.
    #[must_use]
    pub fn new(purpose: &str, name: &str) -> Self {
        let mut label = Sha256::new();
        label.update(b"portcullis/realm/v1/");
        label.update(purpose);
        let mut state = Sha256::new();
        state.update(label.finalize());
        state.update(Sha256::digest(name));
        Self(state)
    }

    /// The id of the record that `secret` opens.
    #[must_use]
    pub fn record_id(&self, secret: &Secret) -> RecordId {
        let mut state = self.0.clone();
        state.update(secret.expose());
        RecordId(state.finalize().into())
    }

    /// The id of the record about what `parts` name together, such as an issuer and a subject: other parts, another id, however they
    /// are cut. Nothing is allocated.
    ///
    /// Have a realm of its own for names, so that no secret opens what is found by name.
    ///
    /// # Security
    ///
    /// Names can be guessed, and so can the id: it may say where something is written down, never who may read it.
    ///
    /// # Example
    ///
    /// ```
    /// use portcullis_core::Realm;
    ///
    /// let marks = Realm::new("marks", "shop");
    /// let ada = marks.named_id(&[b"https://id.example", b"ada"]);
    /// assert_eq!(ada, marks.named_id(&[b"https://id.example", b"ada"]));
    /// assert_ne!(ada, marks.named_id(&[b"https://id.examplea", b"da"]));
    /// ```
    #[must_use]
    pub fn named_id(&self, parts: &[&[u8]]) -> RecordId {
        let mut state = self.0.clone();
        for part in parts {
            state.update((part.len() as u64).to_be_bytes());
            state.update(part);
        }
        RecordId(state.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s27_an_id_tells_nothing_of_the_secret_and_is_the_same_everywhere() {
        let id = Realm::new("session", "sid").record_id(&Secret::from_bytes([1; 32]));
        assert_ne!(id.bytes(), &[1; 32]);
        assert_eq!(id, Realm::new("session", "sid").record_id(&Secret::from_bytes([1; 32])));
    }

    #[test]
    fn s80_purpose_and_name_are_told_apart_whatever_they_hold() {
        let secret = Secret::from_bytes([1; 32]);
        let ids = [("a", "bc"), ("ab", "c"), ("", "abc"), ("abc", "")]
            .map(|(purpose, name)| Realm::new(purpose, name).record_id(&secret));
        for (at, id) in ids.iter().enumerate() {
            assert!(!ids[at + 1..].contains(id));
        }
    }

    #[test]
    fn names_are_told_apart_by_purpose_and_by_where_they_are_cut() {
        let realm = Realm::new("marks", "shop");
        let rows: [&[&[u8]]; 7] = [
            &[],
            &[b""],
            &[b"", b""],
            &[b"ab", b"c"],
            &[b"a", b"bc"],
            &[b"abc"],
            // A length within a part is no length.
            &[b"a\0\0\0\0\0\0\0\x02bc"],
        ];
        let ids = rows.map(|parts| realm.named_id(parts));
        for (at, id) in ids.iter().enumerate() {
            assert!(!ids[at + 1..].contains(id), "{:?}", rows[at]);
            assert_eq!(*id, Realm::new("marks", "shop").named_id(rows[at]));
            assert_ne!(*id, Realm::new("other marks", "shop").named_id(rows[at]));
        }
    }

    #[test]
    fn there_are_2_to_the_14_partitions() {
        assert_eq!(Partition::new(16_383).map(Partition::number), Some(16_383));
        assert_eq!(Partition::new(16_384), None);
        assert!(Partition::of(&[0xff, 0xff]).number() < Partition::COUNT);
    }
}
