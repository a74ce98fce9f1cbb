use portcullis_core::{Owner, Partition, RecordId, RecordKey, Space, Timestamp};

/// Names what the server keeps. Each name has its partition as the hash tag, so all of one partition lie in one slot.
///
/// | name | type | holds |
/// | --- | --- | --- |
/// | `namespace:{partition}:s` and the 32 bytes of an id | string | a session; `g` a grant, `r` a revocation |
/// | `namespace:{partition}:i` | sorted set | the index: [`Member`]s, all of one score, so in the order of their bytes |
/// | `namespace:{partition}:e` | hash | owner and space → epoch; `n` → the last epoch given |
///
/// Neither index nor epochs expire: they must not be gone before the last record.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    namespace: String,
}

impl Keys {
    pub(crate) const fn new(namespace: String) -> Self {
        Self { namespace }
    }

    pub(crate) fn record(&self, key: &RecordKey) -> Vec<u8> {
        let mut name = self.tagged(key.partition(), space_letter(key.space()));
        name.extend_from_slice(key.id().bytes());
        name
    }

    pub(crate) fn index(&self, partition: Partition) -> Vec<u8> {
        self.tagged(partition, b'i')
    }

    pub(crate) fn epochs(&self, partition: Partition) -> Vec<u8> {
        self.tagged(partition, b'e')
    }

    fn tagged(&self, partition: Partition, letter: u8) -> Vec<u8> {
        let mut name = Vec::with_capacity(self.namespace.len() + 10 + RecordId::LENGTH_BYTES);
        name.extend_from_slice(self.namespace.as_bytes());
        name.extend_from_slice(b":{");
        name.extend_from_slice(partition.number().to_string().as_bytes());
        name.extend_from_slice(b"}:");
        name.push(letter);
        name
    }
}

const fn space_letter(space: Space) -> u8 {
    match space {
        Space::Session => b's',
        Space::Grant => b'g',
        Space::Revoked => b'r',
        // A space that is newer than this store is kept under its number, which is no letter in use.
        newer => newer as u8,
    }
}

/// An owned record in the index: owner, space, birth and id, so that the order of bytes is the order of listings.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Member {
    pub(crate) owner: Owner,
    pub(crate) space: Space,
    pub(crate) created_at: Timestamp,
    pub(crate) id: RecordId,
}

impl Member {
    pub(crate) const LENGTH_BYTES: usize = 57;

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(Self::LENGTH_BYTES);
        bytes.extend_from_slice(self.owner.bytes());
        bytes.push(self.space as u8);
        bytes.extend_from_slice(&self.created_at.unix_millis().to_be_bytes());
        bytes.extend_from_slice(self.id.bytes());
        bytes
    }

    /// Reads a member; nothing if it is none, or of a space that this store does not know.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (owner, rest) = bytes.split_first_chunk::<16>()?;
        let (space, rest) = rest.split_first()?;
        let (created_at, id) = rest.split_first_chunk::<8>()?;
        Some(Self {
            owner: Owner::from_bytes(*owner),
            space: [Space::Session, Space::Grant, Space::Revoked]
                .into_iter()
                .find(|known| *known as u8 == *space)?,
            created_at: Timestamp::from_unix_millis(u64::from_be_bytes(*created_at)),
            id: RecordId::from_bytes(id.try_into().ok()?),
        })
    }

    pub(crate) fn key(&self) -> RecordKey {
        RecordKey::owned(self.space, &self.owner, self.id)
    }
}

/// From where to where an owner's members of `spaces` lie, as `ZRANGE … BYLEX` has it.
pub(crate) fn range(owner: &Owner, first: u8, last: u8) -> (Vec<u8>, Vec<u8>) {
    let bound = |sign: u8, space: u8| [&[sign][..], owner.bytes(), &[space]].concat();
    (bound(b'[', first), bound(b'(', last.saturating_add(1)))
}

/// The slot of a Redis Cluster that a partition's names are hashed to.
pub(crate) fn slot(partition: Partition) -> u16 {
    crc16(partition.number().to_string().as_bytes()) % SLOTS
}

pub(crate) const SLOTS: u16 = 16_384;

/// CRC-16/XMODEM, as the Cluster specification has it.
fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ (u16::from(*byte) << 8), |crc, _| {
            if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_specifications() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
    }

    #[test]
    fn all_names_of_a_partition_have_its_number_as_their_only_tag() {
        let keys = Keys::new("shop".to_owned());
        let key = RecordKey::unowned(Space::Session, RecordId::from_bytes([b'{'; 32]));
        let tag = format!("shop:{{{}}}:", key.partition().number());
        for name in [keys.record(&key), keys.index(key.partition()), keys.epochs(key.partition())] {
            assert!(name.starts_with(tag.as_bytes()));
        }
    }

    #[test]
    fn a_member_comes_back_and_sorts_by_birth_then_id() {
        let member = |created_at, id| Member {
            owner: Owner::new("issuer", "ada"),
            space: Space::Grant,
            created_at: Timestamp::from_unix_millis(created_at),
            id: RecordId::from_bytes([id; 32]),
        };
        let sorted = [member(1, 9), member(2, 1), member(2, 2), member(256, 0), member(u64::MAX, 0)];
        assert!(sorted.windows(2).all(|pair| pair[0].bytes() < pair[1].bytes()));
        for member in sorted {
            assert_eq!(member.bytes().len(), Member::LENGTH_BYTES);
            assert_eq!(Member::decode(&member.bytes()), Some(member));
        }
        assert_eq!(Member::decode(&[0; 56]), None);
    }
}
