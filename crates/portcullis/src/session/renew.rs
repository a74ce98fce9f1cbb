use std::time::Duration;

use portcullis_core::{
    CreateOutcome, Draft, Freshness, RecordKey, RemoveOutcome, StoreError, Timestamp, Version,
};

use super::{
    changes::Changes,
    commit::{COLLISIONS, back_off},
    error::SessionError,
    id::SessionId,
    record::{Header, Payload},
    slot::Slot,
    state::{Presence, Rotation, Snapshot},
    successor,
    writes::{self, Replaced},
};
use crate::{event::EventKind, identity::Principal};

/// A session under a new id that the browser does not know yet.
struct Successor {
    id: SessionId,
    key: RecordKey,
    version: Version,
    header: Header,
}

impl Slot {
    /// Moves the session to a new id: new record first, then the old one is removed at the version that was copied, so no
    /// concurrent write is lost and at every moment one of the two ids works. On failure the old one does.
    pub(super) async fn rotate(&self, rotation: &Rotation, changes: &Changes) -> Result<(), SessionError> {
        let now = self.config.clock.now();
        let old = self.state().live().cloned();
        let successor = self
            .create_successor(rotation, old.as_ref(), changes, now)
            .await?;
        if let Some(old) = old {
            self.retire(rotation, old, &successor, changes, now).await?;
        }
        let handle = Some(successor.header.handle);
        // Loaded anew if this request asks again: which epoch a login was stamped with, the store knows.
        self.state().moved_to(successor.id, Presence::Unknown);
        self.config.emit(
            match rotation {
                Rotation::Renew => EventKind::Renewed,
                Rotation::LogIn { .. } => EventKind::LoggedIn,
            },
            handle,
        );
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
        for _ in 0..COLLISIONS {
            let (id, handle) = SessionId::generate(&self.config.realm, owner.as_ref())?;
            let header = match (rotation, old) {
                (Rotation::Renew, Some(old)) => Header {
                    idle: timeouts.idle(),
                    ..old.payload.header
                },
                _ => Header {
                    handle,
                    absolute_end: now + timeouts.absolute(),
                    idle: timeouts.idle(),
                },
            };
            let payload = copied(rotation, old, changes, header);
            let (key, version) = (id.key(&self.config.realm), Version::unique());
            let mut draft = Draft::new(payload.encode(), version, now + timeouts.idle());
            if let Some(owner) = owner {
                draft = draft.owned_by(owner);
            }
            if let (Rotation::Renew, Some(old)) = (rotation, old) {
                draft = draft.fenced(old.epoch);
            }
            match writes::create(&self.config.store, &key, draft).await? {
                CreateOutcome::Created => {
                    return Ok(Successor {
                        id,
                        key,
                        version,
                        header,
                    });
                }
                CreateOutcome::Fenced => return Err(self.gone()),
                CreateOutcome::Exists => {}
            }
        }
        Err(StoreError::corrupt("new ids are taken").into())
    }

    /// Ends the old id. Writes that came since it was copied are copied too.
    async fn retire(
        &self,
        rotation: &Rotation,
        mut old: Snapshot,
        successor: &Successor,
        changes: &Changes,
        now: Timestamp,
    ) -> Result<(), SessionError> {
        if !old.payload.is_anonymous() {
            self.note_successor(&old.key, &successor.key, now).await?;
        }
        let mut copy = successor.version;
        for attempt in 0..COPIES {
            match writes::remove(&self.config.store, &old.key, Some(old.version)).await? {
                RemoveOutcome::Removed => return Ok(()),
                RemoveOutcome::Absent => return self.old_is_absent(rotation, successor).await,
                RemoveOutcome::Conflict(current) => {
                    let Ok(Some(current)) = Snapshot::of(current, now) else {
                        self.undo(successor).await?;
                        return Err(self.gone());
                    };
                    old = current;
                    copy = self
                        .copy_again(rotation, &old, successor, copy, changes, now)
                        .await?;
                }
            }
            back_off(attempt).await;
        }
        match rotation {
            // The id from before a login must not outlive it, even at the price of a write that came just now.
            Rotation::LogIn { .. } => {
                writes::remove(&self.config.store, &old.key, None).await?;
                Ok(())
            }
            Rotation::Renew => {
                self.undo(successor).await?;
                self.emit(EventKind::Contended);
                Err(SessionError::contended())
            }
        }
    }

    /// Somebody ended the old session meanwhile. A renewal does not undo that; a login stands on its own proof.
    async fn old_is_absent(&self, rotation: &Rotation, successor: &Successor) -> Result<(), SessionError> {
        match rotation {
            Rotation::LogIn { .. } => Ok(()),
            Rotation::Renew => {
                self.undo(successor).await?;
                Err(self.gone())
            }
        }
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
        match writes::replace(&self.config.store, &successor.key, copy, draft).await? {
            Replaced::Done => Ok(version),
            // Nobody else knows the new id: it was ended with everything of its owner.
            Replaced::Gone | Replaced::Conflict(_) | Replaced::Unclear(..) => Err(self.gone()),
        }
    }

    async fn note_successor(
        &self,
        old: &RecordKey,
        new: &RecordKey,
        now: Timestamp,
    ) -> Result<(), SessionError> {
        let note = Draft::new(successor::encode(new), Version::unique(), now + NOTE_KEPT);
        writes::create(
            &self.config.store,
            &successor::note_key(&self.config.notes, old),
            note,
        )
        .await?;
        Ok(())
    }

    /// The record under the new id goes; its secret was never sent.
    async fn undo(&self, successor: &Successor) -> Result<(), SessionError> {
        writes::remove(&self.config.store, &successor.key, None).await?;
        Ok(())
    }

    /// Ends the session under every id the request may have it under. In its turn and within the deadline.
    pub(super) async fn log_out(&self) -> Result<(), SessionError> {
        let keys = self.state().keys_to_remove(|id| id.key(&self.config.realm));
        let handle = self.handle();
        for key in keys {
            self.end(key).await?;
        }
        self.state().logged_out();
        self.config.emit(EventKind::LoggedOut, handle);
        Ok(())
    }

    /// Removes a record, or, if it was renewed a moment ago and the answer may still be on its way, its successor.
    async fn end(&self, mut key: RecordKey) -> Result<(), SessionError> {
        for _ in 0..RENEWALS_FOLLOWED {
            if writes::remove(&self.config.store, &key, None).await? != RemoveOutcome::Absent {
                return Ok(());
            }
            let note = successor::note_key(&self.config.notes, &key);
            let note = self.config.store.load(&note, Freshness::Strong).await?;
            match note.and_then(|note| successor::decode(&note.payload)) {
                Some(next) => key = next,
                None => return Ok(()),
            }
        }
        Ok(())
    }
}

/// What the successor holds: the old session's data with this request's changes, under `header`.
fn copied(rotation: &Rotation, old: Option<&Snapshot>, changes: &Changes, header: Header) -> Payload {
    let base = match (rotation, old) {
        (Rotation::Renew, Some(old)) => old.payload.clone().with_header(header),
        (
            Rotation::LogIn {
                principal,
                carries_data: true,
            },
            Some(old),
        ) => old.payload.clone().begun_anew(header, principal),
        (Rotation::LogIn { principal, .. }, _) => Payload::new(header, Some(principal)),
        (Rotation::Renew, None) => Payload::new(header, None::<&Principal>),
    };
    base.merge(changes)
}

const COPIES: u32 = 8;
const RENEWALS_FOLLOWED: u32 = 8;
/// Longer than an answer can be on its way.
const NOTE_KEPT: Duration = Duration::from_secs(300);
