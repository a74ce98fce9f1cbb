use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::Request;
use portcullis_core::{Clock, Realm, SharedStore, SystemClock};

use super::{
    activity::{Activity, IsUse, RequestHead},
    commit_policy::CommitPolicy,
    config_error::ConfigError,
    error::SessionError,
    limit::SessionLimit,
    public_handle::PublicHandle,
    timeouts::Timeouts,
};
use crate::{
    cookie::CookieSettings,
    cross_origin::CrossOrigin,
    deadline,
    event::{Event, EventHook, EventKind},
};

/// All settings of a layer.
#[derive(Clone)]
pub(super) struct Config {
    pub(super) store: SharedStore,
    pub(super) cookie: CookieSettings,
    pub(super) timeouts: Timeouts,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) deadline: Duration,
    pub(super) realm_name: Option<String>,
    pub(super) hook: Option<EventHook>,
    pub(super) cross_origin: CrossOrigin,
    pub(super) limit: Option<SessionLimit>,
    pub(super) commit_policy: CommitPolicy,
    pub(super) recheck: Duration,
    activity: Option<IsUse>,
    /// Derives record ids from secrets.
    pub(super) realm: Realm,
    warned_of_loopback: Arc<AtomicBool>,
}

impl Config {
    pub(super) fn new(store: SharedStore, cookie: CookieSettings) -> Self {
        Self {
            store,
            timeouts: Timeouts::default(),
            clock: Arc::new(SystemClock),
            deadline: deadline::DEFAULT,
            realm_name: None,
            hook: None,
            cross_origin: CrossOrigin::new(),
            limit: None,
            commit_policy: CommitPolicy::default(),
            recheck: Duration::from_secs(30),
            activity: None,
            realm: session_realm(cookie.name()),
            warned_of_loopback: Arc::new(AtomicBool::new(false)),
            cookie,
        }
    }

    /// To be called when the cookie or the realm's name changed.
    pub(super) fn derive_realm(&mut self) {
        let name = self.realm_name.as_deref().unwrap_or_else(|| self.cookie.name());
        self.realm = session_realm(name);
    }

    /// Refuses a setting that the store cannot meet.
    pub(super) fn need_owner_index(&self, setting: &'static str) -> Result<(), ConfigError> {
        if self.store.profile().owner_index { Ok(()) } else { Err(ConfigError::NoOwnerIndex { setting }) }
    }

    pub(super) fn set_activity(&mut self, predicate: IsUse) {
        self.activity = Some(predicate);
    }

    /// Whether a request counts as use of its session.
    pub(super) fn activity<B>(&self, request: &Request<B>) -> Activity {
        match &self.activity {
            Some(is_use) if !is_use(&RequestHead::of(request)) => Activity::Background,
            _ => Activity::Use,
        }
    }

    /// Runs `operation` for no longer than the deadline. One that need not wait is done without a timer.
    pub(super) async fn within<T>(
        &self,
        operation: impl Future<Output = Result<T, SessionError>>,
    ) -> Result<T, SessionError> {
        deadline::within(self.deadline, operation).await
    }

    pub(super) fn emit(&self, kind: EventKind, session: Option<PublicHandle>) {
        self.report(&Event::new(kind, session));
    }

    pub(super) fn report(&self, event: &Event) {
        event.trace();
        if let Some(hook) = &self.hook {
            hook(event);
        }
    }

    /// Whether a loopback host should still be looked for: until it was once.
    pub(super) fn may_warn_of_loopback(&self) -> bool {
        self.cookie.is_secure() && !self.warned_of_loopback.load(Ordering::Relaxed)
    }

    pub(super) fn warn_of_loopback(&self) {
        if !self.warned_of_loopback.swap(true, Ordering::Relaxed) {
            self.emit(EventKind::SecureCookieOnLoopback, None);
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("store", &self.store)
            .field("cookie", &self.cookie)
            .field("timeouts", &self.timeouts)
            .field("cross_origin", &self.cross_origin)
            .field("limit", &self.limit)
            .field("commit_policy", &self.commit_policy)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

fn session_realm(name: &str) -> Realm {
    Realm::new("session", name)
}
