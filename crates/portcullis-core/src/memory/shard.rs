use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    ops::Bound,
    time::Duration,
};

use super::limits::Budget;
use crate::{
    CreateOutcome, Draft, Epoch, ExtendOutcome, Owner, Record, RecordId, RecordKey, RemoveOutcome,
    ReplaceOutcome, Space, StoreError, Timestamp, Version, store::is_fenced,
};

/// The records of some partitions with their owners' indexes and epochs, all under one lock.
#[derive(Debug, Default)]
pub(super) struct Shard {
    records: HashMap<RecordKey, Record, foldhash::fast::RandomState>,
    owners: HashMap<Owner, Owned, foldhash::fast::RandomState>,
    /// Every record's expiry, soonest first.
    due: BTreeSet<(Timestamp, RecordKey)>,
    /// Until when owners' epochs are kept, soonest first.
    kept: BTreeSet<(Timestamp, Owner)>,
    /// The last epoch given to any owner of this shard. One count for all of them, so an owner that was forgotten and
    /// returns never repeats an epoch.
    last_epoch: u64,
}

/// An owner's index and epochs.
#[derive(Debug, Default)]
struct Owned {
    epochs: BTreeMap<Space, Epoch>,
    index: BTreeSet<Place>,
    /// Until when the epochs are kept although no record is left, so that a renewal under way is still fenced.
    kept_until: Timestamp,
}

/// A record's place in its owner's index; the order of listings.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Place {
    pub(super) space: Space,
    pub(super) created_at: Timestamp,
    pub(super) id: RecordId,
}

impl Place {
    const fn first(space: Space) -> Self {
        Self {
            space,
            created_at: Timestamp::from_unix_millis(0),
            id: RecordId::from_bytes([0; RecordId::LENGTH_BYTES]),
        }
    }

    const fn of(record: &Record) -> Self {
        Self { space: record.key.space(), created_at: record.created_at, id: *record.key.id() }
    }
}

impl Shard {
    pub(super) fn live(&self, key: &RecordKey, now: Timestamp) -> Option<&Record> {
        self.records.get(key).filter(|record| record.is_live(now))
    }

    pub(super) fn create(
        &mut self,
        key: &RecordKey,
        draft: Draft,
        now: Timestamp,
        budget: &Budget,
    ) -> Result<CreateOutcome, StoreError> {
        if self.live(key, now).is_some() {
            return Ok(CreateOutcome::Exists);
        }
        self.drop_record(key, now, budget);
        let current = draft.owner.and_then(|owner| self.epoch(&owner, key.space()));
        if draft.owner.is_some() && is_fenced(draft.fence, current) {
            return Ok(CreateOutcome::Fenced);
        }
        budget.reserve_record(&draft)?;
        let epoch = match draft.owner {
            None => Epoch::UNOWNED,
            Some(owner) => current.unwrap_or_else(|| self.raise_epoch(owner, key.space())),
        };
        let record = Record::created(*key, draft, now, epoch);
        if let Some(owner) = record.owner {
            self.owners.entry(owner).or_default().index.insert(Place::of(&record));
        }
        self.due.insert((record.expires_at, *key));
        self.records.insert(*key, record);
        Ok(CreateOutcome::Created)
    }

    pub(super) fn replace(
        &mut self,
        key: &RecordKey,
        expected: Version,
        draft: Draft,
        now: Timestamp,
        budget: &Budget,
    ) -> Result<ReplaceOutcome, StoreError> {
        let Some(record) = self.records.get_mut(key).filter(|record| record.is_live(now)) else {
            return Ok(ReplaceOutcome::Gone);
        };
        if record.version != expected {
            return Ok(ReplaceOutcome::Conflict(record.clone()));
        }
        budget.resize(record.payload.len(), draft.payload.len())?;
        if record.expires_at != draft.expires_at {
            self.due.remove(&(record.expires_at, *key));
            self.due.insert((draft.expires_at, *key));
        }
        *record = record.clone().replaced(draft);
        Ok(ReplaceOutcome::Replaced)
    }

    pub(super) fn extend(&mut self, key: &RecordKey, expires_at: Timestamp, now: Timestamp) -> ExtendOutcome {
        let Some(record) = self.records.get_mut(key).filter(|record| record.is_live(now)) else {
            return ExtendOutcome::Gone;
        };
        if expires_at <= record.expires_at {
            return ExtendOutcome::NotNeeded;
        }
        self.due.remove(&(record.expires_at, *key));
        self.due.insert((expires_at, *key));
        record.expires_at = expires_at;
        ExtendOutcome::Extended
    }

