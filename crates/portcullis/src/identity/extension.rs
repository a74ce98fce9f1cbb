use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use http::{Extensions, HeaderValue, Request, uri::PathAndQuery};
use portcullis_core::{Clock, SystemClock, Timestamp};

use super::{Principal, authorization::Authorization, bearer::BearerSlot};
use crate::{
    reject::{Challenge, Rejection},
    session::{SessionError, slot::Slot},
};

/// What this crate's layers know of a request's caller: one extension, created by the first of them that the request
/// meets and filled by the others.
///
/// # Example
///
/// ```
/// use portcullis::identity::Identity;
///
/// async fn who<B>(request: &http::Request<B>) -> String {
///     match request.extensions().get::<Identity>() {
///         Some(identity) => match identity.principal().await {
///             Ok(Some(principal)) => principal.subject().to_owned(),
///             Ok(None) => "nobody".to_owned(),
///             Err(outage) => outage.to_string(),
///         },
///         None => "no layer of ours is around this route".to_owned(),
///     }
/// }
/// ```
#[derive(Clone)]
pub struct Identity(Arc<Slots>);

struct Slots {
    authorization: Authorization,
    /// As the request had it where the identity was made: a router takes the prefix away from what it nests.
    path_and_query: Option<PathAndQuery>,
    /// Whom the session names. It is not who is calling where there is a token.
    principal: OnceLock<Option<Principal>>,
    /// What a bearer layer made of the request, if there is one.
    bearer: OnceLock<BearerSlot>,
    /// Whom its token names.
    principal_of_token: OnceLock<Option<Principal>>,
    /// Filled as the identity is made, which is nearly always, and then without the ceremony of a lock.
    session: Option<Slot>,
    /// Filled when another layer made the identity.
    session_later: OnceLock<Box<Slot>>,
}

impl Identity {
    /// Who is calling; `None` for nobody. Resolved when first asked for: a later login does not change who called. Once this request
    /// has ended the session, or found it ended, nobody is.
    ///
    /// # Errors
    ///
    /// The session was not loaded yet and the store fails.
    pub async fn principal(&self) -> Result<Option<Principal>, SessionError> {
        match self.principal_now() {
            Some(known) => Ok(known.cloned()),
            None => Box::pin(self.principal_after_load()).await,
        }
    }

