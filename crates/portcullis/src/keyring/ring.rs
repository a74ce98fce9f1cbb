use std::{
    collections::{HashMap, hash_map::Entry},
    fmt,
    sync::Arc,
};

use arc_swap::{ArcSwap, Guard};
use portcullis_core::Timestamp;

use super::{KeyId, KeyState, Schedule};

/// A key that a ring can hold: [`JwtKey`](crate::jwt::JwtKey) or [`PasetoKey`](crate::paseto::PasetoKey).
pub trait Key: Clone + Send + Sync + 'static {
    /// What tokens name it by.
    fn id(&self) -> &KeyId;

    /// Whether the id is all that selects it. One that came without an id has one that was made from it, which no token need know: it is tried
    /// also for those that name a key nobody has.
    fn is_named(&self) -> bool;

    /// Whether it can sign.
    fn can_sign(&self) -> bool;

    /// Whether both are one and the same.
    fn is_same(&self, other: &Self) -> bool;
}

/// Keys by their ids; see the [module](super). A cheap clone, and all clones see what [`replace`](Self::replace) puts in.
pub struct Keyring<K> {
    current: Arc<ArcSwap<Snapshot<K>>>,
}

impl<K: Key> Keyring<K> {
    /// A ring of `keys`, of which all that can sign are active; the first of them signs.
    pub fn new(keys: impl IntoIterator<Item = K>) -> Self {
        Self::scheduled(keys.into_iter().map(|key| (key, Schedule::default())))
    }

    /// A ring of keys, each with its schedule. Of a key that is there twice under one id the first counts, with its schedule.
    pub fn scheduled(keys: impl IntoIterator<Item = (K, Schedule)>) -> Self {
        Self { current: Arc::new(ArcSwap::from_pointee(Snapshot::new(keys, 0))) }
    }

    /// Puts the keys of `other` in place of these, for all clones of this ring and for what was made with them: from the next request on.
    pub fn replace(&self, other: &Self) {
        let keys = other.current.load();
        self.current.rcu(|before| Snapshot { generation: before.generation + 1, ..Snapshot::clone(&keys) });
    }

    /// How often the keys were [replaced](Self::replace).
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.current.load().generation
    }

    /// The keys and their states at `now`, in the order they were given in.
    #[must_use]
    pub fn keys(&self, now: Timestamp) -> Vec<(K, KeyState)> {
        self.current.load().held.iter().map(|held| (held.key.clone(), held.state(now))).collect()
    }

    /// Whether there is a key that signs at some time.
    pub(crate) fn can_ever_sign(&self) -> bool {
        self.current.load().held.iter().any(|held| held.key.can_sign())
    }

    /// The keys as they are now.
    pub(crate) fn snapshot(&self) -> Guard<Arc<Snapshot<K>>> {
        self.current.load()
    }
}

impl<K> Clone for Keyring<K> {
    fn clone(&self) -> Self {
        Self { current: Arc::clone(&self.current) }
    }
}

impl<K: Key> From<K> for Keyring<K> {
    fn from(key: K) -> Self {
        Self::new([key])
    }
}

impl<K: Key> fmt::Debug for Keyring<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let snapshot = self.current.load();
        let ids: Vec<&str> = snapshot.held.iter().map(|held| held.key.id().as_str()).collect();
        f.debug_struct("Keyring").field("generation", &snapshot.generation).field("ids", &ids).finish()
    }
}

/// The keys of a ring at one time. Nothing in it changes.
#[derive(Clone)]
pub(crate) struct Snapshot<K> {
    generation: u64,
    held: Vec<Held<K>>,
    /// Where the key of each id is; `None` for an id that two keys have.
    by_id: HashMap<KeyId, Option<usize>>,
}

#[derive(Clone)]
struct Held<K> {
    key: K,
    schedule: Schedule,
}

impl<K: Key> Held<K> {
    fn state(&self, now: Timestamp) -> KeyState {
        match self.schedule.state(now) {
            KeyState::Active if !self.key.can_sign() => KeyState::VerifyOnly,
            state => state,
        }
    }
}

impl<K: Key> Snapshot<K> {
    fn new(keys: impl IntoIterator<Item = (K, Schedule)>, generation: u64) -> Self {
        let mut snapshot = Self { generation, held: Vec::new(), by_id: HashMap::new() };
        for (key, schedule) in keys {
            let at = snapshot.held.len();
            match snapshot.by_id.entry(key.id().clone()) {
                Entry::Vacant(free) => {
                    free.insert(Some(at));
                }
                Entry::Occupied(mut taken) => {
                    let other = taken.get().and_then(|at| snapshot.held.get_mut(at));
                    match other {
                        Some(other) if other.key.is_same(&key) => {
                            // A public key and its private one are one key, which can sign. The schedule stays the first one's.
                            if key.can_sign() && !other.key.can_sign() {
                                other.key = key;
                            }
                            continue;
                        }
                        Some(_) | None => taken.insert(None),
                    };
                }
            }
            snapshot.held.push(Held { key, schedule });
        }
        snapshot
    }

    /// The keys that may have made a token which names its key by `id`, of those that `fit` it; at most [`MOST_TRIED`] of them (T41).
    pub(crate) fn candidates<'a>(
        &'a self,
        id: Option<&str>,
        now: Timestamp,
        fit: impl Fn(&K) -> bool + 'a,
    ) -> impl Iterator<Item = &'a K> {
        let named = id.map(|id| self.by_id.get(id).copied());
        let (exactly, others) = match named {
            // The id alone decides, and one that is two keys' is nobody's (T39).
            Some(Some(at)) => (at, false),
            // Nobody has it: what has no name of its own is left.
            Some(None) | None => (None, true),
        };
        let is_any = id.is_none();
        let exactly = exactly.and_then(|at| self.held.get(at));
        let others = self.held.iter().filter(move |held| others && (is_any || !held.key.is_named()));
        exactly
            .into_iter()
            .chain(others)
            .filter(move |held| held.state(now) != KeyState::Retired)
            .map(|held| &held.key)
            .filter(move |key| fit(key))
            .take(MOST_TRIED)
    }

    /// The key to sign with: of the active ones that which became so last, and of those the first. One whose id another has too is passed over,
    /// as its tokens would be refused.
    pub(crate) fn signing(&self, now: Timestamp) -> Option<&K> {
        let active =
            self.held.iter().filter(|held| held.state(now) == KeyState::Active && self.is_found(held));
        // `max_by_key` takes the last of equals.
        active.rev().max_by_key(|held| held.schedule.beginning()).map(|held| &held.key)
    }

    /// Whether its id selects it.
    fn is_found(&self, held: &Held<K>) -> bool {
        self.by_id.get(held.key.id()).is_some_and(Option::is_some)
    }
}

/// A token without an id may cost as many verifications, and no more.
const MOST_TRIED: usize = 4;
