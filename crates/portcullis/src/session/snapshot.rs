use std::time::Duration;

use portcullis_core::{Epoch, Owner, Record, RecordKey, Timestamp, Version};

use super::{
    activity::Activity,
    record::{Payload, Unreadable},
    tombstone::Tombstone,
};
use crate::identity::Principal;

/// What a record of the session space is at some instant.
#[derive(Debug)]
pub(super) enum Stored {
    Live(Snapshot),
    /// Given up for another id.
    Moved(Tombstone),
    /// The session's absolute end has come, or the tombstone's.
    Over,
}

/// A live session as it was last read or written.
#[derive(Clone, Debug)]
pub(super) struct Snapshot {
    pub(super) key: RecordKey,
    pub(super) version: Version,
    pub(super) owner: Option<Owner>,
    pub(super) epoch: Epoch,
    pub(super) expires_at: Timestamp,
    pub(super) payload: Payload,
    /// When it was found alive.
    pub(super) seen_at: Timestamp,
}

impl Stored {
    pub(super) fn of(record: Record, now: Timestamp) -> Result<Self, Unreadable> {
        let Record { key, payload, version, owner, epoch, expires_at, .. } = record;
        if let Some(tombstone) = Tombstone::decode(payload.clone()) {
            return Ok(if tombstone.until <= now { Self::Over } else { Self::Moved(tombstone) });
        }
        let payload = Payload::decode(payload)?;
        let snapshot = Snapshot { key, version, owner, epoch, expires_at, payload, seen_at: now };
        Ok(if snapshot.is_over(now) { Self::Over } else { Self::Live(snapshot) })
    }
}

impl Snapshot {
    /// Whether the session's absolute end has come.
    pub(super) fn is_over(&self, now: Timestamp) -> bool {
        self.payload.header.absolute_end <= now
    }

    /// Until when the record should live because it was used, if that is worth a write: not more often than a tenth of the
    /// idle timeout (S43), and once an hour for a session that lasts for days, so that its last use can be told.
    pub(super) fn touched(&self, activity: Activity) -> Option<Timestamp> {
        let idle = self.payload.header.idle;
        let due = self.seen_at.since(self.last_seen_at()) >= (idle / 10).min(LONGEST_UNNOTED);
        let expires_at = self.seen_at + idle;
        // What moves nothing would be due again at once: the sum saturates for who is never idle.
        (due && activity == Activity::Use && expires_at > self.expires_at).then_some(expires_at)
    }

    /// When the session was last noted to be in use.
    pub(super) fn last_seen_at(&self) -> Timestamp {
        self.expires_at.before(self.payload.header.idle)
    }

    /// When the session ends if it is not seen again: this request counts, if it is use.
    pub(super) fn idle_end(&self, activity: Activity) -> Timestamp {
        self.touched(activity).unwrap_or(self.expires_at).min(self.payload.header.absolute_end)
    }

    /// The `Max-Age` of a cookie that is set at `now` and outlives the browser; `None` for one that ends with it.
    pub(super) fn max_age(&self, now: Timestamp) -> Option<Duration> {
        self.payload.header.max_age(now)
    }

    pub(super) fn principal(&self, activity: Activity) -> Option<Principal> {
        self.payload.principal().map(|principal| principal.with_expires_at(self.idle_end(activity)))
    }
}

const LONGEST_UNNOTED: Duration = Duration::from_secs(3_600);
