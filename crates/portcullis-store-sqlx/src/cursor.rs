use bytes::Bytes;
use portcullis_core::{Cursor, Listing, Record, RecordId, StoreError, Timestamp};

/// Where a page ended: the order of pages is that of creation, and of ids where the clock stood still.
pub(crate) type Place = (Timestamp, RecordId);

/// A page of `limit` records from one more, which tells whether there is another page.
pub(crate) fn page(mut records: Vec<Record>, limit: usize) -> Listing {
    let is_last = records.len() <= limit;
    records.truncate(limit);
    let next = records.last().filter(|_| !is_last).map(cursor_after);
    Listing::new(records, next)
}

pub(crate) fn parse_cursor(cursor: &Cursor) -> Result<Place, StoreError> {
    let place = cursor.place().split_first_chunk::<8>().and_then(|(created_at, id)| {
        let created_at = Timestamp::from_unix_millis(u64::from_be_bytes(*created_at));
        Some((created_at, RecordId::from_bytes(id.try_into().ok()?)))
    });
    place.ok_or_else(|| StoreError::misconfigured("the cursor is not one of this store's"))
}

fn cursor_after(record: &Record) -> Cursor {
    let mut place = Vec::with_capacity(8 + RecordId::LENGTH_BYTES);
    place.extend_from_slice(&record.created_at.unix_millis().to_be_bytes());
    place.extend_from_slice(record.key.id().bytes());
    Cursor::new(Bytes::from(place))
}
