use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use fastrand::Rng;
use portcullis_core::{
    CreateOutcome, Draft, Effect, ExtendOutcome, Freshness, Peek, Record, RecordKey, RemoveOutcome,
    ReplaceOutcome, SharedStore, StoreError, Timestamp, Version,
};

use super::specification::{Answer, Call, Held};

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
            _ => None,
        }
    }

    /// Which version this event shows.
    pub(super) fn seen(&self) -> Option<Version> {
        match self {
            Self::Answered(Answer::Loaded(Some(held)) | Answer::Conflict(held) | Answer::Removed(held)) => {
                Some(held.version)
            }
            _ => None,
        }
    }
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
        key: RecordKey,
        now: Timestamp,
        mut rng: Rng,
    ) {
        let mut notes = Vec::with_capacity(2 * CALLS);
        let mut known = Version::unique();
        for _ in 0..CALLS {
            let call = draw(&mut rng, known, now);
            let asked = self.number();
            match carry_out(&store, &key, call, rng.bool()).await {
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

    fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::SeqCst)
    }
}

fn draw(rng: &mut Rng, known: Version, now: Timestamp) -> Call {
    let expires_at = now + Duration::from_secs(rng.u64(60..120));
    let draft = Held { version: Version::unique(), expires_at };
    match rng.u8(0..12) {
        0..3 => Call::Load,
        3..6 => Call::Create(draft),
        6..9 => Call::Replace(known, draft),
        9 => Call::Extend(expires_at),
        10 => Call::Remove(Some(known)),
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
        _ => None,
    }
}

async fn carry_out(
    store: &SharedStore,
    key: &RecordKey,
    call: Call,
    peek: bool,
) -> Result<Answer, StoreError> {
    Ok(match call {
        Call::Load => Answer::Loaded(look(store, key, peek).await?.map(|record| held(&record))),
        Call::Create(draft) => match store.create(key, drafted(draft)).await? {
            CreateOutcome::Created => Answer::Created,
            CreateOutcome::Exists => Answer::Exists,
            CreateOutcome::Fenced => panic!("a creation without an owner was fenced"),
        },
        Call::Replace(expected, draft) => match store.replace(key, expected, drafted(draft)).await? {
            ReplaceOutcome::Replaced => Answer::Replaced,
            ReplaceOutcome::Conflict(record) => Answer::Conflict(held(&record)),
            ReplaceOutcome::Gone => Answer::Gone,
        },
        Call::Extend(expires_at) => match store.extend(key, expires_at).await? {
            ExtendOutcome::Extended => Answer::Extended,
            ExtendOutcome::NotNeeded => Answer::NotNeeded,
            ExtendOutcome::Gone => Answer::Gone,
        },
        Call::Remove(expected) => match store.remove(key, expected).await? {
            RemoveOutcome::Removed(record) => Answer::Removed(held(&record)),
            RemoveOutcome::Absent => Answer::Absent,
            RemoveOutcome::Conflict(record) => Answer::Conflict(held(&record)),
        },
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

fn drafted(held: Held) -> Draft {
    Draft::new(held.version.bits().to_be_bytes().to_vec(), held.version, held.expires_at)
}

fn held(record: &Record) -> Held {
    assert_eq!(record.payload[..], record.version.bits().to_be_bytes(), "a record of two writes was read");
    Held { version: record.version, expires_at: record.expires_at }
}

const CALLS: usize = 6;
