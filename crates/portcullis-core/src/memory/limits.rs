use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

use crate::{Draft, Owner, Record, StoreError};

/// How much a [`MemoryStore`](crate::MemoryStore) holds before it refuses to create.
///
/// # Default
///
/// One million records and 512 MiB, whichever is reached first: half a kilobyte for a stranger's session with a small cart, above one
/// for a login's. A flood of anonymous sessions cannot take the machine.
///
/// # Example
///
/// ```
/// use portcullis_core::{MemoryLimits, MemoryStore};
///
/// let store = MemoryStore::new().with_limits(MemoryLimits::default().with_records(10_000));
/// # let _ = store;
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MemoryLimits {
    records: usize,
    bytes: usize,
}

impl MemoryLimits {
    /// At most so many records.
    #[must_use]
    pub const fn with_records(mut self, records: usize) -> Self {
        self.records = records;
        self
    }

    /// At most so many bytes: payloads, and for each record what its keys, tables and indexes take as measured: 400, and 800 more if
    /// it has an owner.
    #[must_use]
    pub const fn with_bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }
}

impl Default for MemoryLimits {
    fn default() -> Self {
        Self { records: 1_000_000, bytes: 512 << 20 }
    }
}

/// What is in use of the limits, over all shards.
///
/// The counters are reserved before a record goes in and released after it came out, so they never understate.
#[derive(Debug)]
pub(super) struct Budget {
    pub(super) limits: MemoryLimits,
    records: AtomicUsize,
    bytes: AtomicUsize,
}

impl Budget {
    pub(super) const fn new(limits: MemoryLimits) -> Self {
        Self { limits, records: AtomicUsize::new(0), bytes: AtomicUsize::new(0) }
    }

    pub(super) fn reserve_record(&self, draft: &Draft) -> Result<(), StoreError> {
        reserve(&self.records, 1, self.limits.records)?;
        reserve(&self.bytes, size_bytes(draft.owner, &draft.payload), self.limits.bytes)
            .inspect_err(|_| release(&self.records, 1))
    }

    pub(super) fn resize(&self, from_bytes: usize, to_bytes: usize) -> Result<(), StoreError> {
        if to_bytes > from_bytes {
            return reserve(&self.bytes, to_bytes - from_bytes, self.limits.bytes);
        }
        release(&self.bytes, from_bytes - to_bytes);
        Ok(())
    }

    pub(super) fn release_record(&self, record: &Record) {
        release(&self.records, 1);
        release(&self.bytes, size_bytes(record.owner, &record.payload));
    }

    pub(super) fn records(&self) -> usize {
        self.records.load(Ordering::Relaxed)
    }
}

fn reserve(used: &AtomicUsize, amount: usize, limit: usize) -> Result<(), StoreError> {
    let before = used.fetch_add(amount, Ordering::Relaxed);
    if before.saturating_add(amount) > limit {
        release(used, amount);
        return Err(StoreError::overloaded());
    }
    Ok(())
}

fn release(used: &AtomicUsize, amount: usize) {
    used.fetch_sub(amount, Ordering::Relaxed);
}

fn size_bytes(owner: Option<Owner>, payload: &Bytes) -> usize {
    let owned = if owner.is_some() { OWNED_OVERHEAD_BYTES } else { 0 };
    RECORD_OVERHEAD_BYTES + owned + payload.len()
}

/// Key twice (table and record), expiry entry, and the tables' slack.
const RECORD_OVERHEAD_BYTES: usize = 400;
/// The owner's entry, index and epochs, which most owners have for one record alone.
const OWNED_OVERHEAD_BYTES: usize = 800;
