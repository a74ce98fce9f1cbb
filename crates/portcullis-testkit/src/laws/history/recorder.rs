use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use fastrand::Rng;
use portcullis_core::{
    CreateOutcome, Draft, Effect, ExtendOutcome, Freshness, Owner, Peek, Record, RecordKey,
    RemoveOthersOutcome, RemoveOutcome, ReplaceOutcome, SharedStore, Space, StoreError, Timestamp, Version,
};

use super::{
    super::case::Verdict,
    specification::{Answer, Call, Held},
};

/// Writes down what threads ask a store and what it answers, in the order it happened.
///
/// A thread keeps its own notes and only draws numbers from the counter that all share: one list under a lock would keep
/// the threads from meeting in the store.
#[derive(Clone, Debug, Default)]
pub(super) struct Recorder {
    next: Arc<AtomicU64>,
    notes: Arc<Mutex<Vec<(u64, usize, Event)>>>,
}

#[derive(Clone, Debug)]
pub(super) enum Event {
    Asked(Call),
    Answered(Answer),
}

impl Event {
    /// Which version this event tries to write.
    pub(super) fn written(&self) -> Option<Version> {
        match self {
            Self::Asked(Call::Create(draft) | Call::Replace(_, draft)) => Some(draft.version),
            Self::Asked(Call::RemoveOthers(_, version)) => Some(*version),
            _ => None,
        }
    }

    /// What this event shows.
    pub(super) fn seen(&self) -> Option<Held> {
        match self {
            Self::Answered(Answer::Loaded(Some(held)) | Answer::Conflict(held) | Answer::Removed(held)) => {
                Some(*held)
            }
            _ => None,
        }
    }
}

/// The place that the calls are about, and who owns what is created there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) key: RecordKey,
    pub(super) owner: Option<Owner>,
}

impl Recorder {
    pub(super) fn in_order(&self) -> Vec<(usize, Event)> {
        let mut notes = std::mem::take(&mut *self.notes.lock().unwrap_or_else(PoisonError::into_inner));
        notes.sort_by_key(|(number, ..)| *number);
        notes.into_iter().map(|(_, thread, event)| (thread, event)).collect()
    }

    /// Makes calls drawn from `rng`.
    pub(super) async fn record(
        self,
        thread: usize,
        store: SharedStore,
        place: Place,
        now: Timestamp,
        mut rng: Rng,
    ) {
        let mut notes = Vec::with_capacity(2 * CALLS);
        let mut known = Version::unique();
        for _ in 0..CALLS {
            let call = draw(&mut rng, known, now);
            let asked = self.number();
            match carry_out(&store, place, call, rng.bool()).await {
                Ok(answer) => {
                    known = known_after(call, answer).unwrap_or(known);
                    notes.push((asked, thread, Event::Asked(call)));
                    notes.push((self.number(), thread, Event::Answered(answer)));
                }
                Err(error) if error.effect() == Effect::NotApplied => {}
                Err(_) => {
                    // It may take effect at any time from now on; the thread cannot go on beside its own call.
                    notes.push((asked, thread, Event::Asked(call)));
                    break;
                }
            }
        }
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).extend(notes);
    }

    /// Loads once more, as a thread that came when all others had been answered or had given up.
    pub(super) async fn look(&self, thread: usize, store: &SharedStore, key: &RecordKey) -> Verdict {
        let asked = self.number();
        let there = store.load(key, Freshness::Strong).await?;
        let answer = Answer::Loaded(there.map(|record| held(key, &record)));
        self.notes.lock().unwrap_or_else(PoisonError::into_inner).extend([
            (asked, thread, Event::Asked(Call::Load)),
            (self.number(), thread, Event::Answered(answer)),
        ]);
        Ok(())
    }

    fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::SeqCst)
    }
}

