use bytes::{BufMut, Bytes, BytesMut};
use portcullis_core::{Partition, Realm, RecordId, RecordKey, Space};

/// Where a renewed session's successor is noted: beside the old id, for whoever knows that id.
///
/// A renewal's answer may travel slowly while the user logs out with the cookie it still has. That logout finds the old
/// record removed, follows the note, and ends the successor too, so the late answer hands over a dead id.
pub(super) fn note_key(notes: &Realm, old: &RecordKey) -> RecordKey {
    RecordKey::unowned(Space::Session, notes.beside(old.id()))
}

/// `format:1 | partition:2 | id:32`: digests only, nothing that can be presented.
pub(super) fn encode(successor: &RecordKey) -> Bytes {
    let mut note = BytesMut::with_capacity(NOTE_BYTES);
    note.put_u8(FORMAT);
    note.put_u16(successor.partition().number());
    note.put_slice(successor.id().bytes());
    note.freeze()
}

pub(super) fn decode(note: &[u8]) -> Option<RecordKey> {
    let (format, note) = note.split_first()?;
    let (partition, id) = note.split_first_chunk::<2>()?;
    if *format != FORMAT {
        return None;
    }
    let partition = Partition::new(u16::from_be_bytes(*partition))?;
    Some(RecordKey::new(
        Space::Session,
        partition,
        RecordId::from_bytes(id.try_into().ok()?),
    ))
}

/// Not the session record's format, so neither is ever read as the other.
const FORMAT: u8 = 0x81;
const NOTE_BYTES: usize = 1 + 2 + RecordId::LENGTH_BYTES;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_read() {
        let partition = Partition::new(9_999).unwrap();
        let key = RecordKey::new(Space::Session, partition, RecordId::from_bytes([3; 32]));
        let note = encode(&key);
        assert_eq!(decode(&note), Some(key));
        assert!((0..note.len()).all(|cut| decode(&note[..cut]).is_none()));
    }
}
