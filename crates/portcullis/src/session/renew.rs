use std::time::Duration;

use portcullis_core::{Draft, Effect, Record, RecordKey, StoreError, Timestamp, Version};

use super::{
    activity::Activity,
    changes::Changes,
    commit::Seen,
    error::{SessionError, SessionErrorKind},
    id::SessionId,
    record::{Header, Payload},
    slot::Slot,
    snapshot::{Snapshot, Stored},
    state::{NewLogin, Presence, Rotation},
    tombstone::{Reason, Tombstone},
    writes::{self, Created, Replaced},
};
use crate::{deadline, event::EventKind, identity::Principal};

impl Slot {
    /// Gives the session a new id: new record first, then the old one is ended at the version that was copied, so no
    /// concurrent write is lost and at every moment one of the two ids works.
    pub(super) async fn rotate(&self, rotation: &Rotation, changes: &Changes) -> Result<(), SessionError> {
        let keeps_expiry =
            matches!(rotation, Rotation::Renew) && self.state().activity() == Activity::Background;
        if keeps_expiry {
            // A user may have moved it on since the session was loaded.
            self.see_anew().await?;
        }
        let old = self.state().live().cloned();
        let now = self.config.clock.now();
        let over = old.as_ref().is_some_and(|old| old.is_over(now));
        if over && matches!(rotation, Rotation::Renew) {
            return Err(self.gone());
        }
        let mut successor = Successor::create(self, rotation, changes, old.as_ref()).await?;
        if let Rotation::LogIn(login) = rotation {
            self.make_room(login, &successor, old.as_ref()).await?;
        }
        let retired = match old {
            None => {
                self.supersede_by(&successor).await?;
                Retired::Done
            }
            Some(old) => successor.retire(old).await?,
        };
        match retired {
            Retired::Done => {}
            Retired::Elsewhere(own, snapshot) => {
                match own {
                    Some(id) => {
                        let max_age = snapshot.max_age(now);
                        self.state().moved_to(id, Presence::Live(*snapshot), max_age);
                    }
                    None => self.state().became(*snapshot),
                }
                return self.replace(changes, Seen::Now(0)).await;
            }
        }
        let handle = Some(successor.header.handle);
        // Loaded anew if this request asks again: which epoch a login was stamped with, the store knows.
        self.state().moved_to(successor.id, Presence::Unknown, successor.header.max_age(now));
        let event = match rotation {
            Rotation::Renew => EventKind::Renewed,
            Rotation::LogIn(_) => EventKind::LoggedIn,
        };
        self.config.emit(event, handle);
        Ok(())
    }

    /// Ends what the request's ids lead to, if a login finds that they are of no session and yet of one.
    async fn supersede_by(&self, successor: &Successor<'_>) -> Result<(), SessionError> {
        let Rotation::LogIn(login) = successor.rotation else { return Ok(()) };
        if !self.state().is_contested() {
            return Ok(());
        }
        let superseded = self.supersede(&login.principal.owner(), successor.key).await;
        if superseded.is_err() {
            successor.undo().await.ok();
        }
        superseded
    }

    /// Ends what the limit of sessions does not leave room for, be it the new one.
    async fn make_room(
        &self,
        login: &NewLogin,
        newcomer: &Successor<'_>,
        old: Option<&Snapshot>,
    ) -> Result<(), SessionError> {
        let owner = login.principal.owner();
        let room = self.config.make_room(&owner, newcomer.header.handle, old);
        // Time is left to take the newcomer back: nobody has its id, and it would count against the next attempt.
        let Err(error) = deadline::within(self.config.deadline * 3 / 4, room).await else {
            return Ok(());
        };
        newcomer.undo().await.ok();
        if error.kind() == SessionErrorKind::TooManySessions {
            // The handler is told, and may answer in its own words.
            self.state().withdraw();
        }
        Err(error)
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
    /// It was renewed before, and the session goes on there: by this request without learning so, under the id that it made then, or by
    /// another one, which hands its id over itself.
    Elsewhere(Option<SessionId>, Box<Snapshot>),
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
        let (owner, fence) = match rotation {
            Rotation::LogIn(login) => (Some(login.principal.owner()), None),
            Rotation::Renew => old.map_or((None, None), |old| (old.owner, Some(old.epoch))),
        };
        let mut named = None;
        let fresh = || {
            let (id, handle) = SessionId::generate(&slot.config.realm, owner.as_ref())?;
            // If an answer is lost, what may lie under the first id is the same session: it counts, is listed and ends once.
            let handle = *named.get_or_insert(handle);
            let header = match (rotation, old) {
                (Rotation::Renew, Some(old)) => old.payload.header,
                (Rotation::Renew, None) => {
                    Header::begun(handle, now, now + slot.config.timeouts.absolute(), &slot.config.timeouts)
                }
                (Rotation::LogIn(login), _) => {
                    let absolute_end = login.timeouts.absolute_end(&login.principal, now);
                    Header::begun(handle, now, absolute_end, &login.timeouts)
                }
            };
            let (key, version) = (id.key(&slot.config.realm), Version::unique());
            let successor = Self { slot, rotation, changes, now, id, key, version, header };
            let mut draft = successor.draft(old, version);
            draft.owner = owner;
            draft.fence = fence;
            Ok((key, draft, successor))
        };
        match writes::create(&slot.config.store, fresh).await? {
            Created::New(successor) => {
                if matches!(rotation, Rotation::Renew) {
                    slot.state().minted.push((successor.key, successor.id.clone()));
                }
                Ok(successor)
            }
            Created::Fenced => Err(slot.gone()),
        }
    }

