use std::time::Duration;

use portcullis_core::{Draft, Effect, Record, RecordKey, RemoveOutcome, StoreError, Timestamp, Version};

use super::{
    changes::Changes,
    error::SessionError,
    id::SessionId,
    record::{Header, Payload},
    slot::Slot,
    snapshot::{Snapshot, Stored},
    state::{Presence, Rotation},
    tombstone::{Reason, Tombstone},
    writes::{self, Created, Replaced},
};
use crate::event::EventKind;

impl Slot {
    /// Gives the session a new id: new record first, then the old one is ended at the version that was copied, so no
    /// concurrent write is lost and at every moment one of the two ids works.
    pub(super) async fn rotate(&self, rotation: &Rotation, changes: &Changes) -> Result<(), SessionError> {
        let old = self.state().live().cloned();
        let mut successor = Successor::create(self, rotation, changes, old.as_ref()).await?;
        let retired = match old {
            None => Retired::Done,
            Some(old) => successor.retire(old).await?,
        };
        if let Retired::Elsewhere(snapshot) = retired {
            self.state().became(snapshot);
            return self.replace(changes).await;
        }
        let handle = Some(successor.header.handle);
        // Loaded anew if this request asks again: which epoch a login was stamped with, the store knows.
        self.state().moved_to(successor.id, Presence::Unknown);
        let event = match rotation {
            Rotation::Renew => EventKind::Renewed,
            Rotation::LogIn { .. } => EventKind::LoggedIn,
        };
        self.config.emit(event, handle);
        Ok(())
    }
}

/// A session under a new id that the browser does not know yet.
struct Successor<'a> {
    slot: &'a Slot,
    rotation: &'a Rotation,
    changes: &'a Changes,
    now: Timestamp,
    id: SessionId,
    key: RecordKey,
    version: Version,
    header: Header,
}

/// What became of the old id.
enum Retired {
    /// It is dead, and the successor goes on.
    Done,
    /// Another request renewed it first: the session goes on as that one's successor.
    Elsewhere(Snapshot),
}

/// What became of the old record.
enum Buried {
    Done,
    Absent,
    Conflict(Record),
}

impl<'a> Successor<'a> {
    async fn create(
        slot: &'a Slot,
        rotation: &'a Rotation,
        changes: &'a Changes,
        old: Option<&Snapshot>,
    ) -> Result<Self, SessionError> {
        let now = slot.config.clock.now();
        let timeouts = slot.config.timeouts;
        let (owner, fence, absolute_end) = match (rotation, old) {
            (Rotation::LogIn { principal, .. }, _) => {
                (Some(principal.owner()), None, timeouts.absolute_end(principal, now))
            }
            (Rotation::Renew, Some(old)) => (old.owner, Some(old.epoch), old.payload.header.absolute_end),
            (Rotation::Renew, None) => (None, None, now + timeouts.absolute()),
        };
        let fresh = || {
            let (id, new_handle) = SessionId::generate(&slot.config.realm, owner.as_ref())?;
            let handle = match (rotation, old) {
                (Rotation::Renew, Some(old)) => old.payload.header.handle,
                _ => new_handle,
            };
            let header = Header { handle, absolute_end, idle: timeouts.idle() };
            let (key, version) = (id.key(&slot.config.realm), Version::unique());
            let successor = Self { slot, rotation, changes, now, id, key, version, header };
            let mut draft = successor.draft(old, version);
            draft.owner = owner;
            draft.fence = fence;
            Ok((key, draft, successor))
        };
        match writes::create(&slot.config.store, fresh).await? {
            Created::New(successor) => Ok(successor),
            Created::Fenced => Err(slot.gone()),
        }
    }

    /// Ends the old id. Writes that came since it was copied are copied too.
    async fn retire(&mut self, mut old: Snapshot) -> Result<Retired, SessionError> {
        let mut tombstone = Tombstone::to(self.key, reason(self.rotation));
        for _ in 0..COPIES {
            let current = match self.bury(&old, &tombstone).await {
                Ok(Buried::Done) => return Ok(Retired::Done),
                Ok(Buried::Absent) => return self.old_is_gone().await,
                Ok(Buried::Conflict(current)) => current,
                Err(failure) => return Err(self.abandon(failure).await),
            };
            let version = current.version;
            let there = match Stored::of(current, self.now) {
                Ok(Stored::Live(current)) => {
                    old = self.copy_again(current).await?;
                    continue;
                }
                Ok(Stored::Moved(there)) if there.leads_to(&self.key) => return Ok(Retired::Done),
                Ok(Stored::Moved(there)) => there,
                Ok(Stored::Over) | Err(_) => return self.old_is_gone().await,
            };
            match (self.rotation, self.slot.follow(&there).await?) {
                (Rotation::Renew, goes_on) => {
                    self.undo().await?;
                    return goes_on.map(Retired::Elsewhere).ok_or_else(|| self.slot.gone());
                }
                // Renewed meanwhile: what it goes on as ends instead.
                (Rotation::LogIn { .. }, Some(goes_on)) => old = self.copy_again(goes_on).await?,
                // Two logins at once: a logout with the old cookie ends what came of both.
                (Rotation::LogIn { .. }, None) => {
                    old.version = version;
                    tombstone.successors.extend(there.successors);
                }
            }
        }
        self.old_changes_all_the_time(&old).await
    }

