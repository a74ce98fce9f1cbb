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

/// A session under a new id that the browser does not know yet.
struct Successor {
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

impl Slot {
    /// Moves the session to a new id: new record first, then the old one is ended at the version that was copied, so no
    /// concurrent write is lost and at every moment one of the two ids works.
    pub(super) async fn rotate(&self, rotation: &Rotation, changes: &Changes) -> Result<(), SessionError> {
        let now = self.config.clock.now();
        let old = self.state().live().cloned();
        let successor = self.create_successor(rotation, old.as_ref(), changes, now).await?;
        let retired = match old {
            None => Retired::Done,
            Some(old) => self.retire(rotation, old, &successor, changes, now).await?,
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

    async fn create_successor(
        &self,
        rotation: &Rotation,
        old: Option<&Snapshot>,
        changes: &Changes,
        now: Timestamp,
    ) -> Result<Successor, SessionError> {
        let timeouts = self.config.timeouts;
        let owner = match rotation {
            Rotation::Renew => old.and_then(|old| old.owner),
            Rotation::LogIn { principal, .. } => Some(principal.owner()),
        };
        let fresh = || {
            let (id, handle) = SessionId::generate(&self.config.realm, owner.as_ref())?;
            let header = match (rotation, old) {
                (Rotation::Renew, Some(old)) => Header { idle: timeouts.idle(), ..old.payload.header },
                (Rotation::Renew, None) => {
                    Header { handle, absolute_end: now + timeouts.absolute(), idle: timeouts.idle() }
                }
                (Rotation::LogIn { principal, .. }, _) => Header {
                    handle,
                    absolute_end: timeouts.absolute_end(principal, now),
                    idle: timeouts.idle(),
                },
            };
            let (key, version) = (id.key(&self.config.realm), Version::unique());
            let mut draft =
                Draft::new(copied(rotation, old, changes, header).encode(), version, now + timeouts.idle());
            draft.owner = owner;
            draft.fence = match (rotation, old) {
                (Rotation::Renew, Some(old)) => Some(old.epoch),
                _ => None,
            };
            Ok((key, draft, Successor { id, key, version, header }))
        };
        match writes::create(&self.config.store, fresh).await? {
            Created::New(successor) => Ok(successor),
            Created::Fenced => Err(self.gone()),
        }
    }

    /// Ends the old id. Writes that came since it was copied are copied too.
    async fn retire(
        &self,
        rotation: &Rotation,
        mut old: Snapshot,
        successor: &Successor,
        changes: &Changes,
        now: Timestamp,
    ) -> Result<Retired, SessionError> {
        let mut copy = successor.version;
        let mut tombstone = Tombstone::to(successor.key, reason(rotation));
        for _ in 0..COPIES {
            let found = match self.bury(&old, &tombstone, now).await {
                Ok(Buried::Done) => return Ok(Retired::Done),
                Ok(Buried::Conflict(current)) => Some((current.version, Stored::of(current, now))),
                Ok(Buried::Absent) => None,
                Err(failure) => return Err(self.abandon(successor, failure).await),
            };
            match (rotation, found) {
                (_, Some((_, Ok(Stored::Live(current))))) => {
                    old = current;
                    copy = self.copy_again(rotation, &old, successor, copy, changes, now).await?;
                }
                (_, Some((_, Ok(Stored::Moved(there))))) if there.leads_to(&successor.key) => {
                    return Ok(Retired::Done);
                }
                (Rotation::Renew, Some((_, Ok(Stored::Moved(there))))) => {
                    self.undo(successor).await?;
                    return self.follow(there).await?.map(Retired::Elsewhere).ok_or_else(|| self.gone());
                }
                (Rotation::LogIn { .. }, Some((version, Ok(Stored::Moved(there))))) => {
                    match self.follow(there.clone()).await? {
                        // Renewed meanwhile: what it goes on as ends instead.
                        Some(current) => {
                            old = current;
                            copy = self.copy_again(rotation, &old, successor, copy, changes, now).await?;
                        }
                        // Two logins at once: a logout with the old cookie ends what came of both.
                        None => {
                            old.version = version;
                            tombstone.successors.extend(there.successors);
                        }
                    }
                }
                // Somebody ended the old session meanwhile. A login stands on its own proof; a renewal does not undo that.
                (Rotation::LogIn { .. }, _) => return Ok(Retired::Done),
                (Rotation::Renew, _) => {
                    self.undo(successor).await?;
                    return Err(self.gone());
                }
            }
        }
        match rotation {
            // The id from before a login must not outlive it, even at the price of a write that came just now.
            Rotation::LogIn { .. } => {
                writes::remove(&self.config.store, &old.key, None).await?;
                Ok(Retired::Done)
            }
            Rotation::Renew => {
                self.undo(successor).await?;
                self.emit(EventKind::Contended);
                Err(SessionError::contended())
            }
        }
    }

    /// Ends the record at the version that was copied. Nobody's session leaves nothing behind: who planted its id must not be able
    /// to end what its victim logged in to.
    async fn bury(
        &self,
        old: &Snapshot,
        tombstone: &Tombstone,
        now: Timestamp,
    ) -> Result<Buried, StoreError> {
        let store = &self.config.store;
        if old.payload.is_anonymous() {
            return Ok(match writes::remove(store, &old.key, Some(old.version)).await? {
                RemoveOutcome::Removed(_) => Buried::Done,
                RemoveOutcome::Absent => Buried::Absent,
                RemoveOutcome::Conflict(current) => Buried::Conflict(current),
            });
        }
        let draft = Draft::new(tombstone.encode(), Version::unique(), now + TOMBSTONE_KEPT);
        Ok(match writes::replace(store, &old.key, old.version, draft).await? {
            Replaced::Done => Buried::Done,
            Replaced::Gone => Buried::Absent,
            Replaced::Conflict(current) | Replaced::Unclear(current, _) => Buried::Conflict(current),
        })
    }

    async fn copy_again(
        &self,
        rotation: &Rotation,
        old: &Snapshot,
        successor: &Successor,
        copy: Version,
        changes: &Changes,
        now: Timestamp,
    ) -> Result<Version, SessionError> {
        let payload = copied(rotation, Some(old), changes, successor.header);
        let version = Version::unique();
        let draft = Draft::new(payload.encode(), version, now + self.config.timeouts.idle());
        match writes::replace(&self.config.store, &successor.key, copy, draft).await {
            Ok(Replaced::Done) => Ok(version),
            // Nobody else knows the new id: it was ended with everything of its owner.
            Ok(Replaced::Gone | Replaced::Conflict(_) | Replaced::Unclear(..)) => Err(self.gone()),
            Err(failure) => Err(self.abandon(successor, failure).await),
        }
    }

    /// The old id could not be ended, so the new one is not handed over. Unless the store may have ended the old one all the same,
    /// the new record goes; if it cannot, it expires, and nobody was told its secret.
    async fn abandon(&self, successor: &Successor, failure: StoreError) -> SessionError {
        if failure.effect() == Effect::NotApplied {
            self.undo(successor).await.ok();
        }
        failure.into()
    }

    async fn undo(&self, successor: &Successor) -> Result<(), SessionError> {
        writes::remove(&self.config.store, &successor.key, None).await?;
        Ok(())
    }
}

/// What became of the old record.
enum Buried {
    Done,
    Absent,
    Conflict(Record),
}

const fn reason(rotation: &Rotation) -> Reason {
    match rotation {
        Rotation::Renew => Reason::Renewed,
        Rotation::LogIn { .. } => Reason::LoggedIn,
    }
}

/// What the successor holds: the old session's data with this request's changes, under `header`.
fn copied(rotation: &Rotation, old: Option<&Snapshot>, changes: &Changes, header: Header) -> Payload {
    let base = match (rotation, old) {
        (Rotation::Renew, Some(old)) => old.payload.clone().with_header(header),
        (Rotation::Renew, None) => Payload::new(header, None),
        (Rotation::LogIn { principal, carries_data: true }, Some(old)) => {
            old.payload.clone().begun_anew(header, principal)
        }
        (Rotation::LogIn { principal, .. }, _) => Payload::new(header, Some(principal)),
    };
    base.merge(changes)
}

const COPIES: u32 = 8;
/// Longer than an answer can be on its way.
const TOMBSTONE_KEPT: Duration = Duration::from_secs(300);
