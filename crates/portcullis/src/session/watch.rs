use std::{fmt, sync::Arc};

use portcullis_core::{Freshness, RecordKey, Timestamp};

use super::{config::Config, error::SessionError, snapshot::Stored, state::Activity};

/// Learns of a session's end where no further request asks: beside a stream.
#[derive(Clone)]
pub(crate) struct Watch {
    config: Arc<Config>,
    key: RecordKey,
    /// When it ends if nobody uses it, as last seen.
    ends_at: Timestamp,
}

impl Watch {
    pub(super) const fn new(config: Arc<Config>, key: RecordKey, ends_at: Timestamp) -> Self {
        Self { config, key, ends_at }
    }

    /// Waits until the session has ended. A stream is no use of it, so it ends by its idle timeout too unless other requests keep it
    /// alive; and it goes on under another id if it is renewed.
    ///
    /// While the store is out nothing can be learnt, and the stream goes on until the session would have ended by itself.
    pub(crate) async fn ended(mut self) {
        loop {
            let left = self.ends_at.since(self.config.clock.now());
            tokio::time::sleep(self.config.recheck.min(left)).await;
            match self.config.within(self.look()).await {
                Ok(Some(seen)) => self = seen,
                Ok(None) => return,
                Err(_outage) if self.ends_at <= self.config.clock.now() => return,
                Err(_outage) => {}
            }
        }
    }

    /// The session as it is now, if it lives.
    async fn look(&self) -> Result<Option<Self>, SessionError> {
        let Some(record) = self.config.store.load(&self.key, Freshness::Strong).await? else {
            return Ok(None);
        };
        let live = match Stored::of(record, self.config.clock.now()) {
            Ok(Stored::Live(snapshot)) => Some(snapshot),
            Ok(Stored::Moved(tombstone)) => self.config.follow(&tombstone).await?,
            Ok(Stored::Over) | Err(_) => None,
        };
        Ok(live.map(|snapshot| {
            Self::new(Arc::clone(&self.config), snapshot.key, snapshot.idle_end(Activity::Background))
        }))
    }
}

/// Who somebody is does not depend on how one would learn of their session's end.
impl PartialEq for Watch {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Watch {}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}
