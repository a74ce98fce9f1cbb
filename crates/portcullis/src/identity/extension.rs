use std::{
    fmt,
    sync::{Arc, OnceLock},
};

use http::{HeaderMap, Request, header::AUTHORIZATION, uri::PathAndQuery};
use portcullis_core::{Clock, SystemClock, Timestamp};

use super::Principal;
use crate::session::{SessionError, slot::Slot};

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
    principal: OnceLock<Option<Principal>>,
    /// Whom a verified bearer credential names. Boxed: most requests bear none.
    bearer: OnceLock<Box<Principal>>,
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

    /// The same, if it can be told without waiting.
    pub(crate) fn principal_now(&self) -> Option<Option<&Principal>> {
        match self.0.principal.get() {
            // A middleware may have ended the session since, and what is inside of it must not let its caller through.
            Some(resolved) => {
                Some(resolved.as_ref().filter(|_| self.session().is_some_and(|slot| !slot.has_ended())))
            }
            None => match self.asked()? {
                Asked::Bearer(verified) => Some(verified),
                Asked::Session(slot) => Some(slot.and_then(|slot| self.resolve(slot))),
            },
        }
    }

    /// Whether anybody is calling, if it can be told without waiting; nothing is decoded for that.
    pub(crate) fn is_somebody_now(&self) -> Option<bool> {
        Some(match self.asked()? {
            Asked::Bearer(verified) => verified.is_some(),
            Asked::Session(slot) => slot.is_some_and(Slot::is_logged_in),
        })
    }

    /// Whether the request carries a bearer credential, as programs do and no browser by itself.
    pub(crate) fn comes_with_a_bearer(&self) -> bool {
        matches!(self.0.authorization, Authorization::Bearer)
    }

    /// What the request asked for, as our outermost layer met it.
    pub(crate) fn path_and_query(&self) -> Option<&PathAndQuery> {
        self.0.path_and_query.as_ref()
    }

    /// The time, by the clock that logins are recorded with.
    pub(crate) fn now(&self) -> Timestamp {
        self.session().map_or_else(|| SystemClock.now(), Slot::now)
    }

    /// What identifies the caller; `None` where a store must be waited for.
    fn asked(&self) -> Option<Asked<'_>> {
        let slot = self.session();
        match self.0.authorization {
            Authorization::Bearer => {
                if let Some(slot) = slot {
                    slot.ask_of_bearer();
                }
                Some(Asked::Bearer(self.0.bearer.get().map(AsRef::as_ref)))
            }
            Authorization::Ambient => match slot {
                Some(slot) if !slot.try_load() => None,
                slot => Some(Asked::Session(slot)),
            },
        }
    }

    pub(crate) fn session(&self) -> Option<&Slot> {
        self.0.session.as_ref().or_else(|| self.0.session_later.get().map(AsRef::as_ref))
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

    /// Notes whom a verified bearer credential of `request` names.
    #[cfg_attr(not(test), expect(dead_code, reason = "for the bearer layer"))]
    pub(crate) fn with_bearer<B>(request: &mut Request<B>, principal: Principal) {
        let identity = match request.extensions().get::<Self>() {
            Some(identity) => identity.clone(),
            None => Self::new(request, None),
        };
        identity.0.bearer.get_or_init(|| Box::new(principal));
    }

    #[inline]
    fn new<B>(request: &mut Request<B>, session: Option<Slot>) -> Self {
        let identity = Self(Arc::new(Slots {
            authorization: Authorization::of(request.headers()),
            path_and_query: request.uri().path_and_query().cloned(),
            principal: OnceLock::new(),
            bearer: OnceLock::new(),
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
        Ok(self.resolve(slot).cloned())
    }

    fn resolve(&self, slot: &Slot) -> Option<&Principal> {
        self.0.principal.get_or_init(|| slot.stored_principal()).as_ref()
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("session", &self.session()).finish_non_exhaustive()
    }
}

/// What identifies the caller.
enum Asked<'a> {
    /// A bearer credential, whom it names if it was verified.
    Bearer(Option<&'a Principal>),
    /// The session, if there is a layer for one; it is loaded.
    Session(Option<&'a Slot>),
}

/// Whether the request proves its caller by something a browser does not attach by itself.
enum Authorization {
    /// Nothing, or a scheme that browsers send unasked (`Basic`) or that is unknown.
    Ambient,
    /// At least one bearer credential, well formed or not.
    Bearer,
}

/// Whether a request proves its caller by something a browser does not attach by itself.
pub(crate) fn is_by_bearer(headers: &HeaderMap) -> bool {
    matches!(Authorization::of(headers), Authorization::Bearer)
}

impl Authorization {
    fn of(headers: &HeaderMap) -> Self {
        let bearer = headers.get_all(AUTHORIZATION).iter().any(|field| {
            let value = field.as_bytes().trim_ascii_start();
            value.split_first_chunk::<6>().is_some_and(|(scheme, rest)| {
                scheme.eq_ignore_ascii_case(b"bearer")
                    && rest.first().is_none_or(|byte| matches!(byte, b' ' | b'\t'))
            })
        });
        if bearer { Self::Bearer } else { Self::Ambient }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_bearer_scheme_is_not_ambient() {
        let rows = [
            ("no scheme", "", false),
            ("basic", "Basic YWRhOmxvdmVsYWNl", false),
            ("bearer", "Bearer abc", true),
            ("bearer in any case", "bEARER abc", true),
            ("bearer with nothing", "Bearer", true),
            ("a longer word", "Bearers abc", false),
        ];
        for (name, value, expected) in rows {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())]);
            assert_eq!(matches!(Authorization::of(&headers), Authorization::Bearer), expected, "{name}");
        }
    }
}
