use std::{net::SocketAddr, time::Duration};

use libtest_mimic::Failed;
use portcullis_core::{Freshness, SharedStore};
use portcullis_testkit::servers::{Load, RedisCluster, RedisNode, RedisSentinels, on_a_runtime};
use tokio::time::{Instant, sleep};

use super::support::{SOON, Verdict, connect_with, created, served_within};

#[derive(Clone, Copy)]
enum Fault {
    Kill,
    Stop,
}

impl Fault {
    fn strike(self, node: &mut RedisNode) -> Result<(), Failed> {
        match self {
            Self::Kill => node.kill()?,
            Self::Stop => node.stop()?,
        }
        Ok(())
    }
}

pub(crate) fn s48_sentinels_replace_a_killed_master_under_load() -> Verdict {
    sentinel(Fault::Kill)
}

pub(crate) fn s48_sentinels_replace_a_stopped_master_under_load() -> Verdict {
    sentinel(Fault::Stop)
}

/// The replica has each removal before it is acknowledged, so it has it when it is promoted: for this process, and for one that
/// comes later and has nothing to ask for again.
pub(crate) fn s48_a_logout_that_a_replica_has_is_done_wherever_it_is_asked_for() -> Verdict {
    on_a_runtime(async {
        let mut trio = RedisSentinels::start(&[])?;
        let url = format!("{}?replicas=1", trio.url());
        let store = connect_with(&url, |settings| settings.with_deadline(DEADLINE)).await?;
        let load = Load::of(&store, 8, DEADLINE);
        sleep(Duration::from_millis(500)).await;
        let first = trio.master().ok_or("no master")?;
        trio.node_at(first).ok_or("no such node")?.kill()?;
        replaced(|| trio.master(), first).await?;
        let (_, removed) = load.end().await;
        // This process must not help.
        drop(store);
        let began = Instant::now();
        // A Sentinel that has not heard yet names the master that is gone.
        let other = loop {
            match connect(&trio.url()).await {
                Ok(other) => break other,
                Err(error) if began.elapsed() > SOON => return Err(error),
                Err(_) => sleep(Duration::from_millis(50)).await,
            }
        };
        assert!(removed.len() > 10, "{}", removed.len());
        for key in removed {
            assert_eq!(other.load(&key, Freshness::Strong).await?, None, "a logout was undone");
        }
        Ok(())
    })
}

fn sentinel(fault: Fault) -> Verdict {
    on_a_runtime(async {
        let mut trio = RedisSentinels::start(&[])?;
        let store = connect(&trio.url()).await?;
        let load = Load::of(&store, 8, DEADLINE);
        sleep(Duration::from_millis(500)).await;
        let first = trio.master().ok_or("no master")?;
        fault.strike(trio.node_at(first).ok_or("no such node")?)?;
        replaced(|| trio.master(), first).await?;
        judge(&store, load).await?;
        if let Fault::Stop = fault {
            // It takes itself for the master until it is told otherwise.
            trio.node_at(first).ok_or("no such node")?.resume()?;
            let load = Load::of(&store, 8, DEADLINE);
            sleep(Duration::from_secs(1)).await;
            judge(&store, load).await?;
        }
        Ok(())
    })
}

pub(crate) fn s48_a_cluster_replaces_a_killed_and_a_stopped_master_under_load() -> Verdict {
    on_a_runtime(async {
        let mut cluster = RedisCluster::start(&[])?;
        let store = connect(&cluster.url()).await?;
        for (slot, fault) in [(0, Fault::Kill), (16_383, Fault::Stop)] {
            let load = Load::of(&store, 8, DEADLINE);
            sleep(Duration::from_millis(500)).await;
            let first = cluster.master_of(slot, None).ok_or("no master")?;
            fault.strike(cluster.node_at(first).ok_or("no such node")?)?;
            replaced(|| cluster.master_of(slot, Some(first)), first).await?;
            judge(&store, load).await?;
        }
        Ok(())
    })
}

async fn connect(url: &str) -> Result<SharedStore, Failed> {
    connect_with(url, |settings| settings.with_deadline(DEADLINE)).await
}

/// Returns when another is the master.
async fn replaced(mut master: impl FnMut() -> Option<SocketAddr>, first: SocketAddr) -> Result<(), Failed> {
    let began = Instant::now();
    while master().is_none_or(|master| master == first) {
        if began.elapsed() > Duration::from_secs(20) {
            return Err("no other master was chosen".into());
        }
        sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// Service resumes soon after the new master is known; nobody waited too long; no removal that was acknowledged is undone.
async fn judge(store: &SharedStore, load: Load) -> Result<(), Failed> {
    let began = Instant::now();
    // Records anywhere, so that each master is asked.
    for _ in 0..30 {
        let key = loop {
            match created(store).await {
                Ok(key) => break key,
                Err(_) if began.elapsed() < SOON => sleep(Duration::from_millis(10)).await,
                Err(error) => return Err(super::support::told(&error).into()),
            }
        };
        served_within(SOON, store, &key).await?;
    }
    sleep(Duration::from_millis(500)).await;
    let (told, removed) = load.end().await;
    assert!(told.late.is_empty(), "past the deadline: {:?}", told.late);
    assert!(told.answers > 100 && !removed.is_empty(), "{} answers, {:?}", told.answers, told.errors.first());
    for key in removed {
        assert_eq!(store.load(&key, Freshness::Strong).await?, None, "a logout was undone");
    }
    Ok(())
}

const DEADLINE: Duration = Duration::from_millis(400);
