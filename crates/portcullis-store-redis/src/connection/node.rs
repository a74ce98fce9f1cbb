use std::{collections::HashMap, fmt, sync::Arc, time::Duration};

use portcullis_core::{Effect, StoreError};
use redis::Value;
use tokio::{
    sync::{Mutex, Semaphore, TryAcquireError},
    task::AbortHandle,
    time::{Instant, timeout_at},
};

use super::{Access, Failure, Link, lane::Lane};
use crate::{command::Command, removals::Removals, script::Scripts, settings::Address};

/// What every node needs of the store it belongs to.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) access: Access,
    pub(crate) scripts: Arc<Scripts>,
    pub(crate) removals: Arc<Removals>,
    pub(crate) connections: usize,
    pub(crate) in_flight: usize,
    pub(crate) replicas: usize,
}

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
        let entrance = Arc::new(Entrance {
            address,
            access: shared.access.clone(),
            scripts: Arc::clone(&shared.scripts),
            removals: Arc::clone(&shared.removals),
            seen: Mutex::new(None),
        });
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
        &self.entrance.address
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

/// How a connection comes to be used: the server is a master of a version that will do, knows the scripts, and has been
/// told again of the removals that it may have missed.
pub(super) struct Entrance {
    address: Address,
    access: Access,
    scripts: Arc<Scripts>,
    removals: Arc<Removals>,
    /// The history of writes that was last seen at this address. Held while removals are asked for again, so that no
    /// connection is used before that is done.
    seen: Mutex<Option<History>>,
}

/// Which sequence of writes a server goes by: another one after a restart and after a failover.
#[derive(Clone, Debug, Eq, PartialEq)]
struct History {
    process: String,
    replication: String,
}

impl Entrance {
    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    pub(super) async fn enter(&self) -> Result<Link, StoreError> {
        let link = Link::connect(&self.address, &self.access).await?;
        let entering = async {
            let history = self.inspect(&link).await?;
            for script in self.scripts.each() {
                let load = Command::writing("SCRIPT").arg(b"LOAD").arg(script.code().as_bytes());
                link.call(&load).await.map_err(Failure::into_error)?;
            }
            let mut seen = self.seen.lock().await;
            if history.is_none() || *seen != history {
                self.removals.ask_again(&link, &self.scripts).await?;
                *seen = history;
            }
            Ok(())
        };
        let entered = tokio::time::timeout(TO_ENTER, entering).await;
        entered.map_err(|_elapsed| StoreError::timeout())??;
        Ok(link)
    }

    /// Whether the server is of use still.
    pub(super) async fn probe(&self, link: &Link) -> Result<(), StoreError> {
        self.inspect(link).await.map(drop)
    }

    /// A user who may not ask for more may still ask whether anybody is there.
    async fn inspect(&self, link: &Link) -> Result<Option<History>, StoreError> {
        let facts = match link.call(&Command::reading("INFO")).await {
            Ok(answer) => Facts::of(&answer),
            Err(Failure::Refused(error))
                if error.kind() == portcullis_core::StoreErrorKind::Misconfigured =>
            {
                link.call(&Command::reading("PING")).await.map_err(Failure::into_error)?;
                return Ok(None);
            }
            Err(failure) => return Err(failure.into_error()),
        };
        facts.check()?;
        Ok(facts.history())
    }
}

/// What a server says of itself.
pub(crate) struct Facts(HashMap<String, String>);

impl Facts {
    pub(crate) fn of(answer: &Value) -> Self {
        let text = match answer {
            Value::BulkString(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Value::VerbatimString { text, .. } => text.clone(),
            _ => String::new(),
        };
        let pairs = text.lines().filter_map(|line| line.split_once(':'));
        Self(pairs.map(|(name, value)| (name.to_owned(), value.trim().to_owned())).collect())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    fn check(&self) -> Result<(), StoreError> {
        if self.get("role").is_some_and(|role| role != "master") {
            let replica = "the server is a replica, which takes no writes; name its master, or its Sentinels";
            return Err(StoreError::unavailable(replica).with_effect(Effect::NotApplied));
        }
        if self.get("loading") == Some("1") {
            return Err(
                StoreError::unavailable("the server is loading its data").with_effect(Effect::NotApplied)
            );
        }
        // Valkey answers 7.2.4 here whatever its own version is, which is in `valkey_version`.
        let version = self.get("redis_version").unwrap_or_default();
        let mut numbers = version.split('.').map_while(|number| number.parse::<u32>().ok());
        let found = (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0));
        if found < (6, 2) && !version.is_empty() {
            let old =
                format!("the server is Redis {version}; Redis 6.2 or Valkey 7.2 is needed, or a later one");
            return Err(StoreError::misconfigured(old));
        }
        Ok(())
    }

    fn history(&self) -> Option<History> {
        let process = self.get("run_id")?.to_owned();
        Some(History { process, replication: self.get("master_replid")?.to_owned() })
    }
}

/// For what is asked of a server before it is used; as long as many removals may take.
const TO_ENTER: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use portcullis_core::StoreErrorKind;

    use super::*;

    #[test]
    fn a_server_is_used_that_is_a_master_of_a_version_that_will_do() {
        let rows = [
            ("redis_version:6.2.0", None),
            ("redis_version:7.0.15", None),
            ("redis_version:8.2.1", None),
            ("redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:9.0.0", None),
            ("server_name:another", None),
            ("redis_version:6.0.16", Some(StoreErrorKind::Misconfigured)),
            ("redis_version:5.0.14", Some(StoreErrorKind::Misconfigured)),
            ("redis_version:7.0.15\r\nrole:slave", Some(StoreErrorKind::Unavailable)),
            ("redis_version:7.0.15\r\nrole:master\r\nloading:1", Some(StoreErrorKind::Unavailable)),
        ];
        for (said, refused) in rows {
            let facts = Facts::of(&Value::BulkString(said.as_bytes().to_vec()));
            assert_eq!(facts.check().err().map(|error| error.kind()), refused, "{said}");
        }
        let old = Facts::of(&Value::BulkString(b"redis_version:6.0.16".to_vec())).check().unwrap_err();
        let reason = std::error::Error::source(&old).map(ToString::to_string).unwrap_or_default();
        assert!(reason.contains("Redis 6.2 or Valkey 7.2"), "{reason}");
    }
}
