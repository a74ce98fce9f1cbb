//! A record as one string: a fixed header, then the payload.
//!
//! | bytes | what |
//! | --- | --- |
//! | 0 | format: 1 belongs to nobody, 2 to an owner |
//! | 1 | space |
//! | 2–3 | partition |
//! | 4–11 | the first eight bytes of the id, so that a record names its own key |
//! | 12–19 | version |
//! | 20–27 | expiry, milliseconds |
//! | 28–35 | birth, milliseconds |
//! | 36–43 | epoch |
//! | 44–59 | owner, in format 2 alone |
//!
//! Numbers are big-endian. Of another format nothing is understood, and nothing is overwritten or deleted.

use bytes::{Buf, Bytes};
use portcullis_core::{Draft, Epoch, Owner, Record, RecordKey, Timestamp, Version};

/// Bytes 1 to 11: by what a record names its own key.
pub(crate) type Name = [u8; 11];

pub(crate) fn name(key: &RecordKey) -> Name {
    let mut name = [0; 11];
    let [first, second] = key.partition().number().to_be_bytes();
    let place = [key.space() as u8, first, second];
    name.iter_mut().zip(place.iter().chain(key.id().bytes())).for_each(|(byte, part)| *byte = *part);
    name
}

/// The header up to the epoch, which only the server knows.
pub(crate) fn header(key: &RecordKey, draft: &Draft, created_at: Timestamp) -> Vec<u8> {
    let mut header = Vec::with_capacity(HEADER_BYTES);
    header.push(if draft.owner.is_some() { OWNED } else { UNOWNED });
    header.extend_from_slice(&name(key));
    header.extend_from_slice(&draft.version.bits().to_be_bytes());
    header.extend_from_slice(&draft.expires_at.unix_millis().to_be_bytes());
    header.extend_from_slice(&created_at.unix_millis().to_be_bytes());
    header
}

/// The whole record of nobody's, which no server need complete.
pub(crate) fn unowned(key: &RecordKey, draft: &Draft, created_at: Timestamp) -> Vec<u8> {
    let mut record = header(key, draft, created_at);
    record.extend_from_slice(&Epoch::UNOWNED.count().to_be_bytes());
    record.extend_from_slice(&draft.payload);
    record
}

/// The record under `key`, or nothing if it is none of ours or another's.
pub(crate) fn decode(key: &RecordKey, value: Vec<u8>) -> Option<Record> {
    let mut rest = Bytes::from(value);
    let owned = match rest.try_get_u8().ok()? {
        UNOWNED => false,
        OWNED => true,
        _ => return None,
    };
    let named = rest.split_to_checked(11)?;
    if named[..] != name(key) {
        return None;
    }
    let mut field = || rest.try_get_u64().ok();
    let (version, expires_at, created_at, epoch) = (field()?, field()?, field()?, field()?);
    let owner =
        if owned { Some(Owner::from_bytes(rest.split_to_checked(16)?[..].try_into().ok()?)) } else { None };
    let draft = Draft::new(rest, Version::from_bits(version), Timestamp::from_unix_millis(expires_at));
    let created_at = Timestamp::from_unix_millis(created_at);
    let mut record = Record::created(*key, draft, created_at, Epoch::from_count(epoch));
    record.owner = owner;
    Some(record)
}

trait SplitChecked: Sized {
    fn split_to_checked(&mut self, at: usize) -> Option<Self>;
}

impl SplitChecked for Bytes {
    fn split_to_checked(&mut self, at: usize) -> Option<Self> {
        (at <= self.len()).then(|| self.split_to(at))
    }
}

const UNOWNED: u8 = 1;
const OWNED: u8 = 2;
const HEADER_BYTES: usize = 44;

#[cfg(test)]
mod tests {
    use portcullis_core::{RecordId, Space};

    use super::*;

    fn key() -> RecordKey {
        RecordKey::unowned(Space::Session, RecordId::from_bytes([7; 32]))
    }

    #[test]
    fn a_record_comes_back_as_it_was_written() {
        let draft = Draft::new("payload", Version::unique(), Timestamp::from_unix_millis(2));
        let value = unowned(&key(), &draft, Timestamp::from_unix_millis(1));
        let record = Record::created(key(), draft, Timestamp::from_unix_millis(1), Epoch::UNOWNED);
        assert_eq!(decode(&key(), value), Some(record));
    }

    #[test]
    fn what_names_another_key_or_is_cut_short_or_newer_is_no_record() {
        let draft = Draft::new("", Version::unique(), Timestamp::MAX);
        let value = unowned(&key(), &draft, Timestamp::MAX);
        let other = RecordKey::unowned(Space::Session, RecordId::from_bytes([8; 32]));
        assert_eq!(decode(&other, value.clone()), None);
        assert_eq!(
            decode(&RecordKey::new(Space::Grant, key().partition(), *key().id()), value.clone()),
            None
        );
        for length in 0..value.len() {
            assert_eq!(decode(&key(), value[..length].to_vec()), None, "{length}");
        }
        for format in [0, 2, 3, 255] {
            let mut newer = value.clone();
            newer[0] = format;
            assert_eq!(decode(&key(), newer), None, "{format}");
        }
    }
}
