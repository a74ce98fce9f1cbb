//! Dropped calls: each took effect or did not, and its reply reaches nobody else.

use std::{future::poll_fn, pin::pin, task::Poll};

use fastrand::Rng;
use portcullis_core::{
    Draft, Freshness, Owner, Page, Record, RecordKey, SharedStore, Space, StoreError, Timestamp, Version,
};

use super::{
    case::{Case, HOUR, Verdict},
    contenders::at_once,
};

/// Each kind of write is dropped after its first poll, its second, and so on until it is done; what is there then is one
/// of the two states it may have left, and the store goes on with it.
pub async fn a_dropped_call_took_effect_or_did_not(case: &Case) -> Verdict {
    for polls in 0..MOST_POLLS {
        let done = [
            dropped_create(case, polls).await?,
            dropped_replace(case, polls).await?,
            dropped_extend(case, polls).await?,
            dropped_remove(case, polls).await?,
            dropped_remove_all(case, polls).await?,
        ];
        if done == [true; 5] {
            return Ok(());
        }
    }
    Ok(())
}

async fn dropped_create(case: &Case, polls: usize) -> Result<bool, StoreError> {
    let owner = case.owner();
    let key = RecordKey::owned(Space::Session, &owner, case.id());
    let draft = case.draft().owned_by(owner);
    let answer = cut_short(polls, case.store().create(&key, draft.clone())).await.transpose()?;
    let there = case.load(&key).await?;
    assert!(there.is_some() || answer.is_none(), "a creation that was answered is there");
    if let Some(record) = &there {
        assert_eq!(record, &Record::created(key, draft, case.now(), record.epoch));
    }
    if let Some(listed) = case.listed(&owner, Space::Session, 10).await? {
        let ids: Vec<_> = listed.iter().map(|record| record.key).collect();
        assert!(ids.is_empty() && there.is_none() || ids == [key], "it is in the index if it is there");
    }
    Ok(answer.is_some())
}

async fn dropped_replace(case: &Case, polls: usize) -> Result<bool, StoreError> {
    let old = case.created().await?;
    let draft = case.draft();
    let new = old.clone().replaced(draft.clone());
    let answer = cut_short(polls, case.store().replace(&old.key, old.version, draft)).await.transpose()?;
    let allowed = if answer.is_some() { vec![new] } else { vec![old.clone(), new] };
    assert_one_of(case, &old.key, allowed.into_iter().map(Some)).await?;
    Ok(answer.is_some())
}

async fn dropped_extend(case: &Case, polls: usize) -> Result<bool, StoreError> {
    let old = case.created().await?;
    let later = old.expires_at + HOUR;
    let answer = cut_short(polls, case.store().extend(&old.key, later)).await.transpose()?;
    let mut new = old.clone();
    new.expires_at = later;
    let allowed = if answer.is_some() { vec![new] } else { vec![old.clone(), new] };
    assert_one_of(case, &old.key, allowed.into_iter().map(Some)).await?;
    Ok(answer.is_some())
}

async fn dropped_remove(case: &Case, polls: usize) -> Result<bool, StoreError> {
    let old = case.created().await?;
    let answer = cut_short(polls, case.store().remove(&old.key, None)).await.transpose()?;
    let allowed = if answer.is_some() { vec![None] } else { vec![Some(old.clone()), None] };
    assert_one_of(case, &old.key, allowed).await?;
    case.store().remove(&old.key, None).await?;
    assert_eq!(case.load(&old.key).await?, None);
    Ok(answer.is_some())
}

async fn dropped_remove_all(case: &Case, polls: usize) -> Result<bool, StoreError> {
    let owner = case.owner();
    let (session, grant) =
        (case.created_for(&owner, Space::Session).await?, case.created_for(&owner, Space::Grant).await?);
    let answer = cut_short(polls, case.store().remove_all(&owner, &[Space::Session, Space::Grant]))
        .await
        .transpose()?;
    // One atomic step raises both epochs, so what was read first says what is read second, or it happened in between.
    let (first, second) = (case.load(&session.key).await?, case.load(&grant.key).await?);
    assert!(first.is_some() || second.is_none(), "the epochs of all named spaces rise in one step");
    assert!(answer.is_none() || first.is_none() && second.is_none());
    case.store().remove_all(&owner, &[Space::Session, Space::Grant]).await?;
    assert_eq!((case.load(&session.key).await?, case.load(&grant.key).await?), (None, None));
    Ok(answer.is_some())
}

