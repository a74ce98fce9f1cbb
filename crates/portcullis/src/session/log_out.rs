use std::collections::HashSet;

use portcullis_core::{
    Freshness, Owner, Peek, Record, RecordKey, RemoveOutcome, SharedStore, Space, Version,
};

use super::{
    config::Config, error::SessionError, slot::Slot, snapshot::Stored, tombstone::Tombstone, writes,
};
use crate::event::EventKind;

impl Slot {
    /// Ends the session under every id the request may have it under, and what a moved one goes on as. In its turn and within the
    /// deadline.
    pub(super) async fn log_out(&self) -> Result<(), SessionError> {
        let sessions = self.state().keys_to_end(|id| id.key(&self.config.realm));
        self.config.end(sessions, Along::Everything, EventKind::LoggedOut).await?;
        self.state().logged_out();
        Ok(())
    }

    /// Ends everything of whom the session belongs to, and so the session. Nobody has nothing else to end.
    pub(super) async fn log_out_everywhere(&self) -> Result<(), SessionError> {
        self.load_to_act().await?;
        let (owner, login, handle, is_gone) = {
            let state = self.state();
            (state.owner(), state.owner_of_login(), state.handle(), state.is_gone_for_good())
        };
        // Whose everything it was to be, nobody can tell any more.
        if is_gone {
            return Err(self.gone());
        }
        // Who is logged in by this request is meant, and the session there was before ends too.
        if let Some(login) = login.filter(|login| owner != Some(*login)) {
            self.config.end_everything(&login).await?;
        }
        match owner {
            Some(owner) => {
                self.config.end_everything(&owner).await?;
                self.state().logged_out();
            }
            None => self.log_out().await?,
        }
        if owner.or(login).is_some() {
            self.config.emit(EventKind::LoggedOutEverywhere, handle);
        }
        Ok(())
    }
}

/// Which successors of a session that was moved end with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Along {
    /// The session under its other ids.
    Renewals,
    /// What a later login of the same subject made of it, too.
    Everything,
}

impl Config {
    /// Removes sessions, and where they were moved, what they go on as.
    pub(super) async fn end(
        &self,
        mut sessions: Vec<(RecordKey, Option<Version>)>,
        along: Along,
        how: EventKind,
    ) -> Result<(), SessionError> {
        // Tombstones stay, and what a store was made to hold may lead in a circle.
        let mut done = HashSet::new();
        while let Some((key, seen)) = sessions.pop() {
            if !done.insert(key) {
                continue;
            }
            let Some(tombstone) = self.end_one(&key, seen, how).await? else {
                continue;
            };
            let successors = match along {
                Along::Renewals => tombstone.renewed_as().into_iter().collect(),
                Along::Everything => tombstone.successors,
            };
            sessions.extend(successors.into_iter().map(|successor| (successor, None)));
        }
        Ok(())
    }

    /// Removes what lives under `key`, or answers the tombstone there. That stays: somebody who logs out with the same id at the same
    /// time must find the way too, and so must whoever tries again after a failure half-way. For the same reason nothing is ever
    /// removed unseen, however often others write in between: they wait longer each time, and this does not.
    async fn end_one(
        &self,
        key: &RecordKey,
        mut seen: Option<Version>,
        how: EventKind,
    ) -> Result<Option<Tombstone>, SessionError> {
        loop {
            let version = match seen {
                Some(version) => version,
                None => match self.find(key).await? {
                    None => return Ok(None),
                    Some(found) => match self.tombstone(&found) {
                        Some(tombstone) => return Ok(Some(tombstone)),
                        None => found.version,
                    },
                },
            };
            match writes::remove(&self.store, key, Some(version)).await? {
                RemoveOutcome::Removed(record) => {
                    self.tell_of_the_end(record, how);
                    return Ok(None);
                }
                RemoveOutcome::Absent => return Ok(None),
                RemoveOutcome::Conflict(current) => match self.tombstone(&current) {
                    Some(tombstone) => return Ok(Some(tombstone)),
                    None => seen = Some(current.version),
                },
            }
        }
    }

    pub(super) async fn find(&self, key: &RecordKey) -> Result<Option<Record>, SessionError> {
        Ok(match self.store.peek(key, Freshness::Strong) {
            Peek::Hit(record, _) => Some(record),
            Peek::Absent => None,
            Peek::Unknown => self.store.load(key, Freshness::Strong).await?,
        })
    }

    fn tombstone(&self, record: &Record) -> Option<Tombstone> {
        match Stored::of(record.clone(), self.clock.now()) {
            Ok(Stored::Moved(tombstone)) => Some(tombstone),
            Ok(Stored::Live(_) | Stored::Over) | Err(_) => None,
        }
    }

    fn tell_of_the_end(&self, record: Record, how: EventKind) {
        if let Ok(Stored::Live(snapshot)) = Stored::of(record, self.clock.now()) {
            self.emit(how, Some(snapshot.payload.header.handle));
        }
    }

    /// Ends all sessions and refresh grants of `owner`; what is renewed meanwhile does not survive it.
    pub(super) async fn end_everything(&self, owner: &Owner) -> Result<(), SessionError> {
        end_everything(&self.store, owner).await
    }
}

/// Ends all sessions and refresh grants of `owner`.
pub(crate) async fn end_everything(store: &SharedStore, owner: &Owner) -> Result<(), SessionError> {
    writes::remove_all(store, owner, &[Space::Session, Space::Grant]).await?;
    Ok(())
}
