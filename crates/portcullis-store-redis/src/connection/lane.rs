use std::{
    error::Error,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwapOption;
use portcullis_core::{Effect, StoreError, StoreErrorKind};
use tokio::{
    sync::{Notify, watch},
    time::{sleep, timeout},
};

use super::{Link, entrance::Entrance};

/// One connection to a server, that is replaced when it is lost or does not answer.
///
/// The client library takes a time-out for no reason to connect anew, so a server that is stopped or cut off would keep its callers
/// waiting for as long as its kernel does. Here a call that was not answered in time puts the connection in doubt; one in doubt, and
/// each once a second, is asked something itself, and is given up if it does not answer at once.
pub(super) struct Lane {
    link: ArcSwapOption<Link>,
    /// Whether there is a link, for those who wait for one.
    up: watch::Sender<bool>,
    doubt: Notify,
    trouble: Mutex<Trouble>,
}

/// Why there is no link.
struct Trouble {
    /// Nothing that passes: somebody must set something.
    is_misconfigured: bool,
    reason: String,
}

impl Lane {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self {
            link: ArcSwapOption::empty(),
            up: watch::Sender::new(false),
            doubt: Notify::new(),
            trouble: Mutex::new(Trouble {
                is_misconfigured: false,
                reason: "it has not been connected to yet".to_owned(),
            }),
        })
    }

    pub(super) fn link(&self) -> Option<Arc<Link>> {
        self.link.load_full()
    }

    /// The connection may be of no more use.
    pub(super) fn doubt(&self) {
        self.doubt.notify_one();
    }

    /// The connection is broken, and nobody is to ask anything over it again.
    pub(super) fn give_up(&self, broken: &Arc<Link>) {
        let there = self.link.compare_and_swap(broken, None);
        if there.as_ref().is_some_and(|there| Arc::ptr_eq(there, broken)) {
            self.up.send_replace(false);
        }
        self.doubt();
    }

    pub(super) async fn is_up(&self) {
        let mut up = self.up.subscribe();
        // The sender is `self`, so it is there as long as anybody waits.
        let _closed = up.wait_for(|up| *up).await.is_err();
    }

    pub(super) fn trouble(&self) -> StoreError {
        let trouble = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        if trouble.is_misconfigured {
            return StoreError::misconfigured(trouble.reason.clone());
        }
        StoreError::unavailable(trouble.reason.clone()).with_effect(Effect::NotApplied)
    }

    /// Connects, watches, and connects anew, until it is dropped.
    pub(super) async fn keep_up(self: Arc<Self>, entrance: Arc<Entrance>) {
        let mut attempts = 0;
        loop {
            match entrance.enter().await {
                Err(error) => self.note(&error),
                Ok(link) => {
                    attempts = 0;
                    self.link.store(Some(Arc::new(link.clone())));
                    self.up.send_replace(true);
                    let error = self.watch(&link, &entrance).await;
                    self.link.store(None);
                    self.up.send_replace(false);
                    self.note(&error);
                    tracing::warn!(server = %entrance.address(), %error, "a connection to the store was given up");
                }
            }
            sleep(pause(attempts)).await;
            attempts += 1;
        }
    }

    /// Returns with the reason once the connection is of no more use.
    async fn watch(&self, link: &Link, entrance: &Entrance) -> StoreError {
        loop {
            tokio::select! {
                () = sleep(BETWEEN_PROBES) => {}
                () = self.doubt.notified() => {}
            }
            match timeout(TO_ANSWER, entrance.probe(link)).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return error,
                Err(_elapsed) => return StoreError::timeout(),
            }
        }
    }

    fn note(&self, error: &StoreError) {
        // What the client library shows of an error holds the error's own source.
        let reason = error.source().map_or_else(|| error.to_string(), ToString::to_string);
        let is_misconfigured = error.kind() == StoreErrorKind::Misconfigured;
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = Trouble { is_misconfigured, reason };
    }
}

/// Twice as long after each attempt up to half a second, and anywhere within that, so that many processes do not come at once.
fn pause(attempts: u32) -> Duration {
    let longest = 20_u64.saturating_mul(1 << attempts.min(5)).min(500);
    Duration::from_millis(fastrand::u64(longest / 2..=longest))
}

const BETWEEN_PROBES: Duration = Duration::from_secs(1);
const TO_ANSWER: Duration = Duration::from_millis(250);
