use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use portcullis_core::{CreateOutcome, Draft, Epoch, Owner, RecordKey, Space, StoreError, Timestamp, Version};
use tokio::time::Instant;

use crate::{
    connection::{Failure, Link},
    keys::{Keys, Member},
    question::{Questions, Revocation},
    script::Scripts,
};

/// The removals of the last minute that this process was told are done.
///
/// A failover may lose what a master acknowledged but no replica had yet, and so undo a logout. A master that this
/// process has not met is therefore told of all of them again before anything else is asked of it. That is harmless where
/// nothing was lost: what is named is a record by its birth, epochs only rise, and a mark overwrites only what it overwrote before.
pub(crate) struct Removals {
    questions: Questions,
    recent: Mutex<VecDeque<(Instant, Removal)>>,
}

/// A removal that was acknowledged, or what is to be lost as little.
#[derive(Clone, Debug)]
pub(crate) enum Removal {
    One {
        key: RecordKey,
        created_at: Timestamp,
    },
    All {
        owner: Owner,
        epochs: Vec<(Space, Epoch)>,
    },
    /// Credentials that no record is kept of are revoked by one that is made.
    Mark(Mark),
}

/// A record of [`Space::Revoked`], as it was written.
#[derive(Clone, Debug)]
pub(crate) struct Mark {
    pub(crate) key: RecordKey,
    pub(crate) draft: Draft,
    pub(crate) written_at: Timestamp,
    /// What was there before, as far as this process knows.
    pub(crate) overwrote: Vec<Version>,
}

impl Removals {
    pub(crate) fn new(keys: Keys) -> Self {
        Self { questions: Questions::new(keys), recent: Mutex::default() }
    }

    pub(crate) fn note(&self, removal: Removal) {
        let now = Instant::now();
        let mut recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        while recent.front().is_some_and(|(at, _)| now.duration_since(*at) > REMEMBERED)
            || recent.len() >= MOST
        {
            recent.pop_front();
        }
        recent.push_back((now, removal));
    }

    /// Tells a server of all of them. What lies with another server is refused by this one, which is as it should be.
    pub(crate) async fn ask_again(&self, link: &Link, scripts: &Scripts) -> Result<(), StoreError> {
        let recent: Vec<Removal> = {
            let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
            let young = recent.iter().filter(|(at, _)| at.elapsed() <= REMEMBERED);
            last_marks(young.map(|(_, removal)| removal.clone()))
        };
        let asked = recent.iter().map(|removal| self.ask(link, scripts, removal));
        for answer in futures_util::future::join_all(asked).await {
            match answer {
                Ok(()) | Err(Failure::Moved(_) | Failure::Ask(_) | Failure::TryAgain) => {}
                Err(failure) => return Err(failure.into_error()),
            }
        }
        Ok(())
    }

    async fn ask(&self, link: &Link, scripts: &Scripts, removal: &Removal) -> Result<(), Failure> {
        match removal {
            Removal::One { key, created_at } => {
                link.call(&self.questions.remove_again(scripts, key, *created_at)).await?;
            }
            Removal::All { owner, epochs } => {
                let mut members: Vec<Member> = Vec::new();
                loop {
                    let question = self.questions.remove_all_again(scripts, owner, epochs, &members);
                    match Questions::removed_all(link.call(&question).await?).map_err(Failure::Refused)? {
                        Revocation::Done { .. } => break,
                        Revocation::Incomplete(found) => members = found,
                    }
                }
            }
            Removal::Mark(mark) => self.mark_again(link, scripts, mark).await?,
        }
        Ok(())
    }

    async fn mark_again(&self, link: &Link, scripts: &Scripts, mark: &Mark) -> Result<(), Failure> {
        let Mark { key, draft, written_at, overwrote } = mark;
        let create = link.call(&self.questions.create(scripts, key, draft, *written_at)).await?;
        if Questions::created(&create).map_err(Failure::Refused)? == CreateOutcome::Exists {
            let there = link.call(&self.questions.load(key)).await?;
            let there = Questions::loaded(key, there, *written_at).map_err(Failure::Refused)?;
            if let Some(before) = there.filter(|there| overwrote.contains(&there.version)) {
                link.call(&self.questions.replace(scripts, key, before.version, draft, *written_at)).await?;
            }
        }
        Ok(())
    }
}

/// Of several marks under one key the last: it was made of those before, which are what it may overwrite. None of one that was removed.
fn last_marks(removals: impl Iterator<Item = Removal>) -> Vec<Removal> {
    let mut last = Vec::new();
    let mut marks: HashMap<RecordKey, Mark> = HashMap::new();
    for removal in removals {
        match removal {
            Removal::Mark(mut mark) => {
                if let Some(before) = marks.remove(&mark.key) {
                    mark.overwrote.push(before.draft.version);
                    mark.overwrote.extend(before.overwrote);
                }
                marks.insert(mark.key, mark);
            }
            Removal::One { key, .. } => {
                marks.remove(&key);
                last.push(removal);
            }
            Removal::All { .. } => last.push(removal),
        }
    }
    last.extend(marks.into_values().map(Removal::Mark));
    last
}

const REMEMBERED: Duration = Duration::from_secs(60);
/// The memory of a minute is bounded too: some ten megabytes.
const MOST: usize = 100_000;
