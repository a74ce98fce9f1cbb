use std::time::Duration;

use portcullis_core::SharedStore;

use super::Principal;
use crate::{
    deadline,
    event::{Event, EventKind},
    session::{SessionError, end_everything},
};

/// Everything somebody is logged in by, over all layers that share a store: sessions and refresh grants.
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
}

impl Subjects {
    /// The subjects whose records are in `store`.
    #[must_use]
    pub fn new(store: impl Into<SharedStore>) -> Self {
        Self { store: store.into(), deadline: deadline::DEFAULT }
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
    /// It is written with `tracing`, and no layer's [hook](crate::session::SessionLayer::with_event_hook) hears of it.
    ///
    /// # Errors
    ///
    /// The store fails: some may live on. To ask again is safe.
    pub async fn log_out_everywhere(&self, principal: &Principal) -> Result<(), SessionError> {
        deadline::within(self.deadline, end_everything(&self.store, &principal.owner())).await?;
        Event::new(EventKind::LoggedOutEverywhere, None).trace();
        Ok(())
    }
}
