use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use portcullis_core::{
    Clock, CreateOutcome, Draft, Freshness, Owner, RecordId, RecordKey, ReplaceOutcome, SharedStore, Space,
    Version,
};
use portcullis_testkit::TestClock;
use tokio::{task::JoinSet, time::Instant};

use crate::outcome::Outcome;

/// Many who ask one store at once.
pub(super) struct Crowd {
    store: SharedStore,
    clock: TestClock,
    /// What is there to be asked for, with the version that it was last given.
    there: Arc<Vec<Mutex<(RecordKey, Version)>>>,
}

impl Crowd {
    pub(super) fn over(store: SharedStore, clock: TestClock) -> Self {
        Self { store, clock, there: Arc::default() }
    }

    /// Creates logged-in sessions until there are so many, three for each owner, and says how many a second.
    pub(super) async fn grow_to(&mut self, size: usize) -> Outcome<f64> {
        let missing = size.saturating_sub(self.there.len());
        let began = Instant::now();
        let made = self.make(missing, LIFETIME).await?;
        let mut there = Arc::into_inner(std::mem::take(&mut self.there)).unwrap_or_default();
        there.extend(made);
        self.there = Arc::new(there);
        Ok(per_second(missing, began))
    }

    async fn make(&self, count: usize, lifetime: Duration) -> Outcome<Vec<Mutex<(RecordKey, Version)>>> {
        let mut makers = JoinSet::new();
        for maker in 0..TASKS {
            let share = count / TASKS + usize::from(maker < count % TASKS);
            let (store, clock) = (self.store.clone(), self.clock.clone());
            makers.spawn(async move {
                let mut made = Vec::with_capacity(share);
                let mut owner = any_owner();
                for number in 0..share {
                    if number % 3 == 0 {
                        owner = any_owner();
                    }
                    let key = RecordKey::owned(Space::Session, &owner, any_id());
                    let draft = draft(&clock, lifetime).owned_by(owner);
                    made.push(Mutex::new((key, draft.version)));
                    if store.create(&key, draft).await? != CreateOutcome::Created {
                        return Err("a key was drawn twice".into());
                    }
                }
                Outcome::Ok(made)
            });
        }
        let mut all = Vec::with_capacity(count);
        for made in makers.join_all().await {
            all.extend(made?);
        }
        Ok(all)
    }

    /// How often a second it is `asked`, of anything that is there.
    pub(super) async fn ask_for(&self, moment: Duration, asked: Asked) -> Outcome<f64> {
        let began = Instant::now();
        let mut asking = JoinSet::new();
        for _ in 0..TASKS {
            let (store, clock, there) = (self.store.clone(), self.clock.clone(), Arc::clone(&self.there));
            asking.spawn(async move {
                let mut count = 0;
                while began.elapsed() < moment {
                    if let Some(one) = there.get(fastrand::usize(..there.len())) {
                        asked.ask(&store, &clock, one).await?;
                        count += 1;
                    }
                }
                Outcome::Ok(count)
            });
        }
        let mut count = 0;
        for done in asking.join_all().await {
            count += done?;
        }
        Ok(per_second(count, began))
    }

    /// Makes a tenth of what there is, which expires, and sweeps it.
    pub(super) async fn sweep(&mut self) -> Outcome<f64> {
        let expiring = (self.there.len() / 10).max(1);
        self.make(expiring, Duration::ZERO).await?;
        let (began, mut swept) = (Instant::now(), 0);
        while swept < expiring {
            match self.store.sweep(1_000).await? {
                0 => return Err(format!("{swept} of {expiring} were swept").into()),
                some => swept += some,
            }
        }
        Ok(per_second(swept, began))
    }
}

/// What is asked.
#[derive(Clone, Copy, Debug)]
pub(super) enum Asked {
    Load,
    Replace,
}

impl Asked {
    async fn ask(
        self,
        store: &SharedStore,
        clock: &TestClock,
        one: &Mutex<(RecordKey, Version)>,
    ) -> Outcome<()> {
        let (key, version) = *one.lock().unwrap_or_else(PoisonError::into_inner);
        if let Self::Load = self {
            return store
                .load(&key, Freshness::Strong)
                .await?
                .map(drop)
                .ok_or_else(|| "a record is gone".into());
        }
        let draft = draft(clock, LIFETIME);
        let written = draft.version;
        match store.replace(&key, version, draft).await? {
            ReplaceOutcome::Replaced => *one.lock().unwrap_or_else(PoisonError::into_inner) = (key, written),
            // Two drew the same.
            ReplaceOutcome::Conflict(_) => {}
            ReplaceOutcome::Gone => return Err("a record is gone".into()),
        }
        Ok(())
    }
}

/// 256 bytes, which is a small session.
fn draft(clock: &TestClock, lifetime: Duration) -> Draft {
    Draft::new(vec![7; 256], Version::unique(), clock.now() + lifetime)
}

fn any_owner() -> Owner {
    Owner::from_bytes([(); Owner::LENGTH_BYTES].map(|()| fastrand::u8(..)))
}

fn any_id() -> RecordId {
    RecordId::from_bytes([(); RecordId::LENGTH_BYTES].map(|()| fastrand::u8(..)))
}

#[expect(clippy::cast_precision_loss, reason = "counts far below what a float holds")]
fn per_second(count: usize, began: Instant) -> f64 {
    count as f64 / began.elapsed().as_secs_f64()
}

const TASKS: usize = 64;
const LIFETIME: Duration = Duration::from_secs(24 * 3_600);
