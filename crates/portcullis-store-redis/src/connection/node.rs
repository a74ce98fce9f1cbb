use std::{fmt, sync::Arc};

use portcullis_core::{Effect, StoreError};
use redis::Value;
use tokio::{
    sync::{Semaphore, TryAcquireError},
    task::AbortHandle,
    time::{Instant, timeout_at},
};

use super::{Failure, Link, Shared, entrance::Entrance, lane::Lane};
use crate::{command::Command, settings::Address};

/// A master, over connections that are watched. The last to drop it closes them.
pub(crate) struct Node {
    entrance: Arc<Entrance>,
    lanes: Vec<Arc<Lane>>,
    /// Of its own, because it waits for replicas and all behind it do too.
    replicated: Option<Arc<Lane>>,
    replicas: usize,
    calls: Semaphore,
    tasks: Vec<AbortHandle>,
}

impl Node {
    pub(crate) fn new(address: Address, shared: &Shared) -> Arc<Self> {
        let entrance = Arc::new(Entrance::new(address, shared));
        let lanes: Vec<Arc<Lane>> = (0..shared.connections).map(|_| Lane::new()).collect();
        let replicated = (shared.replicas > 0).then(Lane::new);
        let tasks = lanes.iter().chain(&replicated);
        let tasks =
            tasks.map(|lane| tokio::spawn(Arc::clone(lane).keep_up(Arc::clone(&entrance))).abort_handle());
        let tasks = tasks.collect();
        let calls = Semaphore::new(shared.in_flight);
        Arc::new(Self { entrance, lanes, replicated, replicas: shared.replicas, calls, tasks })
    }

    pub(crate) fn address(&self) -> &Address {
        self.entrance.address()
    }

    /// Asks `command` and awaits the answer until `deadline`.
    pub(crate) async fn call(&self, command: &Command<'_>, deadline: Instant) -> Result<Value, Failure> {
        let (lane, link) = self.lane()?;
        self.answered(command, deadline, lane, &link, link.call(command)).await
    }

    /// The same for a key that is on its way here.
    pub(crate) async fn call_asking(
        &self,
        command: &Command<'_>,
        deadline: Instant,
    ) -> Result<Value, Failure> {
        let (lane, link) = self.lane()?;
        self.answered(command, deadline, lane, &link, link.call_asking(command)).await
    }

    /// The same as [`call`](Self::call); if replicas are demanded, only when they have it too.
    pub(crate) async fn call_replicated(
        &self,
        command: &Command<'_>,
        deadline: Instant,
    ) -> Result<Value, Failure> {
        let Some(lane) = &self.replicated else {
            return self.call(command, deadline).await;
        };
        let link = lane.link().ok_or_else(|| Failure::Disconnected(lane.trouble()))?;
        // The server is to give up before we do, so that we hear what it has done.
        let patience = deadline.saturating_duration_since(Instant::now()).mul_f32(0.8);
        let waiting = link.call_replicated(command, self.replicas, patience);
        let (answer, acknowledged) = self.answered(command, deadline, lane, &link, waiting).await?;
        if acknowledged < self.replicas {
            let too_few = StoreError::unavailable("too few replicas have what the master has written");
            return Err(Failure::Refused(too_few.with_effect(Effect::Applied)));
        }
        Ok(answer)
    }

    /// Whether there is a connection.
    pub(crate) fn has_link(&self) -> bool {
        self.lanes.iter().any(|lane| lane.link().is_some())
    }

    /// Returns once there is a connection.
    pub(crate) async fn is_up(&self) {
        let waiting = self.lanes.iter().map(|lane| Box::pin(lane.is_up()));
        futures_util::future::select_all(waiting).await;
    }

    /// Why there is no connection.
    pub(crate) fn trouble(&self) -> StoreError {
        self.lanes.first().map_or_else(StoreError::timeout, |lane| lane.trouble())
    }

    /// A connection to the server: one at random, so that none is preferred by callers that come in turns.
    fn lane(&self) -> Result<(&Lane, Arc<Link>), Failure> {
        let first = fastrand::usize(..self.lanes.len().max(1));
        let lanes = self.lanes.iter().cycle().skip(first).take(self.lanes.len());
        let mut up = lanes.filter_map(|lane| Some((&**lane, lane.link()?)));
        up.next().ok_or_else(|| Failure::Disconnected(self.trouble()))
    }

    async fn answered<T>(
        &self,
        command: &Command<'_>,
        deadline: Instant,
        lane: &Lane,
        link: &Arc<Link>,
        answer: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let _permit = self.calls.try_acquire().map_err(|full: TryAcquireError| {
            debug_assert_eq!(full, TryAcquireError::NoPermits);
            Failure::Refused(StoreError::overloaded())
        })?;
        let effect = if command.writes() { Effect::Unknown } else { Effect::NotApplied };
        match timeout_at(deadline, answer).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(Failure::Lost(error))) => {
                lane.give_up(link);
                Err(Failure::Lost(error.with_effect(effect)))
            }
            Ok(Err(failure)) => {
                if matches!(failure, Failure::Moved(_)) {
                    lane.doubt();
                }
                Err(failure)
            }
            Err(_elapsed) => {
                lane.doubt();
                Err(Failure::Refused(StoreError::timeout().with_effect(effect)))
            }
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.tasks.iter().for_each(AbortHandle::abort);
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Node({})", self.address())
    }
}
