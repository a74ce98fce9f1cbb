use std::{collections::HashSet, time::Duration};

use bytes::Bytes;
use portcullis_core::{Draft, Epoch, Freshness, Record, RecordKey, StoreError, Timestamp, Version};

use super::{
    activity::Activity,
    changes::{Change, Changes},
    config::Config,
    error::SessionError,
    id::SessionId,
    record::{Header, Payload},
    slot::Slot,
    snapshot::{Snapshot, Stored},
    state::{Plan, Presence},
    tombstone::Tombstone,
    writes::{self, Created, Replaced},
};
use crate::event::EventKind;

/// What became of one attempt to update a key.
#[derive(Debug)]
pub(super) enum Updated {
    Stored,
    /// Another write came first, or may have: the value must be made anew.
    Again(Seen),
}

/// When the session was last looked at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Seen {
    /// Earlier in this request.
    Earlier,
    /// Within this operation, which has tried so often.
    Now(u32),
}

impl Slot {
    /// Does what this request wishes. In its turn and within the deadline.
    pub(super) async fn commit(&self) -> Result<(), SessionError> {
        let mut seen = Seen::Earlier;
        loop {
            let (plan, wishes) = {
                let state = self.state();
                (state.plan(), state.wishes.clone())
            };
            match (plan, &wishes.rotation) {
                (Plan::Rest, _) => return Ok(()),
                (Plan::Gone, _) => return Err(self.gone()),
                (Plan::Load, _) => {
                    self.load_from_store().await?;
                    seen = Seen::Now(0);
                }
                (Plan::Touch(key, expires_at), _) => self.touch(&key, expires_at).await,
                (Plan::Create, _) => self.create(&wishes.changes).await?,
                // Boxed, so that a plain write need not carry its size.
                (Plan::Rotate, Some(rotation)) => Box::pin(self.rotate(rotation, &wishes.changes)).await?,
                (Plan::Replace | Plan::Rotate, _) => self.replace(&wishes.changes, seen).await?,
            }
            if matches!(plan, Plan::Create | Plan::Replace | Plan::Rotate) {
                self.state().wishes.settle(&wishes);
            }
        }
    }

    /// Before an update: the session is known.
    pub(super) async fn begin_update(&self) -> Result<Seen, SessionError> {
        self.state().check_open()?;
        let seen = if self.state().is_known() { Seen::Earlier } else { Seen::Now(0) };
        self.load_from_store().await?;
        if self.state().is_gone_for_good() {
            return Err(self.gone());
        }
        self.state().check_may_begin()?;
        Ok(seen)
    }

    /// Stores `value` under `key` unless another write came first since the session was last seen; then it is seen anew.
    ///
    /// A session that a login of this request begins with nothing is nobody else's to change yet: there the value waits for the
    /// login.
    pub(super) async fn store_update(
        &self,
        key: &str,
        value: Bytes,
        folded_in: Option<Change>,
        seen: Seen,
    ) -> Result<Updated, SessionError> {
        if self.state().begins_with_nothing() {
            return self.state().change(key, Some(value)).map(|()| Updated::Stored);
        }
        let live = self.state().live().cloned();
        let change = Changes::only(key, value);
        let attempt = match (&live, seen) {
            (Some(snapshot), Seen::Earlier) if self.is_stale(snapshot, &change) => {
                return self.see_anew().await.map(|()| Updated::Again(Seen::Now(0)));
            }
            (_, Seen::Earlier) => 0,
            (_, Seen::Now(attempt)) => attempt,
        };
        match live {
            None => self.create(&change).await?,
            Some(snapshot) => match self.write(&snapshot, &change).await? {
                Written::Done => {}
                Written::Lost => {
                    self.after_conflict(attempt).await?;
                    return Ok(Updated::Again(Seen::Now(attempt + 1)));
                }
                // Storing once more could count twice.
                Written::Unclear(lost) => return Err(lost.into()),
            },
        }
        if let Some(folded_in) = folded_in {
            self.state().wishes.changes.settle_one(&folded_in);
        }
        Ok(Updated::Stored)
    }

    async fn create(&self, changes: &Changes) -> Result<(), SessionError> {
        let now = self.config.clock.now();
        let timeouts = self.config.timeouts;
        let fresh = || {
            let (id, handle) = SessionId::generate(&self.config.realm, None)?;
            let header = Header::begun(handle, now, now + timeouts.absolute(), &timeouts);
            let snapshot = Snapshot {
                key: id.key(&self.config.realm),
                version: Version::unique(),
                owner: None,
                epoch: Epoch::UNOWNED,
                expires_at: now + timeouts.idle(),
                payload: Payload::begun(header, None, &[], None, changes),
                seen_at: now,
            };
            let draft = Draft::new(snapshot.payload.encode(), snapshot.version, snapshot.expires_at);
            Ok((snapshot.key, draft, (id, snapshot)))
        };
        match writes::create(&self.config.store, fresh).await? {
            Created::New((id, snapshot)) => {
                let max_age = snapshot.max_age(now);
                self.state().moved_to(id, Presence::Live(snapshot), max_age);
                self.emit(EventKind::Created);
                Ok(())
            }
            // A record without an owner has no fence.
            Created::Fenced => Err(StoreError::corrupt("a fence without an owner").into()),
        }
    }

