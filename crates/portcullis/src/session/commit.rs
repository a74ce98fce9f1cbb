use std::time::Duration;

use bytes::Bytes;
use portcullis_core::{CreateOutcome, Draft, ExtendOutcome, RecordKey, StoreError, Timestamp, Version};

use super::{
    changes::{Change, Changes},
    error::SessionError,
    id::SessionId,
    record::{Header, Payload},
    slot::Slot,
    state::{Plan, Presence, Snapshot, Wishes},
    writes::{self, Replaced},
};
use crate::event::EventKind;

impl Slot {
    /// Does what this request wishes. In its turn and within the deadline.
    pub(super) async fn commit(&self) -> Result<(), SessionError> {
        loop {
            let plan = self.state().plan();
            match plan {
                Plan::Rest => return Ok(()),
                Plan::Load => self.load_from_store().await?,
                Plan::Touch(key, expires_at) => {
                    self.touch(&key, expires_at).await;
                    return Ok(());
                }
                Plan::Create | Plan::Replace | Plan::Rotate => return self.write_wishes(&plan).await,
            }
        }
    }

    /// Takes the request's wishes and makes them true; puts them back if that may succeed later.
    async fn write_wishes(&self, plan: &Plan) -> Result<(), SessionError> {
        let wishes = std::mem::take(&mut self.state().wishes);
        let written = match (plan, &wishes.rotation) {
            (_, Some(rotation)) => self.rotate(rotation, &wishes.changes).await,
            (Plan::Create, None) => self.create(&wishes.changes).await,
            (_, None) => self.replace(&wishes.changes).await,
        };
        if written.as_ref().is_err_and(SessionError::is_outage) {
            self.state().wishes.restore(wishes);
        }
        written
    }

    /// Before an update: the session is known, and a login or renewal that was asked for has happened.
    pub(super) async fn begin_update(&self) -> Result<(), SessionError> {
        self.state().check_open()?;
        if self.state().wishes.rotation.is_some() {
            self.commit().await?;
        }
        self.load_from_store().await
    }

    /// Stores `value` under `key` unless another write came first since the session was last seen; then it is seen anew.
    pub(super) async fn store_update(
        &self,
        key: &str,
        value: Bytes,
        attempt: u32,
    ) -> Result<bool, SessionError> {
        let change = Changes::from(Change {
            key: key.into(),
            value: Some(value),
        });
        let live = self.state().live().cloned();
        let stored = match live {
            None => {
                self.create(&change).await?;
                true
            }
            Some(snapshot) => match self.write(&snapshot, &change).await? {
                Written::Done => true,
                Written::Lost => false,
                // Storing once more could count twice.
                Written::Unclear(lost) => return Err(lost.into()),
            },
        };
        if stored {
            self.state().wishes.changes.forget(key);
        } else {
            back_off(attempt).await;
        }
        Ok(stored)
    }

    async fn create(&self, changes: &Changes) -> Result<(), SessionError> {
        let now = self.config.clock.now();
        let timeouts = self.config.timeouts;
        for _ in 0..COLLISIONS {
            let (id, handle) = SessionId::generate(&self.config.realm, None)?;
            let header = Header {
                handle,
                absolute_end: now + timeouts.absolute(),
                idle: timeouts.idle(),
            };
            let snapshot = Snapshot {
                key: id.key(&self.config.realm),
                version: Version::unique(),
                owner: None,
                epoch: portcullis_core::Epoch::UNOWNED,
                expires_at: now + timeouts.idle(),
                payload: Payload::new(header, None).merge(changes),
                seen_at: now,
            };
            let draft = Draft::new(snapshot.payload.encode(), snapshot.version, snapshot.expires_at);
            if writes::create(&self.config.store, &snapshot.key, draft).await? == CreateOutcome::Created {
                self.state().moved_to(id, Presence::Live(Box::new(snapshot)));
                self.emit(EventKind::Created);
                return Ok(());
            }
        }
        Err(StoreError::corrupt("new ids are taken").into())
    }

    async fn replace(&self, changes: &Changes) -> Result<(), SessionError> {
        for attempt in 0.. {
            let live = self.state().live().cloned();
            let Some(snapshot) = live else { break };
            match self.write(&snapshot, changes).await? {
                Written::Done => break,
                // Setting keys to values twice is setting them once.
                Written::Lost | Written::Unclear(_) => back_off(attempt).await,
            }
        }
        Ok(())
    }

    /// One attempt to put `changes` onto `snapshot`; on a conflict the state holds what is stored now.
    async fn write(&self, snapshot: &Snapshot, changes: &Changes) -> Result<Written, SessionError> {
        let mut payload = snapshot.payload.merge(changes);
        if payload.has_same_data(&snapshot.payload) {
            return Ok(Written::Done);
        }
        let now = self.config.clock.now();
        let idle = self.config.timeouts.idle();
        payload.header.idle = idle;
        let next = Snapshot {
            version: Version::unique(),
            expires_at: now + idle,
            payload,
            seen_at: now,
            ..snapshot.clone()
        };
        let draft = Draft::new(next.payload.encode(), next.version, next.expires_at);
        let (current, written) =
            match writes::replace(&self.config.store, &snapshot.key, snapshot.version, draft).await? {
                Replaced::Done => {
                    self.state().presence = Presence::Live(Box::new(next));
                    return Ok(Written::Done);
                }
                Replaced::Gone => return Err(self.gone()),
                Replaced::Conflict(current) => (current, Written::Lost),
                Replaced::Unclear(current, lost) => (current, Written::Unclear(lost)),
            };
        let Ok(Some(current)) = Snapshot::of(*current, now) else {
            return Err(self.gone());
        };
        self.state().presence = Presence::Live(Box::new(current));
        Ok(written)
    }

    /// Notes that the session is in use. A failure shortens the session's life and nothing else, so the response is sent.
    async fn touch(&self, key: &RecordKey, expires_at: Timestamp) {
        match self.config.store.extend(key, expires_at).await {
            Ok(ExtendOutcome::Extended | ExtendOutcome::NotNeeded | ExtendOutcome::Gone) => {}
            Err(_outage) => self.emit(EventKind::TouchFailed),
        }
    }

    /// The session was ended by somebody else: what this request wanted of it is dropped, and nothing is created anew.
    pub(super) fn gone(&self) -> SessionError {
        self.emit(EventKind::Gone);
        let mut state = self.state();
        state.presence = Presence::Absent;
        state.wishes = Wishes::default();
        SessionError::gone()
    }
}

/// What became of one attempt to write.
#[derive(Debug)]
enum Written {
    Done,
    /// Another write came first.
    Lost,
    /// The answer was lost, and another write is there now.
    Unclear(StoreError),
}

/// Lets others pass: not at all at first, then a random while that grows. A version's bits are as good as dice.
pub(super) async fn back_off(attempt: u32) {
    if attempt >= 2 {
        let longest_millis = 1_u64 << attempt.min(6);
        tokio::time::sleep(Duration::from_millis(Version::unique().bits() % longest_millis)).await;
    }
}

/// Two ids of 256 bits never collide; a store that says so three times is broken.
pub(super) const COLLISIONS: u32 = 3;
