use std::{
    collections::HashSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use portcullis_core::{Effect, Freshness, RecordKey, RemoveOutcome, ReplaceOutcome, SharedStore, Version};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::records::{SLACK, any_owner, draft, key_of, told};

/// Clients who create, change and remove records of their own, and remember what they were told.
#[derive(Debug)]
pub struct Load {
    ended: Arc<AtomicBool>,
    clients: JoinSet<Told>,
    removed: Arc<Mutex<HashSet<RecordKey>>>,
}

/// What clients were told.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Told {
    /// How many answers there were.
    pub answers: usize,
    /// What the errors said.
    pub errors: Vec<String>,
    /// Longer than any call may take.
    pub late: Vec<Duration>,
    /// What was acknowledged and is not so: possible across a failover, and never otherwise.
    pub lost: Vec<String>,
}

impl Load {
    /// So many clients, who begin at once and end with this.
    #[must_use]
    pub fn of(store: &SharedStore, clients: usize, deadline: Duration) -> Self {
        let (ended, removed) = (Arc::default(), Arc::default());
        let mut load = Self { ended, clients: JoinSet::new(), removed };
        for _ in 0..clients {
            let client = Client {
                store: store.clone(),
                ended: Arc::clone(&load.ended),
                removed: Arc::clone(&load.removed),
                deadline,
                told: Told::default(),
            };
            load.clients.spawn(client.run());
        }
        load
    }

    /// Lets them finish; what they were told, and which removals were acknowledged.
    pub async fn end(self) -> (Told, HashSet<RecordKey>) {
        self.ended.store(true, Ordering::SeqCst);
        let mut all = Told::default();
        for told in self.clients.join_all().await {
            all.answers += told.answers;
            all.errors.extend(told.errors);
            all.late.extend(told.late);
            all.lost.extend(told.lost);
        }
        let removed = self.removed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        (all, removed)
    }
}

struct Client {
    store: SharedStore,
    ended: Arc<AtomicBool>,
    removed: Arc<Mutex<HashSet<RecordKey>>>,
    deadline: Duration,
    told: Told,
}

impl Client {
    async fn run(mut self) -> Told {
        while !self.ended.load(Ordering::SeqCst) {
            self.live_a_life().await;
            sleep(Duration::from_millis(1)).await;
        }
        self.told
    }

    /// A record is created, changed three times, and removed.
    async fn live_a_life(&mut self) {
        let owner = any_owner();
        let key = key_of(&owner);
        let first = draft("0").owned_by(owner);
        let mut version = first.version;
        let began = Instant::now();
        if self.hear(began, self.store.create(&key, first).await).is_none() {
            return;
        }
        // What was written without a word whether it was done, and may be there, or come to be.
        let mut doubtful = Vec::new();
        for count in 1..=3 {
            let next = draft(&count.to_string());
            let written = next.version;
            let began = Instant::now();
            match self.hear(began, self.store.replace(&key, version, next).await) {
                Some(ReplaceOutcome::Replaced) => version = written,
                Some(ReplaceOutcome::Conflict(current)) if doubtful.contains(&current.version) => {
                    version = current.version;
                }
                Some(other) => return self.told.lost.push(format!("change {count}: {other:?}")),
                None => {
                    doubtful.push(written);
                    version = self.look(&key, [version, written]).await.unwrap_or(version);
                }
            }
        }
        let began = Instant::now();
        match self.hear(began, self.store.remove(&key, None).await) {
            Some(RemoveOutcome::Removed(_)) => {
                self.removed.lock().unwrap_or_else(PoisonError::into_inner).insert(key);
            }
            Some(other) => self.told.lost.push(format!("removal: {other:?}")),
            None => {}
        }
    }

    /// Which of two versions is there, after an error that does not say.
    async fn look(&mut self, key: &RecordKey, either: [Version; 2]) -> Option<Version> {
        let began = Instant::now();
        let there = self.hear(began, self.store.load(key, Freshness::Strong).await)??;
        either.contains(&there.version).then_some(there.version)
    }

    fn hear<T>(&mut self, began: Instant, answer: Result<T, portcullis_core::StoreError>) -> Option<T> {
        let took = began.elapsed();
        if took > self.deadline + SLACK {
            self.told.late.push(took);
        }
        match answer {
            Ok(answer) => {
                self.told.answers += 1;
                Some(answer)
            }
            Err(error) => {
                let effect = if error.effect() == Effect::Unknown { "unknown" } else { "known" };
                self.told.errors.push(format!("{} ({effect})", told(&error)));
                None
            }
        }
    }
}