/// Asked twice: a call that was dropped may yet take effect, but into no third state.
async fn assert_one_of(
    case: &Case,
    key: &RecordKey,
    allowed: impl IntoIterator<Item = Option<Record>>,
) -> Verdict {
    let allowed = Vec::from_iter(allowed);
    for _ in 0..2 {
        let there = case.load(key).await?;
        assert!(allowed.contains(&there), "{there:?} is none of {allowed:?}");
    }
    Ok(())
}

/// Clients that share the store drop calls at random; each goes on to read its own record and no other's.
pub async fn nobody_reads_the_reply_to_a_dropped_call(case: &Case) -> Verdict {
    for _ in 0..case.rounds().div_ceil(4) {
        let mut clients = Vec::new();
        for _ in 0..3 {
            let owner = case.owner();
            let key = RecordKey::owned(Space::Session, &owner, case.id());
            let draft = named_by_its_version(case.now() + HOUR);
            let written = vec![draft.version];
            case.store().create(&key, draft.owned_by(owner)).await?;
            let (store, rng, expires_at) = (case.store().clone(), case.rng(), case.now() + HOUR);
            clients.push(Client { store, key, written, rng, expires_at });
        }
        let all = clients.iter().map(|client| client.key).collect::<Vec<_>>();
        let contenders = clients.into_iter().map(|client| client.run(all.clone()));
        at_once(case.rng(), contenders).await.into_iter().collect::<Result<Vec<()>, StoreError>>()?;
    }
    Ok(())
}

struct Client {
    store: SharedStore,
    key: RecordKey,
    /// All that may be there: a replacement that was dropped may have taken effect, or may yet.
    written: Vec<Version>,
    rng: Rng,
    expires_at: Timestamp,
}

impl Client {
    async fn run(mut self, all: Vec<RecordKey>) -> Verdict {
        for _ in 0..8 {
            self.drop_a_call(&all).await?;
            let record = self.store.load(&self.key, Freshness::Strong).await?;
            let record = record.unwrap_or_else(|| panic!("nobody removed the record"));
            assert_eq!(record.key, self.key, "a reply to another question was read");
            assert_eq!(
                &record.payload[..],
                record.version.bits().to_be_bytes(),
                "a record of two writes was read"
            );
            assert!(self.written.contains(&record.version), "somebody else's write was read");
        }
        Ok(())
    }

    async fn drop_a_call(&mut self, all: &[RecordKey]) -> Verdict {
        let polls = self.rng.usize(0..6);
        match self.rng.u8(0..4) {
            0 => {
                let draft = named_by_its_version(self.expires_at);
                let expected = self.rng.choice(&self.written).copied().unwrap_or(draft.version);
                self.written.push(draft.version);
                cut_short(polls, self.store.replace(&self.key, expected, draft)).await.transpose()?;
            }
            1 => {
                let key = self.rng.choice(all).copied().unwrap_or(self.key);
                cut_short(polls, self.store.remove(&key, Some(Version::unique()))).await.transpose()?;
            }
            2 if self.store.profile().owner_index => {
                let owner = Owner::from_bytes([self.rng.u8(..); 16]);
                cut_short(polls, self.store.list(&owner, Space::Session, Page::first(5)))
                    .await
                    .transpose()?;
            }
            _ => {
                let key = self.rng.choice(all).copied().unwrap_or(self.key);
                cut_short(polls, self.store.load(&key, Freshness::Strong)).await.transpose()?;
            }
        }
        Ok(())
    }
}

fn named_by_its_version(expires_at: Timestamp) -> Draft {
    let version = Version::unique();
    Draft::new(version.bits().to_be_bytes().to_vec(), version, expires_at)
}

/// Polls `call` so many times and drops it, unless it is done by then.
async fn cut_short<T>(polls: usize, call: impl Future<Output = T>) -> Option<T> {
    let mut call = pin!(call);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match call.as_mut().poll(context) {
            Poll::Ready(answer) => Poll::Ready(Some(answer)),
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

/// More than any store needs for one call; one that is still not done is dropped often enough.
const MOST_POLLS: usize = 64;
