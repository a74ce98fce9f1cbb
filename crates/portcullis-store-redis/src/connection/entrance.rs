use std::{sync::Arc, time::Duration};

use portcullis_core::{StoreError, StoreErrorKind};
use tokio::sync::Mutex;

use super::{
    Access, Failure, Link,
    facts::{Facts, History},
};
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

/// How a connection comes to be used: the server is a master of a version that will do, knows the scripts, and has been
/// told again of the removals that it may have missed.
pub(super) struct Entrance {
    address: Address,
    shared: Shared,
    /// The history of writes that was last seen at this address. Held while removals are asked for again, so that no
    /// connection is used before that is done.
    seen: Mutex<Option<History>>,
}

impl Entrance {
    pub(super) fn new(address: Address, shared: &Shared) -> Self {
        Self { address, shared: shared.clone(), seen: Mutex::new(None) }
    }

    pub(super) fn address(&self) -> &Address {
        &self.address
    }

    pub(super) async fn enter(&self) -> Result<Link, StoreError> {
        let Shared { access, scripts, removals, .. } = &self.shared;
        let link = Link::connect(&self.address, access).await?;
        let entering = async {
            let history = self.inspect(&link).await?;
            for script in scripts.each() {
                let load = Command::writing("SCRIPT").arg(b"LOAD").arg(script.code().as_bytes());
                link.call(&load).await.map_err(Failure::into_error)?;
            }
            let mut seen = self.seen.lock().await;
            if history.is_none() || *seen != history {
                removals.ask_again(&link, scripts).await?;
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
            Err(Failure::Refused(error)) if error.kind() == StoreErrorKind::Misconfigured => {
                link.call(&Command::reading("PING")).await.map_err(Failure::into_error)?;
                return Ok(None);
            }
            Err(failure) => return Err(failure.into_error()),
        };
        facts.check()?;
        Ok(facts.history())
    }
}

/// For what is asked of a server before it is used; as long as many removals may take.
const TO_ENTER: Duration = Duration::from_secs(2);
