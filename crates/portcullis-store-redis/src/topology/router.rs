use std::{sync::Arc, time::Duration};

use portcullis_core::{Effect, Partition, StoreError};
use redis::Value;
use tokio::{
    sync::watch,
    task::AbortHandle,
    time::{Instant, sleep_until, timeout_at},
};

use super::{Map, follow, whereabouts::Whereabouts};
use crate::{
    command::Command,
    connection::{Failure, Node, Shared},
    settings::Topology,
};

/// Asks the master that has a partition, wherever it is by now, and answers within the deadline.
pub(crate) struct Router {
    whereabouts: Arc<Whereabouts>,
    deadline: Duration,
    follower: Option<AbortHandle>,
}

impl Router {
    /// Finds the masters and connects to them.
    pub(crate) async fn connect(
        topology: &Topology,
        shared: Shared,
        deadline: Duration,
    ) -> Result<Self, StoreError> {
        let map = match topology {
            Topology::Node(address) => Map::One(Node::new(address.clone(), &shared)),
            Topology::Sentinel { .. } | Topology::Cluster(_) => {
                follow::discover(topology, &shared, None).await?
            }
        };
        let whereabouts = Whereabouts::new(map);
        let follower = match topology {
            Topology::Node(_) => None,
            Topology::Sentinel { .. } | Topology::Cluster(_) => {
                let following = follow::follow(Arc::clone(&whereabouts), topology.clone(), shared);
                Some(tokio::spawn(following).abort_handle())
            }
        };
        let router = Self { whereabouts, deadline, follower };
        for node in router.nodes() {
            let patience = tokio::time::timeout(TO_CONNECT, node.is_up()).await;
            patience.map_err(|_elapsed| node.trouble())?;
        }
        Ok(router)
    }

    pub(crate) fn nodes(&self) -> Vec<Arc<Node>> {
        self.whereabouts.map.load().nodes().to_vec()
    }

    pub(crate) async fn call(
        &self,
        partition: Partition,
        command: &Command<'_>,
    ) -> Result<Value, StoreError> {
        self.ask(partition, command, false).await
    }

    /// The same; where it is set so, answered only when replicas have it too.
    pub(crate) async fn call_replicated(
        &self,
        partition: Partition,
        command: &Command<'_>,
    ) -> Result<Value, StoreError> {
        self.ask(partition, command, true).await
    }

    async fn ask(
        &self,
        partition: Partition,
        command: &Command<'_>,
        replicated: bool,
    ) -> Result<Value, StoreError> {
        let began = Instant::now();
        let deadline = began + self.deadline;
        let mut may_ask_again = if command.writes() { 0 } else { READ_AGAIN };
        loop {
            // Taken before the question is asked, so that a map which is replaced meanwhile is not waited for.
            let mut generation = self.whereabouts.generation.subscribe();
            let map = self.whereabouts.map.load_full();
            let Some(node) = map.node(partition) else {
                self.await_another_map(&mut generation, began + OUTAGE).await.map_err(|()| nobody())?;
                continue;
            };
            let answer = if replicated {
                node.call_replicated(command, deadline).await
            } else {
                node.call(command, deadline).await
            };
            let failure = match answer {
                Ok(answer) => return Ok(answer),
                Err(failure) => failure,
            };
            match failure {
                Failure::Disconnected(error) => {
                    self.await_connection(node, &mut generation, began + OUTAGE).await.map_err(|()| error)?;
                }
                Failure::Lost(error) if may_ask_again == 0 => return Err(error),
                Failure::Lost(_) => may_ask_again -= 1,
                Failure::Moved(error) => {
                    self.await_another_map(&mut generation, deadline).await.map_err(|()| error)?;
                }
                Failure::Ask(address) => {
                    let Some(node) = map.node_at(&address) else {
                        self.await_another_map(&mut generation, deadline).await.map_err(|()| nobody())?;
                        continue;
                    };
                    match node.call_asking(command, deadline).await {
                        Ok(answer) => return Ok(answer),
                        Err(Failure::TryAgain | Failure::Moved(_) | Failure::Ask(_)) => {
                            pause(deadline).await?
                        }
                        Err(failure) => return Err(failure.into_error()),
                    }
                }
                Failure::TryAgain => pause(deadline).await?,
                Failure::NoScript | Failure::Refused(_) => return Err(failure.into_error()),
            }
        }
    }

    async fn await_another_map(
        &self,
        generation: &mut watch::Receiver<u64>,
        until: Instant,
    ) -> Result<(), ()> {
        self.whereabouts.doubt.notify_one();
        let changed = timeout_at(until, generation.changed()).await;
        changed.map_err(|_elapsed| ())?.map_err(|_closed| ())
    }

    /// A connection that was lost a moment ago is there again in a moment, or another map names another master. An
    /// outage that lasts is not waited out: the caller hears of it soon.
    async fn await_connection(
        &self,
        node: &Node,
        generation: &mut watch::Receiver<u64>,
        until: Instant,
    ) -> Result<(), ()> {
        self.whereabouts.doubt.notify_one();
        let something = async {
            tokio::select! {
                () = node.is_up() => {}
                _ = generation.changed() => {}
            }
        };
        timeout_at(until, something).await.map_err(|_elapsed| ())
    }
}

impl Drop for Router {
    fn drop(&mut self) {
        if let Some(follower) = &self.follower {
            follower.abort();
        }
    }
}

fn nobody() -> StoreError {
    StoreError::unavailable("no master has the record's slot").with_effect(Effect::NotApplied)
}

/// Keys on their way elsewhere are there in a moment.
async fn pause(deadline: Instant) -> Result<(), StoreError> {
    let until = Instant::now() + Duration::from_millis(fastrand::u64(2..10));
    if until >= deadline {
        return Err(StoreError::timeout().with_effect(Effect::NotApplied));
    }
    sleep_until(until).await;
    Ok(())
}

/// How long a call waits for a connection: longer than one takes to be made anew, shorter than a request's patience.
const OUTAGE: Duration = Duration::from_millis(100);
/// How often a question that changes nothing is asked again when its connection broke.
const READ_AGAIN: u32 = 3;
/// How long all masters together may take to be there at the start.
const TO_CONNECT: Duration = Duration::from_secs(3);
