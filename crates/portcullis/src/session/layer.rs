use std::{sync::Arc, time::Duration};

use portcullis_core::{Clock, SharedStore};
use tower_layer::Layer;

use super::{
    activity::RequestHead, commit_policy::CommitPolicy, config::Config, config_error::ConfigError,
    limit::SessionLimit, service::SessionService, sessions::Sessions, timeouts::Timeouts,
};
use crate::{cookie::CookieSettings, cross_origin::CrossOrigin, event::Event};

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
    /// People are not kept apart by it: whom two services name by the same [issuer](crate::identity::IssuerId) and subject is one
    /// person to both. Their devices are listed together, a session limit counts them together, and ending all ends all. Services with
    /// users of their own need issuers of their own.
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

    /// Whom the [cross-origin check](crate::cross_origin) lets change something.
    ///
    /// # Default
    ///
    /// [`CrossOrigin::new`]: enforced, with the request's own host as the site.
    #[must_use]
    pub fn with_cross_origin(self, check: CrossOrigin) -> Self {
        self.set(|config| config.cross_origin = check)
    }

    /// How many sessions somebody may have at once.
    ///
    /// # Default
    ///
    /// As many as they like.
    ///
    /// # Errors
    ///
    /// [`ConfigError::SessionLimit`] for a limit of none; [`ConfigError::NoOwnerIndex`] if the store cannot list somebody's
    /// sessions.
    pub fn with_session_limit(self, limit: SessionLimit) -> Result<Self, ConfigError> {
        if limit.most == 0 {
            return Err(ConfigError::SessionLimit);
        }
        self.config.need_owner_index("with_session_limit")?;
        Ok(self.set(|config| config.limit = Some(limit)))
    }

    /// Demands a store that can list somebody's sessions, so that [`devices`](super::Session::devices),
    /// [`revoke`](super::Session::revoke) and [`Sessions`] are known to work before the first user asks.
    ///
    /// # Default
    ///
    /// Nothing is demanded, and with a store that cannot list they fail with
    /// [`SessionErrorKind::Unsupported`](super::SessionErrorKind::Unsupported).
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoOwnerIndex`] if the store cannot.
    pub fn with_devices(self) -> Result<Self, ConfigError> {
        self.config.need_owner_index("with_devices")?;
        Ok(self)
    }

    /// Says which requests a user is behind. One that is none, as a page that asks by itself every minute, reads and writes as any
    /// other but does not keep the session alive (S44).
    ///
    /// # Default
    ///
    /// Every request.
    ///
    /// # Example
    ///
    /// ```
    /// use portcullis::{session::SessionLayer, store::MemoryStore};
    ///
    /// let layer = SessionLayer::new(MemoryStore::new())
    ///     .with_activity(|request| request.uri().path() != "/api/notifications");
    /// # let _ = layer;
    /// ```
    #[must_use]
    pub fn with_activity(self, is_use: impl Fn(&RequestHead<'_>) -> bool + Send + Sync + 'static) -> Self {
        self.set(|config| config.set_activity(Arc::new(is_use)))
    }

    /// After which answers of the handler its pending changes are dropped.
    ///
    /// # Default
    ///
    /// [`CommitPolicy::UnlessServerError`].
    #[must_use]
    pub fn with_commit_policy(self, policy: CommitPolicy) -> Self {
        self.set(|config| config.commit_policy = policy)
    }

    /// How often a stream that awaits [`Principal::ended`](crate::identity::Principal::ended) asks the store.
    ///
    /// # Default
    ///
    /// 30 seconds: a revoked stream ends within them and a [store deadline](Self::with_store_deadline), and a thousand streams cost a
    /// store some thirty loads a second.
    ///
    /// # Units
    ///
    /// Less than a tenth of a second is taken for that.
    #[must_use]
    pub fn with_recheck_interval(self, interval: Duration) -> Self {
        self.set(|config| config.recheck = interval)
    }

    /// Anybody's sessions, outside of their requests.
    #[must_use]
    pub fn sessions(&self) -> Sessions {
        Sessions::new(Arc::clone(&self.config))
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
