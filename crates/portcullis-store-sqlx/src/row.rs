use bytes::Bytes;
use portcullis_core::{
    Draft, Epoch, Owner, Partition, Record, RecordId, RecordKey, Space, Timestamp, Version,
};
use sqlx::{ColumnIndex, Decode, Row, Type};

use crate::failure::Failure;

/// The columns of a record, in the order in which [`record`] reads them.
pub(crate) const COLUMNS: [&str; 7] =
    ["record_key", "version", "expires_at", "created_at", "owner", "epoch", "payload"];

/// The columns of `table`, which is a name of ours.
pub(crate) fn columns_of(table: &str) -> String {
    COLUMNS.map(|column| format!("{table}.{column}")).join(", ")
}

/// Reads a record from the columns from `first` on.
pub(crate) fn record<'r, R>(row: &'r R, first: usize) -> Result<Record, Failure>
where
    R: Row,
    usize: ColumnIndex<R>,
    &'r [u8]: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    let bytes = |at: usize| row.try_get::<&'r [u8], _>(first + at);
    let number = |at: usize| row.try_get::<i64, _>(first + at);
    let key = parse_key(bytes(0)?).ok_or(Failure::Corrupt("a key is none"))?;
    let owner = row.try_get::<Option<&'r [u8]>, _>(first + 4)?.map(parse_owner).transpose()?;
    let version = Version::from_bits(number(1)?.cast_unsigned());
    let draft = Draft::new(Bytes::copy_from_slice(bytes(6)?), version, timestamp(number(2)?));
    let epoch = epoch(number(5)?);
    let mut record = Record::created(key, draft, timestamp(number(3)?), epoch);
    record.owner = owner;
    Ok(record)
}

/// As [`record`], for a row that must be the one under `key`.
pub(crate) fn record_under<'r, R>(key: &RecordKey, row: &'r R, first: usize) -> Result<Record, Failure>
where
    R: Row,
    usize: ColumnIndex<R>,
    &'r [u8]: Decode<'r, R::Database> + Type<R::Database>,
    i64: Decode<'r, R::Database> + Type<R::Database>,
{
    let record = record(row, first)?;
    if record.key == *key { Ok(record) } else { Err(Failure::Corrupt("a record names another key")) }
}

/// A key as it stands in its column: space, partition, id.
pub(crate) fn key_bytes(key: &RecordKey) -> [u8; KEY_BYTES] {
    let mut bytes = [0; KEY_BYTES];
    let [high, low] = key.partition().number().to_be_bytes();
    let parts = [space_byte(key.space()), high, low].into_iter().chain(*key.id().bytes());
    bytes.iter_mut().zip(parts).for_each(|(byte, part)| *byte = part);
    bytes
}

/// Where the keys of a space begin, and where those after it do.
pub(crate) fn space_bounds(space: Space) -> ([u8; 1], [u8; 1]) {
    ([space_byte(space)], [space_byte(space) + 1])
}

/// The number of a space, as it stands in its columns.
pub(crate) fn space_number(space: Space) -> i16 {
    i16::from(space_byte(space))
}

#[cfg(any(feature = "mysql", feature = "postgres"))]
/// The space of which [`space_number`] is the number.
pub(crate) fn parse_space(number: i64) -> Result<Space, Failure> {
    let space = SPACES.into_iter().find(|space| i64::from(space_byte(*space)) == number);
    space.ok_or(Failure::Corrupt("a space is none of ours"))
}

/// A time as it stands in its column: milliseconds, and whatever is too late for it as the last of them.
pub(crate) fn millis(timestamp: Timestamp) -> i64 {
    i64::try_from(timestamp.unix_millis()).unwrap_or(i64::MAX)
}

/// A version as it stands in its column.
pub(crate) fn bits(version: Version) -> i64 {
    version.bits().cast_signed()
}

/// An epoch as it stands in its column.
pub(crate) fn count(epoch: Epoch) -> i64 {
    epoch.count().cast_signed()
}

/// The epoch of which [`count`] is the count.
pub(crate) fn epoch(count: i64) -> Epoch {
    Epoch::from_count(count.cast_unsigned())
}

fn timestamp(millis: i64) -> Timestamp {
    match millis {
        i64::MAX => Timestamp::MAX,
        millis => Timestamp::from_unix_millis(u64::try_from(millis).unwrap_or_default()),
    }
}

fn parse_key(bytes: &[u8]) -> Option<RecordKey> {
    let (&[space, high, low], id) = bytes.split_first_chunk::<3>()?;
    let space = SPACES.into_iter().find(|known| space_byte(*known) == space)?;
    let partition = Partition::new(u16::from_be_bytes([high, low]))?;
    Some(RecordKey::new(space, partition, RecordId::from_bytes(id.try_into().ok()?)))
}

fn parse_owner(bytes: &[u8]) -> Result<Owner, Failure> {
    let bytes = bytes.try_into().map_err(|_length| Failure::Corrupt("an owner is none"))?;
    Ok(Owner::from_bytes(bytes))
}

const fn space_byte(space: Space) -> u8 {
    space as u8
}

const SPACES: [Space; 3] = [Space::Session, Space::Grant, Space::Revoked];
const KEY_BYTES: usize = 3 + RecordId::LENGTH_BYTES;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written() {
        let partition = Partition::new(0x1234).unwrap();
        for space in SPACES {
            let key = RecordKey::new(space, partition, RecordId::from_bytes([7; 32]));
            let bytes = key_bytes(&key);
            assert_eq!(&bytes[..4], [space as u8, 0x12, 0x34, 7]);
            assert_eq!(parse_key(&bytes), Some(key));
            let (from, to) = space_bounds(space);
            assert!(bytes[..] >= from[..] && bytes[..] < to[..]);
            assert_eq!(parse_space(space_number(space).into()).unwrap(), space);
        }
    }

    #[test]
    fn what_is_no_key_is_none() {
        let key = key_bytes(&RecordKey::new(
            Space::Grant,
            Partition::new(1).unwrap(),
            RecordId::from_bytes([0; 32]),
        ));
        assert_eq!(parse_key(&key[..34]), None);
        assert_eq!(parse_key(&[&key[..], &[0]].concat()), None);
        assert_eq!(parse_key(&[&[9], &key[1..]].concat()), None);
        assert_eq!(parse_key(&[&[1, 0xff, 0xff], &key[3..]].concat()), None);
        assert!(parse_space(0).is_err());
    }

    #[test]
    fn times_too_late_for_a_column_are_the_last_that_it_takes() {
        for time in [0, 1, 1_800_000_000_000] {
            let time = Timestamp::from_unix_millis(time);
            assert_eq!(timestamp(millis(time)), time);
        }
        assert_eq!(timestamp(millis(Timestamp::MAX)), Timestamp::MAX);
        assert_eq!(timestamp(-1), Timestamp::default());
    }
}