    /// Ends the record at the version that was copied. Nobody's session leaves nothing behind: who planted its id must not be able
    /// to end what its victim logged in to.
    async fn bury(&self, old: &Snapshot, tombstone: &Tombstone) -> Result<Buried, StoreError> {
        let store = &self.slot.config.store;
        if old.payload.is_anonymous() {
            return Ok(match writes::remove(store, &old.key, Some(old.version)).await? {
                RemoveOutcome::Removed(_) => Buried::Done,
                RemoveOutcome::Absent => Buried::Absent,
                RemoveOutcome::Conflict(current) => Buried::Conflict(current),
            });
        }
        let draft = Draft::new(tombstone.encode(), Version::unique(), self.now + TOMBSTONE_KEPT);
        Ok(match writes::replace(store, &old.key, old.version, draft).await? {
            Replaced::Done => Buried::Done,
            Replaced::Gone => Buried::Absent,
            Replaced::Conflict(current) | Replaced::Unclear(current, _) => Buried::Conflict(current),
        })
    }

    /// Copies what is stored under the old id by now.
    async fn copy_again(&mut self, old: Snapshot) -> Result<Snapshot, SessionError> {
        let version = Version::unique();
        let draft = self.draft(Some(&old), version);
        match writes::replace(&self.slot.config.store, &self.key, self.version, draft).await {
            Ok(Replaced::Done) => {
                self.version = version;
                Ok(old)
            }
            // Nobody else knows the new id: it was ended with everything of its owner.
            Ok(Replaced::Gone | Replaced::Conflict(_) | Replaced::Unclear(..)) => Err(self.slot.gone()),
            Err(failure) => Err(self.abandon(failure).await),
        }
    }

    /// Somebody ended the old session meanwhile. A login stands on its own proof; a renewal does not undo that.
    async fn old_is_gone(&self) -> Result<Retired, SessionError> {
        match self.rotation {
            Rotation::LogIn { .. } => Ok(Retired::Done),
            Rotation::Renew => {
                self.undo().await?;
                Err(self.slot.gone())
            }
        }
    }

    /// The id from before a login must not outlive it, even at the price of a write that came just now. A renewal can wait.
    async fn old_changes_all_the_time(&self, old: &Snapshot) -> Result<Retired, SessionError> {
        match self.rotation {
            Rotation::LogIn { .. } => {
                writes::remove(&self.slot.config.store, &old.key, None).await?;
                Ok(Retired::Done)
            }
            Rotation::Renew => {
                self.undo().await?;
                self.slot.emit(EventKind::Contended);
                Err(SessionError::contended())
            }
        }
    }

    /// The old id could not be ended, so the new one is not handed over. Unless the store may have ended the old one all the same,
    /// the new record goes; if it cannot, it expires, and nobody was told its secret.
    async fn abandon(&self, failure: StoreError) -> SessionError {
        if failure.effect() == Effect::NotApplied {
            self.undo().await.ok();
        }
        failure.into()
    }

    async fn undo(&self) -> Result<(), SessionError> {
        writes::remove(&self.slot.config.store, &self.key, None).await?;
        Ok(())
    }

    /// The old session's data with this request's changes.
    fn draft(&self, old: Option<&Snapshot>, version: Version) -> Draft {
        let base = match (self.rotation, old) {
            (Rotation::Renew, Some(old)) => old.payload.clone().with_header(self.header),
            (Rotation::Renew, None) => Payload::new(self.header, None),
            (Rotation::LogIn { principal, carries_data: true }, Some(old)) => {
                old.payload.clone().begun_anew(self.header, principal)
            }
            (Rotation::LogIn { principal, .. }, _) => Payload::new(self.header, Some(principal)),
        };
        Draft::new(base.merge(self.changes).encode(), version, self.now + self.header.idle)
    }
}

const fn reason(rotation: &Rotation) -> Reason {
    match rotation {
        Rotation::Renew => Reason::Renewed,
        Rotation::LogIn { .. } => Reason::LoggedIn,
    }
}

const COPIES: u32 = 8;
/// Longer than an answer can be on its way.
const TOMBSTONE_KEPT: Duration = Duration::from_secs(300);
