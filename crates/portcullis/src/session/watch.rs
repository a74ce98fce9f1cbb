use std::{fmt, sync::Arc, time::Duration};

use portcullis_core::{Freshness, Owner, RecordKey, Timestamp};

use super::{
    activity::Activity,
    config::Config,
    error::{SessionError, SessionErrorKind},
    public_handle::PublicHandle,
    snapshot::{Snapshot, Stored},
};

/// Learns of a session's end where no further request asks: beside a stream.
#[derive(Clone)]
pub(crate) struct Watch {
    config: Arc<Config>,
    key: RecordKey,
    owner: Option<Owner>,
    handle: PublicHandle,
    /// When it ends if nobody uses it, as last seen.
    ends_at: Timestamp,
}

impl Watch {
    pub(super) fn new(config: Arc<Config>, snapshot: &Snapshot, activity: Activity) -> Self {
        Self {
            config,
            key: snapshot.key,
            owner: snapshot.owner,
            handle: snapshot.payload.header.handle,
            ends_at: snapshot.idle_end(activity),
        }
    }

    /// Waits until the session has ended. A stream is no use of it, so it ends by its idle timeout too unless other requests keep it
    /// alive; and it goes on under another id if it is renewed.
    ///
    /// While the store is out nothing can be learnt, and the stream goes on until the session would have ended by itself.
    pub(crate) async fn ended(mut self) {
        loop {
            let left = self.ends_at.since(self.config.clock.now());
            tokio::time::sleep(self.config.recheck.min(left).max(SHORTEST_PAUSE)).await;
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
        let record = self.config.store.load(&self.key, Freshness::Strong).await?;
        let live = match record.map(|record| Stored::of(record, self.config.clock.now())) {
            Some(Ok(Stored::Live(snapshot))) => Some(snapshot),
            Some(Ok(Stored::Moved(tombstone))) => self.config.follow(&tombstone).await?,
            Some(Ok(Stored::Over) | Err(_)) | None => None,
        };
        let live = match live {
            None => self.by_name().await?,
            live => live,
        };
        Ok(live.map(|snapshot| Self::new(Arc::clone(&self.config), &snapshot, Activity::Background)))
    }

    /// The session by its public handle, which stays when the id is renewed: the sign that leads from one id to the next is not kept
    /// for long, and goes when others are ended.
    async fn by_name(&self) -> Result<Option<Snapshot>, SessionError> {
        let Some(owner) = &self.owner else { return Ok(None) };
        match self.config.sessions_of(owner).await {
            Ok(sessions) => {
                Ok(sessions.into_iter().find(|snapshot| snapshot.payload.header.handle == self.handle))
            }
            Err(cannot) if cannot.kind() == SessionErrorKind::Unsupported => Ok(None),
            Err(outage) => Err(outage),
        }
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

/// However short the interval is, and however a store's clock may differ: a thousand streams must not ask without a pause.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
