use bytes::{Buf, BufMut, Bytes, BytesMut};
use portcullis_core::{Partition, RecordId, RecordKey, Space, Timestamp};

/// What lies under an id that was given up for another: dead to every new request, and a sign for those under way.
///
/// Without successors it says no more than that: who planted the id must not be able to end what its victim logged in to.
///
/// The answer that hands over the new id may travel slowly. A logout with the cookie the browser still has finds this, and ends
/// the successors too; a write that began before a renewal finds it, and goes on under the new id. Digests only: nothing in it
/// can be presented.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Tombstone {
    pub(super) reason: Reason,
    /// When it means nothing any more. The record's own expiry can be moved on by a request that saw the session before.
    pub(super) until: Timestamp,
    pub(super) successors: Vec<RecordKey>,
}

/// Why the id was given up.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Reason {
    /// The same session goes on under another id.
    Renewed,
    /// Somebody logged in: nothing that began under the old id may touch what came of it.
    LoggedIn,
}

impl Tombstone {
    pub(super) fn leads_to(&self, successor: &RecordKey) -> bool {
        self.successors.contains(successor)
    }

    /// Where a renewed session goes on.
    pub(super) fn renewed_as(&self) -> Option<RecordKey> {
        match (self.reason, self.successors.as_slice()) {
            (Reason::Renewed, [successor]) => Some(*successor),
            _ => None,
        }
    }

    /// `format:1 | reason:1 | until:8 | (partition:2 | id:32) …`
    pub(super) fn encode(&self) -> Bytes {
        let mut bytes = BytesMut::with_capacity(HEADER_BYTES + self.successors.len() * SUCCESSOR_BYTES);
        bytes.put_u8(FORMAT);
        bytes.put_u8(match self.reason {
            Reason::Renewed => RENEWED,
            Reason::LoggedIn => LOGGED_IN,
        });
        bytes.put_u64(self.until.unix_millis());
        for successor in &self.successors {
            bytes.put_u16(successor.partition().number());
            bytes.put_slice(successor.id().bytes());
        }
        bytes.freeze()
    }

    pub(super) fn decode(mut bytes: Bytes) -> Option<Self> {
        if bytes.try_get_u8().ok()? != FORMAT {
            return None;
        }
        let reason = match bytes.try_get_u8().ok()? {
            RENEWED => Reason::Renewed,
            LOGGED_IN => Reason::LoggedIn,
            _ => return None,
        };
        let until = Timestamp::from_unix_millis(bytes.try_get_u64().ok()?);
        let mut successors = Vec::new();
        while bytes.has_remaining() {
            let partition = Partition::new(bytes.try_get_u16().ok()?)?;
            let mut id = [0; RecordId::LENGTH_BYTES];
            bytes.try_copy_to_slice(&mut id).ok()?;
            successors.push(RecordKey::new(Space::Session, partition, RecordId::from_bytes(id)));
        }
        Some(Self { reason, until, successors })
    }
}

/// Not the session record's format, so neither is ever read as the other.
const FORMAT: u8 = 0x81;
const RENEWED: u8 = 1;
const LOGGED_IN: u8 = 2;
const HEADER_BYTES: usize = 1 + 1 + 8;
const SUCCESSOR_BYTES: usize = 2 + RecordId::LENGTH_BYTES;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encoded_is_decoded_and_no_cut_is() {
        let key = |byte| {
            RecordKey::new(Space::Session, Partition::new(9_999).unwrap(), RecordId::from_bytes([byte; 32]))
        };
        let until = Timestamp::from_unix_seconds(1);
        let tombstone = Tombstone { reason: Reason::LoggedIn, until, successors: vec![key(1), key(2)] };
        let bytes = tombstone.encode();
        assert_eq!(Tombstone::decode(bytes.clone()), Some(tombstone.clone()));
        assert!(tombstone.leads_to(&key(2)) && !tombstone.leads_to(&key(3)));
        let whole = [HEADER_BYTES, HEADER_BYTES + SUCCESSOR_BYTES];
        let cuts = (0..bytes.len()).filter(|cut| !whole.contains(cut));
        assert!(cuts.into_iter().all(|cut| Tombstone::decode(bytes.slice(..cut)).is_none()));
    }
}