    /// The identity among `extensions`, which `asked_for` needs.
    pub(crate) fn of<'a>(extensions: &'a Extensions, asked_for: &str) -> Result<&'a Self, Rejection> {
        extensions.get().ok_or_else(|| Rejection::missing_layer(asked_for))
    }

    /// The same, if it can be told without waiting.
    pub(crate) fn principal_now(&self) -> Option<Option<&Principal>> {
        match self.asked()? {
            // Who asks outside of the bearer layer is told of nobody, and who asks inside of it must not be.
            Asked::Bearer(bearer) => Some(
                bearer
                    .and_then(|bearer| self.0.principal_of_token.get_or_init(|| bearer.principal()).as_ref()),
            ),
            // A middleware may have ended the session since, and what is inside of it must not let its caller through.
            Asked::Session(slot) => Some(
                slot.and_then(|slot| self.resolve(|| slot.stored_principal()).filter(|_| !slot.has_ended())),
            ),
        }
    }

    /// Whether anybody is calling, if it can be told without waiting; nothing is decoded for that.
    pub(crate) fn is_somebody_now(&self) -> Option<bool> {
        Some(match self.asked()? {
            Asked::Bearer(bearer) => bearer.is_some_and(BearerSlot::names_somebody),
            Asked::Session(slot) => slot.is_some_and(Slot::is_logged_in),
        })
    }

    /// Whether the request carries a bearer credential, as programs do and no browser by itself.
    pub(crate) fn comes_with_a_bearer(&self) -> bool {
        matches!(self.0.authorization, Authorization::Bearer)
    }

    /// What a 401 of this request says of the schemes by which it could do better.
    pub(crate) fn challenges(&self, challenge: Challenge) -> Vec<HeaderValue> {
        let bearer = self.bearer().map(|bearer| bearer.challenge(challenge));
        let is_by_cookie = self.session().is_some() || bearer.is_none();
        bearer.into_iter().chain(is_by_cookie.then(|| challenge.to_cookie())).collect()
    }

    /// Tells of a request that proves to be somebody by a token and to be somebody else by a session. The token decides.
    pub(crate) fn tell_if_mixed(&self) {
        // Most often the session was not asked for, and then nothing is read of the token.
        if let (Some(bearer), Some(slot)) = (self.bearer(), self.session())
            && let Some(holder) = slot.known_principal()
            && let Some(caller) = self.named_by(bearer)
            && !caller.is_same_subject(&holder)
        {
            slot.tell_of_mixed();
        }
    }

    /// What the request asked for, as our outermost layer met it.
    pub(crate) fn path_and_query(&self) -> Option<&PathAndQuery> {
        self.0.path_and_query.as_ref()
    }

    /// The time, by the clock that logins are recorded with.
    pub(crate) fn now(&self) -> Timestamp {
        match (self.session(), self.bearer()) {
            (Some(slot), _) => slot.now(),
            (None, Some(bearer)) => bearer.now(),
            (None, None) => SystemClock.now(),
        }
    }

    /// What identifies the caller; `None` where a store must be waited for.
    fn asked(&self) -> Option<Asked<'_>> {
        let slot = self.session();
        match self.caller_is_known_by() {
            Authorization::Bearer => {
                if let Some(slot) = slot {
                    slot.ask_of_bearer();
                }
                Some(Asked::Bearer(self.bearer()))
            }
            Authorization::Ambient => match slot {
                Some(slot) if !slot.try_load() => None,
                slot => Some(Asked::Session(slot)),
            },
        }
    }

    /// A token that was verified decides also where the field came to be inside of our outermost layer, as by a middleware that takes
    /// it from elsewhere: nobody must be one by their token's claims and another by their session.
    fn caller_is_known_by(&self) -> Authorization {
        if self.bearer().is_some_and(BearerSlot::has_a_token) {
            Authorization::Bearer
        } else {
            self.0.authorization
        }
    }

    pub(crate) fn session(&self) -> Option<&Slot> {
        self.0.session.as_ref().or_else(|| self.0.session_later.get().map(AsRef::as_ref))
    }

    /// What a bearer layer made of the request, if there is one.
    pub(crate) fn bearer(&self) -> Option<&BearerSlot> {
        self.0.bearer.get()
    }

    /// The session slot of `request`, if a layer filled one.
    pub(crate) fn session_of<B>(request: &Request<B>) -> Option<&Slot> {
        request.extensions().get::<Self>()?.session()
    }

    /// The identity of `request`, made if there is none yet, with `slot` in its place, which the caller found empty.
    #[inline]
    pub(crate) fn with_session<B>(request: &mut Request<B>, slot: Slot) -> Self {
        if let Some(identity) = request.extensions().get::<Self>() {
            identity.0.session_later.get_or_init(|| Box::new(slot));
            return identity.clone();
        }
        Self::new(request, Some(slot))
    }

    /// The place for what a bearer layer makes of the request.
    #[cfg_attr(not(feature = "bearer"), expect(dead_code, reason = "for the bearer layer"))]
    pub(super) fn bearer_place(&self) -> &OnceLock<BearerSlot> {
        &self.0.bearer
    }

    #[inline]
    pub(super) fn new<B>(request: &mut Request<B>, session: Option<Slot>) -> Self {
        let identity = Self(Arc::new(Slots {
            authorization: Authorization::of(request.headers()),
            path_and_query: request.uri().path_and_query().cloned(),
            principal: OnceLock::new(),
            bearer: OnceLock::new(),
            principal_of_token: OnceLock::new(),
            session,
            session_later: OnceLock::new(),
        }));
        request.extensions_mut().insert(identity.clone());
        identity
    }

    async fn principal_after_load(&self) -> Result<Option<Principal>, SessionError> {
        let Some(slot) = self.session() else {
            return Ok(None);
        };
        slot.load().await?;
        Ok(self.resolve(|| slot.stored_principal()).cloned())
    }

    /// Whom the token names.
    fn named_by(&self, bearer: &BearerSlot) -> Option<&Principal> {
        self.0.principal_of_token.get_or_init(|| bearer.principal()).as_ref()
    }

    /// Whom the session names.
    fn resolve(&self, who: impl FnOnce() -> Option<Principal>) -> Option<&Principal> {
        self.0.principal.get_or_init(who).as_ref()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("session", &self.session()).finish_non_exhaustive()
    }
}

/// What identifies the caller.
enum Asked<'a> {
    /// A bearer credential, and what the layer for it made of that.
    Bearer(Option<&'a BearerSlot>),
    /// The session, if there is a layer for one; it is loaded.
    Session(Option<&'a Slot>),
}
