use bytes::Bytes;

use crate::Record;

/// Which part of an owner's records to list.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Page {
    /// Continue after this place; `None` starts at the oldest record.
    pub after: Option<Cursor>,
    /// How many records at most; zero is taken for one, so that paging always ends.
    pub limit: usize,
}

impl Page {
    /// The first `limit` records, oldest first.
    #[must_use]
    pub const fn first(limit: usize) -> Self {
        Self { after: None, limit }
    }

    /// The `limit` records that follow `cursor`.
    #[must_use]
    pub const fn after(cursor: Cursor, limit: usize) -> Self {
        Self { after: Some(cursor), limit }
    }
}

/// A place in a listing, meaningful to the store that gave it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cursor(Bytes);

impl Cursor {
    /// A place as the store writes it.
    #[must_use]
    pub const fn new(place: Bytes) -> Self {
        Self(place)
    }

    /// The place as the store wrote it.
    #[must_use]
    pub const fn place(&self) -> &Bytes {
        &self.0
    }
}

/// One page of an owner's records.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Listing {
    /// Live records in the order (created, id).
    pub records: Vec<Record>,
    /// Where the next page begins; `None` after the last.
    pub next: Option<Cursor>,
}

impl Listing {
    /// A page and where the next one begins.
    #[must_use]
    pub const fn new(records: Vec<Record>, next: Option<Cursor>) -> Self {
        Self { records, next }
    }
}
