use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use fastrand::Rng;
use libtest_mimic::Failed;
use portcullis_core::{Freshness, Owner, Page, Record, RecordKey, SharedStore, Space, Version};
use portcullis_testkit::servers::{RedisNode, on_a_runtime};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::support::{Verdict, any_owner, connect_with, draft, key_of};

/// Calls of every kind are dropped at any poll, by many clients over one connection, which the server closes now and then.
pub(crate) fn nobody_reads_anothers_record_while_calls_are_dropped_and_connections_closed() -> Verdict {
    on_a_runtime(async {
        let node = RedisNode::start(&[])?;
        let store = connect_with(&node.url(), |settings| settings.with_connections(1)).await?;
        let seed = fastrand::u64(..);
        let until = Instant::now() + Duration::from_secs(2);
        let mut clients = JoinSet::new();
        for number in 0..32 {
            clients.spawn(Client::new(store.clone(), seed ^ number).run(until));
        }
        while Instant::now() < until {
            sleep(Duration::from_millis(200)).await;
            node.command(&["CLIENT", "KILL", "TYPE", "normal"])?;
        }
        let mut read = 0;
        for client in clients.join_all().await {
            read += client?;
        }
        assert!(read > 1_000, "{read} records, with seed {seed}");
        Ok(())
    })
}

/// Has a record of its own, whose payload says whose it is.
struct Client {
    store: SharedStore,
    seed: u64,
    rng: Rng,
    owner: Owner,
    key: RecordKey,
}

impl Client {
    fn new(store: SharedStore, seed: u64) -> Self {
        let owner = any_owner();
        Self { store, seed, rng: Rng::with_seed(seed), owner, key: key_of(&owner) }
    }

    async fn run(mut self, until: Instant) -> Result<usize, Failed> {
        let mut read = 0;
        while Instant::now() < until {
            self.drop_a_call().await;
            // An outage is an answer too; another's record is none.
            let created = self.store.create(&self.key, self.draft()).await;
            drop(created);
            if let Ok(Some(record)) = self.store.load(&self.key, Freshness::Strong).await {
                self.check(&record);
                read += 1;
            }
            if let Ok(listing) = self.store.list(&self.owner, Space::Session, Page::first(5)).await {
                listing.records.iter().for_each(|record| self.check(record));
            }
        }
        Ok(read)
    }

    fn check(&self, record: &Record) {
        assert_eq!(
            (record.key, record.owner),
            (self.key, Some(self.owner)),
            "another's record, with seed {}",
            self.seed
        );
        assert_eq!(&record.payload[..], self.name().as_bytes(), "another's payload, with seed {}", self.seed);
    }

    fn draft(&self) -> portcullis_core::Draft {
        draft(&self.name()).owned_by(self.owner)
    }

    fn name(&self) -> String {
        format!("{:?}", self.key.id().bytes())
    }

    async fn drop_a_call(&mut self) {
        let polls = self.rng.usize(0..6);
        let (store, key) = (self.store.clone(), self.key);
        match self.rng.u8(0..6) {
            0 => after(polls, store.load(&key, Freshness::Strong)).await,
            1 => after(polls, store.create(&key, self.draft())).await,
            2 => after(polls, store.replace(&key, Version::unique(), self.draft())).await,
            3 => after(polls, store.list(&self.owner, Space::Session, Page::first(5))).await,
            4 => after(polls, store.remove(&key, None)).await,
            _ => after(polls, store.remove_all(&self.owner, &[Space::Session])).await,
        }
    }
}

/// Drops `call` after so many polls, or when it is done.
async fn after<T>(polls: usize, call: impl Future<Output = T>) {
    let mut call = pin!(call);
    let mut left = polls;
    poll_fn(|context| {
        if left == 0 {
            return Poll::Ready(());
        }
        left -= 1;
        call.as_mut().poll(context).map(drop)
    })
    .await;
}