    /// Ends the old id. Writes that came since it was copied are copied too.
    async fn retire(&mut self, mut old: Snapshot) -> Result<Retired, SessionError> {
        let mut others = Vec::new();
        let mut attempt = 0;
        loop {
            let current = match self.bury(&old, &others).await {
                Ok(Buried::Done) => return Ok(Retired::Done),
                Ok(Buried::Absent) => return self.old_is_gone().await,
                Ok(Buried::Conflict(current)) => current,
                Err(failure) => return Err(self.abandon(failure).await),
            };
            attempt += 1;
            let version = current.version;
            let there = match Stored::of(current, self.now) {
                Ok(Stored::Live(current)) => {
                    old = self.copy_again(current, attempt).await?;
                    continue;
                }
                Ok(Stored::Moved(there)) if there.leads_to(&self.key) => return Ok(Retired::Done),
                Ok(Stored::Moved(there)) => there,
                Ok(Stored::Over) | Err(_) => return self.old_is_gone().await,
            };
            if matches!(self.rotation, Rotation::Renew) {
                self.undo().await?;
                return self.where_it_goes_on(&there).await;
            }
            match self.slot.config.follow(&there).await? {
                // Renewed meanwhile: what it goes on as ends instead.
                Some(goes_on) => old = self.copy_again(goes_on, attempt).await?,
                // Two logins at once: a logout with the old cookie ends what came of both.
                None => {
                    old.version = version;
                    others = there.successors;
                }
            }
        }
    }

    /// Puts a tombstone in place of the record at the version that was copied.
    async fn bury(&self, old: &Snapshot, others: &[RecordKey]) -> Result<Buried, StoreError> {
        let (reason, leads_on) = match self.rotation {
            Rotation::Renew => (Reason::Renewed, true),
            // Who planted the id, of nobody's session or of one of his own, must not be able to end what its victim logged in to.
            Rotation::LogIn(login) => (
                Reason::LoggedIn,
                old.payload.principal().is_some_and(|before| before.is_same_subject(&login.principal)),
            ),
        };
        let own = leads_on.then_some(self.key);
        let successors = own.into_iter().chain(others.iter().copied()).collect();
        let until = self.now + TOMBSTONE_KEPT;
        let draft = Draft::new(Tombstone { reason, until, successors }.encode(), Version::unique(), until);
        Ok(match writes::replace(&self.slot.config.store, &old.key, old.version, draft).await? {
            Replaced::Done => Buried::Done,
            Replaced::Gone => Buried::Absent,
            Replaced::Conflict(current) | Replaced::Unclear(current, _) => Buried::Conflict(current),
        })
    }

    /// The session was renewed already, by another request or by this one.
    async fn where_it_goes_on(&self, there: &Tombstone) -> Result<Retired, SessionError> {
        let own =
            self.slot.state().minted.iter().find(|(key, _)| there.leads_to(key)).map(|(_, id)| id.clone());
        let goes_on = self.slot.config.follow(there).await?;
        goes_on.map(|snapshot| Retired::Elsewhere(own, Box::new(snapshot))).ok_or_else(|| self.slot.gone())
    }

    /// Copies what is stored under the old id by now. If that changes all the time, a renewal is given up; a login goes on without,
    /// because the id from before it must not outlive it, even at the price of a write that came just now.
    async fn copy_again(&mut self, old: Snapshot, attempt: u32) -> Result<Snapshot, SessionError> {
        if attempt > COPIES {
            return match self.rotation {
                Rotation::LogIn(_) => Ok(old),
                Rotation::Renew => {
                    self.undo().await?;
                    self.slot.emit(EventKind::Contended);
                    Err(SessionError::contended())
                }
            };
        }
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
            Rotation::LogIn(_) => Ok(Retired::Done),
            Rotation::Renew => {
                self.undo().await?;
                Err(self.slot.gone())
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
        let payload = match (self.rotation, old) {
            (Rotation::Renew, Some(old)) => old.payload.merge(self.changes),
            (Rotation::Renew, None) => Payload::begun(self.header, None, &[], None, self.changes),
            (Rotation::LogIn(login), old) => {
                let is_theirs = |before: &Principal| before.is_same_subject(&login.principal);
                let carried = old.map(|old| &old.payload).filter(|payload| {
                    login.carries_data && payload.principal().is_none_or(|before| is_theirs(&before))
                });
                Payload::begun(self.header, Some(&login.principal), &login.client, carried, self.changes)
            }
        };
        let expires_at = match (self.rotation, old, self.slot.state().activity()) {
            (Rotation::Renew, Some(old), Activity::Background) => old.expires_at,
            _ => self.now + self.header.idle,
        };
        Draft::new(payload.encode(), version, expires_at)
    }
}

const COPIES: u32 = 8;
/// Longer than an answer can be on its way.
pub(super) const TOMBSTONE_KEPT: Duration = Duration::from_secs(300);
