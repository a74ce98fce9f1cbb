use std::time::Duration;

use bytes::Bytes;

use crate::{Epoch, Owner, RecordKey, Timestamp, Version};

/// What a caller asks a store to write.
///
/// # Example
///
/// ```
/// use portcullis_core::{Draft, Owner, Timestamp, Version};
///
/// let draft = Draft::new("payload", Version::unique(), Timestamp::from_unix_seconds(60))
///     .owned_by(Owner::new("https://id.example", "ada"));
/// assert!(draft.fence.is_none());
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Draft {
    /// The bytes to keep; a store never looks into them.
    pub payload: Bytes,
    /// Which write this is.
    pub version: Version,
    /// When the record is absent: at this instant, not after it.
    pub expires_at: Timestamp,
    /// Who the record belongs to. Looked at by `create` alone: a record keeps its owner.
    pub owner: Option<Owner>,
    /// The epoch the writer believes the owner is in. `None`, a fresh login, is stamped with the current one. Looked at
    /// by `create` alone, and only with an owner.
    pub fence: Option<Epoch>,
}

impl Draft {
    /// A draft of a record that belongs to nobody.
    #[must_use]
    pub fn new(payload: impl Into<Bytes>, version: Version, expires_at: Timestamp) -> Self {
        Self { payload: payload.into(), version, expires_at, owner: None, fence: None }
    }

    /// Makes it the owner's, joining the owner's index when created.
    #[must_use]
    pub const fn owned_by(mut self, owner: Owner) -> Self {
        self.owner = Some(owner);
        self
    }

    /// Refuses the creation if the owner's epoch has moved past `epoch`: a renewal must not survive *log out
    /// everywhere*.
    #[must_use]
    pub const fn fenced(mut self, epoch: Epoch) -> Self {
        self.fence = Some(epoch);
        self
    }
}

/// What a store keeps.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Record {
    /// The key it was written under. A store checks it after every read, whatever the engine.
    pub key: RecordKey,
    /// The bytes of the last write.
    pub payload: Bytes,
    /// Which write that was.
    pub version: Version,
    /// When it is absent: at this instant, not after it.
    pub expires_at: Timestamp,
    /// When it was created, by the store's clock; kept by every later write.
    pub created_at: Timestamp,
    /// Who it belongs to; kept by every later write.
    pub owner: Option<Owner>,
    /// The owner's epoch it was created in; [`Epoch::UNOWNED`] without an owner.
    pub epoch: Epoch,
}

impl Record {
    /// The record that `draft` becomes when created under `key`.
    #[must_use]
    pub fn created(key: RecordKey, draft: Draft, created_at: Timestamp, epoch: Epoch) -> Self {
        let Draft { payload, version, expires_at, owner, fence: _ } = draft;
        Self { key, payload, version, expires_at, created_at, owner, epoch }
    }

    /// The record that this one becomes when replaced by `draft`: key, owner, epoch and time of creation stay.
    #[must_use]
    pub fn replaced(self, draft: Draft) -> Self {
        let Draft { payload, version, expires_at, .. } = draft;
        Self { payload, version, expires_at, ..self }
    }

    /// Whether the record is still there at `now`: at its expiry it is not.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }
}

/// How old an answer may be.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Freshness {
    /// Every write acknowledged before the question is seen. The default: a logout holds at once.
    #[default]
    Strong,
    /// Never older than this, relative to acknowledged writes.
    BoundedStale(Duration),
}