fn draw(rng: &mut Rng, known: Version, now: Timestamp) -> Call {
    let expires_at = now + Duration::from_secs(rng.u64(60..120));
    let version = Version::unique();
    let draft = Held { payload: version, version, expires_at };
    match rng.u8(0..13) {
        0..3 => Call::Load,
        3..6 => Call::Create(draft),
        6..9 => Call::Replace(known, draft),
        9 => Call::Extend(expires_at),
        10 => Call::Remove(Some(known)),
        11 => Call::RemoveOthers(known, version),
        _ => Call::Remove(None),
    }
}

/// The version that the thread would name next.
fn known_after(call: Call, answer: Answer) -> Option<Version> {
    match (call, answer) {
        (_, Answer::Loaded(Some(held)) | Answer::Conflict(held)) => Some(held.version),
        (Call::Create(draft), Answer::Created) | (Call::Replace(_, draft), Answer::Replaced) => {
            Some(draft.version)
        }
        (Call::RemoveOthers(_, version), Answer::Spared) => Some(version),
        _ => None,
    }
}

async fn carry_out(
    store: &SharedStore,
    Place { key, owner }: Place,
    call: Call,
    peek: bool,
) -> Result<Answer, StoreError> {
    Ok(match call {
        Call::Load => Answer::Loaded(look(store, &key, peek).await?.map(|record| held(&key, &record))),
        Call::Create(draft) => match store.create(&key, drafted(draft, owner)).await? {
            CreateOutcome::Created => Answer::Created,
            CreateOutcome::Exists => Answer::Exists,
            CreateOutcome::Fenced => panic!("a creation without a fence was fenced"),
        },
        Call::Replace(expected, draft) => match store.replace(&key, expected, drafted(draft, owner)).await? {
            ReplaceOutcome::Replaced => Answer::Replaced,
            ReplaceOutcome::Conflict(record) => Answer::Conflict(held(&key, &record)),
            ReplaceOutcome::Gone => Answer::Gone,
        },
        Call::Extend(expires_at) => match store.extend(&key, expires_at).await? {
            ExtendOutcome::Extended => Answer::Extended,
            ExtendOutcome::NotNeeded => Answer::NotNeeded,
            ExtendOutcome::Gone => Answer::Gone,
        },
        Call::Remove(expected) => match store.remove(&key, expected).await? {
            RemoveOutcome::Removed(record) => Answer::Removed(held(&key, &record)),
            RemoveOutcome::Absent => Answer::Absent,
            RemoveOutcome::Conflict(record) => Answer::Conflict(held(&key, &record)),
        },
        Call::RemoveOthers(expected, version) => {
            match store.remove_others(&key, expected, version, &[Space::Session]).await? {
                RemoveOthersOutcome::Removed(_) => Answer::Spared,
                RemoveOthersOutcome::Conflict(record) => Answer::Conflict(held(&key, &record)),
                RemoveOthersOutcome::Gone => Answer::Gone,
            }
        }
    })
}

/// A strong look, by `peek` first if told so: its answers take part in the same order.
async fn look(store: &SharedStore, key: &RecordKey, peek: bool) -> Result<Option<Record>, StoreError> {
    if peek {
        match store.peek(key, Freshness::Strong) {
            Peek::Hit(record, _) => return Ok(Some(record)),
            Peek::Absent => return Ok(None),
            Peek::Unknown => {}
        }
    }
    store.load(key, Freshness::Strong).await
}

fn drafted(held: Held, owner: Option<Owner>) -> Draft {
    let mut draft = Draft::new(held.payload.bits().to_be_bytes().to_vec(), held.version, held.expires_at);
    draft.owner = owner;
    draft
}

fn held(key: &RecordKey, record: &Record) -> Held {
    assert_eq!(record.key, *key, "another record was read");
    let payload = record.payload[..].try_into().map(u64::from_be_bytes);
    let payload = payload.unwrap_or_else(|_| panic!("what was read is not as long as what was written"));
    Held { payload: Version::from_bits(payload), version: record.version, expires_at: record.expires_at }
}

const CALLS: usize = 6;