    pub(super) fn remove(
        &mut self,
        key: &RecordKey,
        expected: Option<Version>,
        now: Timestamp,
        budget: &Budget,
    ) -> RemoveOutcome {
        match self.live(key, now) {
            None => RemoveOutcome::Absent,
            Some(record) if expected.is_some_and(|expected| expected != record.version) => {
                RemoveOutcome::Conflict(record.clone())
            }
            Some(_) => {
                self.drop_record(key, now, budget).map_or(RemoveOutcome::Absent, RemoveOutcome::Removed)
            }
        }
    }

    /// Live records of `owner` in `space` after `after`, at most `limit`, and whether more may follow.
    pub(super) fn list(
        &self,
        owner: &Owner,
        space: Space,
        after: Option<Place>,
        limit: usize,
        now: Timestamp,
    ) -> (Vec<Record>, bool) {
        let Some(owned) = self.owners.get(owner) else {
            return (Vec::new(), false);
        };
        let from = after.map_or(Bound::Included(Place::first(space)), Bound::Excluded);
        let mut live = owned
            .index
            .range((from, Bound::Unbounded))
            .take_while(|place| place.space == space)
            .filter_map(|place| self.live(&RecordKey::owned(space, owner, place.id), now));
        let records = live.by_ref().take(limit).cloned().collect();
        (records, live.next().is_some())
    }

    pub(super) fn remove_all(
        &mut self,
        owner: &Owner,
        spaces: &[Space],
        now: Timestamp,
        budget: &Budget,
    ) -> (Vec<(Space, Epoch)>, u64) {
        let epochs = spaces.iter().map(|space| (*space, self.raise_epoch(*owner, *space))).collect();
        self.keep_epochs(*owner, now + EPOCHS_KEPT);
        let index = self.owners.get(owner).into_iter().flat_map(|owned| &owned.index);
        let doomed: Vec<RecordKey> = index
            .filter(|place| spaces.contains(&place.space))
            .map(|place| RecordKey::owned(place.space, owner, place.id))
            .collect();
        let removed = doomed.iter().filter(|key| self.live(key, now).is_some()).count();
        for key in doomed {
            self.drop_record(&key, now, budget);
        }
        (epochs, removed as u64)
    }

    /// Reclaims at most `limit` records, and at most as many owners' epochs, that are due at `now`, and says how many records
    /// went.
    pub(super) fn reclaim(&mut self, limit: usize, now: Timestamp, budget: &Budget) -> usize {
        for _ in 0..limit {
            let Some((until, owner)) = self.kept.first().copied().filter(|(until, _)| *until <= now) else {
                break;
            };
            self.kept.remove(&(until, owner));
            self.forget_if_idle(owner, now);
        }
        for reclaimed in 0..limit {
            let Some((_, key)) = self.due.first().copied().filter(|(at, _)| *at <= now) else {
                return reclaimed;
            };
            self.drop_record(&key, now, budget);
        }
        limit
    }

    fn epoch(&self, owner: &Owner, space: Space) -> Option<Epoch> {
        self.owners.get(owner)?.epochs.get(&space).copied()
    }

    fn raise_epoch(&mut self, owner: Owner, space: Space) -> Epoch {
        self.last_epoch += 1;
        let epoch = Epoch::from_count(self.last_epoch);
        self.owners.entry(owner).or_default().epochs.insert(space, epoch);
        epoch
    }

    fn drop_record(&mut self, key: &RecordKey, now: Timestamp, budget: &Budget) -> Option<Record> {
        let record = self.records.remove(key)?;
        self.due.remove(&(record.expires_at, *key));
        budget.release_record(&record);
        if let Some(owner) = record.owner {
            if let Some(owned) = self.owners.get_mut(&owner) {
                owned.index.remove(&Place::of(&record));
            }
            self.forget_if_idle(owner, now);
        }
        Some(record)
    }

    /// Keeps an owner's epochs until `until`, whether or not a record is left.
    fn keep_epochs(&mut self, owner: Owner, until: Timestamp) {
        let owned = self.owners.entry(owner).or_default();
        self.kept.remove(&(owned.kept_until, owner));
        owned.kept_until = until;
        self.kept.insert((until, owner));
    }

    /// Forgets an owner that has no record left, once its epochs need not be kept.
    fn forget_if_idle(&mut self, owner: Owner, now: Timestamp) {
        let idle = |owned: &Owned| owned.index.is_empty() && owned.kept_until <= now;
        if self.owners.get(&owner).is_some_and(idle) {
            self.owners.remove(&owner);
        }
    }

    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty() && self.owners.is_empty() && self.due.is_empty() && self.kept.is_empty()
    }
}

/// How long after *log out everywhere* a renewal may still be under way: far longer than any request. A fence from an
/// epoch that was forgotten is refused all the same; this keeps the epoch that the call answered usable.
const EPOCHS_KEPT: Duration = Duration::from_secs(3_600);
