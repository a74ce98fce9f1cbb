use std::{fmt::Debug, pin::Pin, sync::Arc, time::Duration};

use portcullis_core::{SharedStore, Timestamp};

use super::Principal;
use crate::{
    deadline,
    event::{Event, EventKind},
    session::{SessionError, end_everything},
};

/// Everything somebody is logged in by, over all layers that share a store: sessions and refresh grants, and, with
/// `with_revocations` (feature `bearer`), access tokens.
///
/// Of a principal only issuer and subject are looked at, so layers that are to be meant by it name the same
/// [issuer](super::IssuerId).
///
/// # Example
///
/// ```
/// use portcullis::{identity::{Principal, Subjects}, store::{MemoryStore, SharedStore}};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let store = SharedStore::from(MemoryStore::new());
/// let subjects = Subjects::new(store.clone());
///
/// // The account is closed:
/// subjects.log_out_everywhere(&Principal::local("ada")).await?;
/// # Ok(()) }
/// ```
#[derive(Clone, Debug)]
pub struct Subjects {
    store: SharedStore,
    deadline: Duration,
    pub(super) older_tokens: Option<Arc<dyn OlderTokens>>,
}

impl Subjects {
    /// The subjects whose records are in `store`.
    #[must_use]
    pub fn new(store: impl Into<SharedStore>) -> Self {
        Self { store: store.into(), deadline: deadline::DEFAULT, older_tokens: None }
    }

    /// How long the store may take before it counts as an outage.
    ///
    /// # Default
    ///
    /// Three seconds, as for [sessions](crate::session::SessionLayer::with_store_deadline).
    #[must_use]
    pub const fn with_store_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Ends every session and refresh grant of `principal` in one step; what is being renewed just then does not survive it.
    ///
    /// Then, with `with_revocations`, refuses the access tokens that were issued until now. In this order, since a grant that is still there could
    /// be traded for a token that the mark does not refuse; and if the second step fails, what is left ends by itself.
    ///
    /// It is written with `tracing`, and no layer's [hook](crate::session::SessionLayer::with_event_hook) hears of it.
    ///
    /// # Errors
    ///
    /// The store fails: some may live on. Both steps are tried whatever becomes of the first. To ask again is safe.
    pub async fn log_out_everywhere(&self, principal: &Principal) -> Result<(), SessionError> {
        let ended = deadline::within(self.deadline, end_everything(&self.store, &principal.owner())).await;
        if let Some(tokens) = &self.older_tokens {
            let refused = tokens.refuse(principal).await;
            ended.and(refused)?;
        } else {
            ended?;
        }
        Event::new(EventKind::LoggedOutEverywhere, None).trace();
        Ok(())
    }

    /// Until when somebody who was logged out everywhere at `logged_out_at` may still be let in by an access token from before. What to tell who
    /// asks whether it is over.
    ///
    /// Without `with_revocations` that is the tokens' end, which only you know: `lifetime` is how long the issuer lets them live, and the leeway of the
    /// verifiers. With it, it is as long as another process may not have heard of the logout.
    ///
    /// # Example
    ///
    /// ```
    /// use std::time::Duration;
    /// use portcullis::{identity::Subjects, store::{MemoryStore, Timestamp}};
    ///
    /// let subjects = Subjects::new(MemoryStore::new());
    /// let logged_out_at = Timestamp::from_unix_seconds(2_000_000_000);
    /// let lifetime = Duration::from_secs(10 * 60 + 30);
    /// assert_eq!(subjects.older_tokens_live_until(logged_out_at, lifetime), logged_out_at + lifetime);
    /// ```
    #[must_use]
    pub fn older_tokens_live_until(&self, logged_out_at: Timestamp, lifetime: Duration) -> Timestamp {
        let unheard_of = self.older_tokens.as_ref().map_or(lifetime, |tokens| tokens.staleness());
        logged_out_at + unheard_of.min(lifetime)
    }
}

/// The access tokens that somebody has: in a build without bearer tokens there are none.
pub(super) trait OlderTokens: Debug + Send + Sync + 'static {
    /// Refuses those of `principal` that were issued until now.
    fn refuse<'a>(&'a self, principal: &'a Principal) -> Pin<Box<dyn Future<Output = Refusal> + Send + 'a>>;

    /// How much later that holds in other processes.
    fn staleness(&self) -> Duration;
}

/// Whether tokens are refused from now on.
pub(super) type Refusal = Result<(), SessionError>;
