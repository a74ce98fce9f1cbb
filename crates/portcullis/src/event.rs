//! What happened, by names that stay: every event is written with `tracing` and handed to the application's hook.
//!
//! # Example
//!
//! ```
//! use portcullis::{event::Event, session::SessionLayer, store::MemoryStore};
//!
//! let layer = SessionLayer::new(MemoryStore::new()).with_event_hook(|event: &Event| {
//!     // An audit log, a counter, …: never the credential, always the public handle.
//!     let _line = (event.kind().name(), event.session());
//! });
//! # let _ = layer;
//! ```

use std::sync::Arc;

use tracing::{debug, error, info, warn};

use crate::session::PublicHandle;

/// One thing that happened.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Event {
    kind: EventKind,
    session: Option<PublicHandle>,
    reason: Option<&'static str>,
}

impl Event {
    pub(crate) const fn new(kind: EventKind, session: Option<PublicHandle>) -> Self {
        Self { kind, session, reason: None }
    }

    pub(crate) const fn because(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }

    /// What happened.
    #[must_use]
    pub const fn kind(&self) -> EventKind {
        self.kind
    }

    /// The public handle of the session it happened to, where it is known.
    #[must_use]
    pub const fn session(&self) -> Option<PublicHandle> {
        self.session
    }

    /// Why, by a name that stays, where there is more than one reason.
    #[must_use]
    pub const fn reason(&self) -> Option<&'static str> {
        self.reason
    }

    /// Writes the event to `tracing`: at `INFO` what an auditor reads, at `WARN` what an operator looks into, at `DEBUG` what
    /// strangers can cause at will.
    pub(crate) fn trace(&self) {
        let event = self.kind.name();
        let session = self.session.map(tracing::field::display);
        let reason = self.reason;
        match self.kind {
            EventKind::LoggedIn
            | EventKind::LoggedOut
            | EventKind::LoggedOutOthers
            | EventKind::LoggedOutEverywhere
            | EventKind::Revoked
            | EventKind::Evicted
            | EventKind::TooManySessions
            | EventKind::Renewed => info!(event, session, reason),
            EventKind::Unreadable
            | EventKind::Outage
            | EventKind::TouchFailed
            | EventKind::SecureCookieOnLoopback
            | EventKind::CookieShortened
            | EventKind::CacheControlOverridden
            | EventKind::Contended
            | EventKind::Mixed
            | EventKind::TokenUnchecked
            | EventKind::KeySkipped => warn!(event, session, reason),
            EventKind::LayeredTwice | EventKind::BearerLayeredTwice => error!(event, session, reason),
            EventKind::Created
            | EventKind::DuplicateCookies
            | EventKind::CrossOrigin
            | EventKind::CrossOriginReported
            | EventKind::TokenRefused
            | EventKind::Gone => debug!(event, session, reason),
        }
    }
}

/// What an application subscribes with.
pub(crate) type EventHook = Arc<dyn Fn(&Event) + Send + Sync>;

/// What can happen.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum EventKind {
    /// A session without a principal began.
    Created,
    /// A principal was recorded under a new id.
    LoggedIn,
    /// A session was ended by its holder.
    LoggedOut,
    /// Everything else of a session's principal was ended by its holder.
    LoggedOutOthers,
    /// Everything of a principal was ended.
    LoggedOutEverywhere,
    /// A session was ended by its public handle.
    Revoked,
    /// A session was ended to make room for a new one of the same principal.
    Evicted,
    /// A login was refused because its principal has as many sessions as are allowed.
    TooManySessions,
    /// A session continues under a new id.
    Renewed,
    /// A change came after the session had ended; nothing was written.
    Gone,
    /// A renewal lost against others at every attempt; nothing was written.
    Contended,
    /// A request bore two different live sessions and was taken for nobody's.
    DuplicateCookies,
    /// A record that this version cannot read was taken for no session, and left as it is.
    Unreadable,
    /// The store failed a request.
    Outage,
    /// The store failed to note that a session is in use; the response was sent all the same.
    TouchFailed,
    /// A `Secure` cookie meets a request to a loopback host: over plain http some browsers drop it. Said once.
    SecureCookieOnLoopback,
    /// The cookie was to live longer than browsers keep one: 400 days.
    CookieShortened,
    /// A handler let shared caches keep a response that hands over a cookie; they were forbidden to.
    CacheControlOverridden,
    /// A request of another site was refused.
    CrossOrigin,
    /// A request of another site would have been refused, were the check enforced.
    CrossOriginReported,
    /// Two session layers are around one route; the request was refused.
    LayeredTwice,
    /// A request proved to be somebody by a token and to be somebody else by a session; the token decided.
    Mixed,
    /// A bearer credential was refused; the reason is the one the verifier gives.
    TokenRefused,
    /// Whether a token was revoked could not be told; the request was answered 503.
    TokenUnchecked,
    /// Two bearer layers are around one route; the request was refused.
    BearerLayeredTwice,
    /// A member of a set of keys cannot be used; the others are. Written to `tracing` alone, with the key's id.
    KeySkipped,
}

impl EventKind {
    /// The event's stable name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "session.created",
            Self::LoggedIn => "session.logged_in",
            Self::LoggedOut => "session.logged_out",
            Self::LoggedOutOthers => "session.logged_out_others",
            Self::LoggedOutEverywhere => "session.logged_out_everywhere",
            Self::Revoked => "session.revoked",
            Self::Evicted => "session.evicted",
            Self::TooManySessions => "session.too_many",
            Self::Renewed => "session.renewed",
            Self::Gone => "session.gone",
            Self::Contended => "session.contended",
            Self::DuplicateCookies => "session.duplicate_cookies",
            Self::Unreadable => "session.unreadable",
            Self::Outage => "session.outage",
            Self::TouchFailed => "session.touch_failed",
            Self::SecureCookieOnLoopback => "session.secure_cookie_on_loopback",
            Self::CookieShortened => "session.cookie_shortened",
            Self::CacheControlOverridden => "session.cache_control_overridden",
            Self::CrossOrigin => "cross_origin.refused",
            Self::CrossOriginReported => "cross_origin.reported",
            Self::LayeredTwice => "session.layered_twice",
            Self::Mixed => "identity.mixed",
            Self::TokenRefused => "bearer.refused",
            Self::TokenUnchecked => "bearer.unchecked",
            Self::BearerLayeredTwice => "bearer.layered_twice",
            Self::KeySkipped => "keys.skipped",
        }
    }
}
