use std::{
    collections::HashMap,
    fmt, mem,
    sync::{Mutex, MutexGuard, PoisonError},
};

use portcullis_core::{RecordId, RecordKey};

use super::reading::Reading;

/// The store's last answers, of which it holds [`CAPACITY`] at most. What it has forgotten is asked for again.
///
/// Sharded by id; no lock is held across an await.
pub(super) struct Cache {
    shards: Box<[Mutex<Shard>]>,
}

/// When a question was put: an answer to it is worth nothing once we ourselves have revoked something since.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked {
    revocations: u64,
}

impl Cache {
    pub(super) fn new() -> Self {
        Self { shards: (0..SHARDS).map(|_| Mutex::default()).collect() }
    }

    /// What the store answered last about `key`.
    pub(super) fn recall(&self, key: &RecordKey) -> Option<Reading> {
        self.shard(key).find(key.id())
    }

    /// To be called before the store is asked about `key`.
    pub(super) fn ask(&self, key: &RecordKey) -> Asked {
        Asked { revocations: self.shard(key).revocations }
    }

    /// Takes the answer to the question of `asked`.
    ///
    /// One that was on its way while we revoked something is dropped, since it may have left before: the mark that we noted then may have
    /// been forgotten meanwhile to make room, so that holding it against the answer is not enough.
    pub(super) fn learn(&self, key: &RecordKey, asked: Asked, reading: Reading) {
        let mut shard = self.shard(key);
        if shard.revocations == asked.revocations {
            shard.put(*key.id(), reading);
        }
    }

    /// Takes what we have written ourselves: from now on every question is answered by it.
    pub(super) fn note(&self, key: &RecordKey, reading: Reading) {
        let mut shard = self.shard(key);
        shard.revocations = shard.revocations.wrapping_add(1);
        shard.put(*key.id(), reading);
    }

    /// Forgets what is known about `key`, and what is being asked: a write of ours may have taken effect, or not.
    pub(super) fn forget(&self, key: &RecordKey) {
        let mut shard = self.shard(key);
        shard.revocations = shard.revocations.wrapping_add(1);
        shard.young.remove(key.id());
        shard.old.remove(key.id());
    }

    fn shard(&self, key: &RecordKey) -> MutexGuard<'_, Shard> {
        let [first, ..] = *key.id().bytes();
        #[expect(clippy::indexing_slicing, reason = "the remainder is less than the number of shards")]
        let shard = &self.shards[usize::from(first) % SHARDS];
        // A panic while the lock is held is a defect of ours; every answer that is there was given.
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").finish_non_exhaustive()
    }
}

/// Two generations: when the young one is full, the old one goes.
#[derive(Debug, Default)]
struct Shard {
    young: HashMap<RecordId, Reading>,
    old: HashMap<RecordId, Reading>,
    revocations: u64,
}

impl Shard {
    fn find(&self, id: &RecordId) -> Option<Reading> {
        self.young.get(id).or_else(|| self.old.get(id)).copied()
    }

    fn put(&mut self, id: RecordId, reading: Reading) {
        let reading = self.find(&id).map_or(reading, |before| before.and(reading));
        if self.young.len() >= GENERATION && !self.young.contains_key(&id) {
            mem::swap(&mut self.young, &mut self.old);
            self.young.clear();
        }
        self.young.insert(id, reading);
    }
}

const SHARDS: usize = 64;
const GENERATION: usize = CAPACITY / SHARDS / 2;
/// About 10 MB when full, and empty at first.
const CAPACITY: usize = 1 << 16;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use portcullis_core::{Realm, Space, Timestamp};

    use super::{
        super::{
            mark::{Mark, Written},
            reading::Answer,
        },
        *,
    };

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_000);
    const STALENESS: Duration = Duration::from_secs(5);
    const ABSENT: Reading = Reading { found: None, asked_at: NOW };
    const DENIED: Reading =
        Reading { found: Some(Written { mark: Mark::Denied, until: Timestamp::MAX }), asked_at: NOW };

    fn key(number: u64) -> RecordKey {
        let id = Realm::new("test", "").named_id(&[&number.to_be_bytes()]);
        RecordKey::unowned(Space::Revoked, id)
    }

    fn answer(cache: &Cache, key: &RecordKey) -> Answer {
        cache.recall(key).map_or(Answer::Unknown, |reading| reading.answer(NOW, STALENESS))
    }

    /// Learns so much that everything learnt before is forgotten.
    fn flood(cache: &Cache) {
        for number in 1_000_000..1_100_000 {
            let key = key(number);
            cache.learn(&key, cache.ask(&key), ABSENT);
        }
    }

    #[test]
    fn it_is_bounded_and_what_is_forgotten_is_unknown() {
        let cache = Cache::new();
        cache.note(&key(1), DENIED);
        flood(&cache);
        let held: usize = cache
            .shards
            .iter()
            .map(|shard| shard.lock().unwrap())
            .map(|it| it.young.len() + it.old.len())
            .sum();
        assert!(held <= CAPACITY, "{held}");
        assert!(held >= CAPACITY / 4, "{held}");
        assert_eq!(answer(&cache, &key(1)), Answer::Unknown);
    }

    #[test]
    fn an_answer_from_before_a_revocation_of_ours_does_not_undo_it() {
        let cache = Cache::new();
        let asked = cache.ask(&key(1));
        cache.note(&key(1), DENIED);
        cache.learn(&key(1), asked, ABSENT);
        assert_eq!(answer(&cache, &key(1)), Answer::Known(Some(Mark::Denied)));
    }

    #[test]
    fn it_does_not_undo_one_that_was_forgotten_either() {
        let cache = Cache::new();
        let asked = cache.ask(&key(1));
        cache.note(&key(1), DENIED);
        flood(&cache);
        cache.learn(&key(1), asked, ABSENT);
        assert_eq!(answer(&cache, &key(1)), Answer::Unknown);
    }

    #[test]
    fn a_write_that_may_have_taken_effect_leaves_nothing_known() {
        let cache = Cache::new();
        cache.learn(&key(1), cache.ask(&key(1)), ABSENT);
        assert_eq!(answer(&cache, &key(1)), Answer::Known(None));
        let asked = cache.ask(&key(1));
        cache.forget(&key(1));
        cache.learn(&key(1), asked, ABSENT);
        assert_eq!(answer(&cache, &key(1)), Answer::Unknown);
    }

    #[test]
    fn an_answer_after_it_is_learnt() {
        let cache = Cache::new();
        cache.note(&key(1), DENIED);
        cache.note(&key(2), Reading { found: None, asked_at: NOW });
        cache.learn(&key(2), cache.ask(&key(2)), ABSENT);
        assert_eq!(answer(&cache, &key(2)), Answer::Known(None));
    }
}
