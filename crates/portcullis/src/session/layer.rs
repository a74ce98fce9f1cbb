use std::{sync::Arc, time::Duration};

use portcullis_core::{Clock, SharedStore};
use tower_layer::Layer;

use super::{
    config::{Config, Timeouts},
    service::SessionService,
};
use crate::{cookie::CookieSettings, event::Event};

/// Gives every request a [`Session`](super::Session); see the [module](super) for what it decides and what it does not.
///
/// # Example
///
/// ```
/// use portcullis::{session::SessionLayer, store::MemoryStore};
///
/// let layer = SessionLayer::new(MemoryStore::new());
/// # let _ = layer;
/// ```
#[derive(Clone, Debug)]
pub struct SessionLayer {
    config: Arc<Config>,
}

impl SessionLayer {
    /// Sessions in `store`, with every default.
    ///
    /// Needs no more of a store than every store promises, so it cannot fail.
    pub fn new(store: impl Into<SharedStore>) -> Self {
        Self::with(Config::new(store.into(), CookieSettings::default()))
    }

    /// Sessions over plain http, for development: the cookie is `sid`, without `Secure` and without a prefix.
    ///
    /// Never inferred from a request or a forwarded header. Browsers treat `http://localhost` as secure and most keep even the
    /// default cookie there; this is for those that do not.
    ///
    /// # Security
    ///
    /// Whoever is on the way reads the cookie.
    pub fn insecure_for_localhost(store: impl Into<SharedStore>) -> Self {
        Self::with(Config::new(store.into(), CookieSettings::for_plain_http()))
    }

    /// How the cookie is called and what browsers may do with it.
    ///
    /// # Default
    ///
    /// [`CookieSettings::default`].
    #[must_use]
    pub fn with_cookie(self, cookie: CookieSettings) -> Self {
        self.set(|config| {
            config.cookie = cookie;
            config.derive_realm();
        })
    }

    /// When sessions end.
    ///
    /// # Default
    ///
    /// [`Timeouts::default`]: one hour idle, 24 hours absolute.
    #[must_use]
    pub fn with_timeouts(self, timeouts: Timeouts) -> Self {
        self.set(|config| config.timeouts = timeouts)
    }

    /// Keeps the sessions of services that share a store apart: an id of one realm is unknown in another.
    ///
    /// # Default
    ///
    /// The cookie's name, so two layers with different cookies are apart already.
    #[must_use]
    pub fn with_realm(self, realm: impl Into<String>) -> Self {
        self.set(|config| {
            config.realm_name = Some(realm.into());
            config.derive_realm();
        })
    }

    /// Decides timeouts by `clock`; give the store the same one.
    ///
    /// # Default
    ///
    /// The system's clock.
    #[must_use]
    pub fn with_clock(self, clock: impl Clock) -> Self {
        self.set(|config| config.clock = Arc::new(clock))
    }

    /// How long one operation (a load, an `update`, a commit with all its retries) may take before it counts as an outage.
    /// Its timer needs a tokio runtime, as soon as a store makes an operation wait.
    ///
    /// # Default
    ///
    /// Three seconds: longer than a healthy store ever takes, shorter than proxies wait.
    #[must_use]
    pub fn with_store_deadline(self, deadline: Duration) -> Self {
        self.set(|config| config.deadline = deadline)
    }

    /// Calls `hook` with every [`Event`]. It runs on the way of the request, so it must not wait; no lock over the session's state is
    /// held meanwhile, so it may read one.
    #[must_use]
    pub fn with_event_hook(self, hook: impl Fn(&Event) + Send + Sync + 'static) -> Self {
        self.set(|config| config.hook = Some(Arc::new(hook)))
    }

    fn with(config: Config) -> Self {
        Self { config: Arc::new(config) }
    }

    fn set(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(Arc::make_mut(&mut self.config));
        self
    }
}

impl<S> Layer<S> for SessionLayer {
    type Service = SessionService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        SessionService::new(inner, Arc::clone(&self.config))
    }
}