    pub(super) async fn replace(&self, changes: &Changes, mut seen: Seen) -> Result<(), SessionError> {
        loop {
            let live = self.state().live().cloned();
            let Some(snapshot) = live else {
                return Err(self.gone());
            };
            let attempt = match seen {
                Seen::Earlier if self.is_stale(&snapshot, changes) => {
                    self.see_anew().await?;
                    seen = Seen::Now(0);
                    continue;
                }
                Seen::Earlier => 0,
                Seen::Now(attempt) => attempt,
            };
            match self.write(&snapshot, changes).await? {
                Written::Done => return Ok(()),
                // Setting keys to values twice is setting them once.
                Written::Lost | Written::Unclear(_) => self.after_conflict(attempt).await?,
            }
            seen = Seen::Now(attempt + 1);
        }
    }

    /// Whether an earlier look does not do: there is nothing to write, but somebody else may have changed it since; or the write keeps
    /// the expiry, which a user may have moved on since, and no conflict would tell.
    fn is_stale(&self, snapshot: &Snapshot, changes: &Changes) -> bool {
        snapshot.payload.satisfies(changes) || self.state().activity() == Activity::Background
    }

    /// One attempt to put `changes` onto `snapshot`; on a conflict the state holds what is stored now.
    async fn write(&self, snapshot: &Snapshot, changes: &Changes) -> Result<Written, SessionError> {
        let now = self.config.clock.now();
        if snapshot.is_over(now) {
            return Err(self.gone());
        }
        if snapshot.payload.satisfies(changes) {
            return Ok(Written::Done);
        }
        let expires_at = match self.state().activity() {
            Activity::Use => now + snapshot.payload.header.idle,
            Activity::Background => snapshot.expires_at,
        };
        let next = Snapshot {
            version: Version::unique(),
            expires_at,
            payload: snapshot.payload.merge(changes),
            seen_at: now,
            ..snapshot.clone()
        };
        let draft = Draft::new(next.payload.encode(), next.version, next.expires_at);
        let (current, written) =
            match writes::replace(&self.config.store, &snapshot.key, snapshot.version, draft).await? {
                Replaced::Done => {
                    self.state().became(next);
                    return Ok(Written::Done);
                }
                Replaced::Gone => return Err(self.gone()),
                Replaced::Conflict(current) => (current, Written::Lost),
                Replaced::Unclear(current, lost) => (current, Written::Unclear(lost)),
            };
        let current = self.current(current).await?;
        self.state().became(current);
        Ok(written)
    }

    /// What a record, found where the session was, says of it now.
    pub(super) async fn current(&self, record: Record) -> Result<Snapshot, SessionError> {
        let current = match Stored::of(record, self.config.clock.now()) {
            Ok(Stored::Live(current)) => Some(current),
            Ok(Stored::Moved(tombstone)) => self.config.follow(&tombstone).await?,
            Ok(Stored::Over) | Err(_) => None,
        };
        current.ok_or_else(|| self.gone())
    }

    /// Prepares the next attempt: with the record that the conflict brought along, or, once that was in vain, with what is stored
    /// after a while.
    pub(super) async fn after_conflict(&self, attempt: u32) -> Result<(), SessionError> {
        if attempt < AT_ONCE {
            return Ok(());
        }
        // A random while that grows; a version's bits are as good as dice.
        let longest_millis = 1_u64 << attempt.min(5);
        tokio::time::sleep(Duration::from_millis(Version::unique().bits() % longest_millis)).await;
        self.see_anew().await
    }

    /// Loads the session once more. It was there before, so if it is not now it was ended.
    pub(super) async fn see_anew(&self) -> Result<(), SessionError> {
        let known = self.state().live().map(|snapshot| snapshot.key);
        let Some(key) = known else { return Ok(()) };
        let Some(record) = self.config.store.load(&key, Freshness::Strong).await? else {
            return Err(self.gone());
        };
        let current = self.current(record).await?;
        self.state().became(current);
        Ok(())
    }

    /// Notes that the session is in use. A failure shortens the session's life and nothing else, so the response is sent.
    async fn touch(&self, key: &RecordKey, expires_at: Timestamp) {
        if self.config.store.extend(key, expires_at).await.is_err() {
            self.emit(EventKind::TouchFailed);
        }
        self.state().noted(expires_at);
    }

    /// The session was ended by somebody else: what this request wanted of it is dropped, and nothing is created anew.
    pub(super) fn gone(&self) -> SessionError {
        self.emit(EventKind::Gone);
        self.state().ended();
        SessionError::gone()
    }
}

impl Config {
    /// The session that a renewed one goes on as. What began under an id from before a login follows nowhere.
    pub(super) async fn follow(&self, tombstone: &Tombstone) -> Result<Option<Snapshot>, SessionError> {
        let mut next = tombstone.renewed_as();
        // Five minutes of renewals make a chain that is too long to be searched at each step.
        let mut followed = HashSet::new();
        while let Some(key) = next {
            // No renewal leads back. What does is a defect or a forgery, and would be followed for ever.
            if !followed.insert(key) {
                return Ok(None);
            }
            let record = self.store.load(&key, Freshness::Strong).await?;
            match record.map(|record| Stored::of(record, self.clock.now())) {
                Some(Ok(Stored::Live(snapshot))) => return Ok(Some(snapshot)),
                Some(Ok(Stored::Moved(tombstone))) => next = tombstone.renewed_as(),
                Some(Ok(Stored::Over) | Err(_)) | None => return Ok(None),
            }
        }
        Ok(None)
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

/// How often a conflict is answered at once with what it brought along. Who still loses then is one of many, and waiting pays.
const AT_ONCE: u32 = 2;
