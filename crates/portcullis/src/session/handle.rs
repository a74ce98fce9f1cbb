use std::{fmt, pin::pin};

use bytes::Bytes;
use http::Extensions;
use serde::{Serialize, de::DeserializeOwned};

use super::{
    client::Client,
    commit::{Seen, Updated},
    device::Device,
    error::{SessionError, SessionErrorKind},
    login::Login,
    public_handle::PublicHandle,
    slot::Slot,
    state::{Presence, Remaining},
};
use crate::{
    identity::{Identity, Principal},
    reject::Rejection,
};

/// This request's session.
///
/// A cheap clone; all clones of one request are the same session. In axum it is an extractor, elsewhere it is
/// found in a request's [extensions](Self::from_extensions). When each call takes effect, and what becomes of it when the handler
/// fails, is the table in the [module](super).
///
/// # Example
///
/// ```
/// use portcullis::session::{Session, SessionError};
///
/// async fn add_to_cart(session: Session, item: String) -> Result<usize, SessionError> {
///     let cart = session
///         .update("cart", |cart: Option<Vec<String>>| {
///             let mut cart = cart.unwrap_or_default();
///             cart.push(item.clone());
///             cart
///         })
///         .await?;
///     Ok(cart.len())
/// }
/// ```
#[derive(Clone)]
pub struct Session(Identity);

impl Session {
    /// The session of the request that `identity` came with; `None` without a [`SessionLayer`](super::SessionLayer).
    #[must_use]
    pub fn of(identity: &Identity) -> Option<Self> {
        identity.session().map(|_| Self(identity.clone()))
    }

    /// The session of the request that `extensions` came with: for where no extractor runs, as in tonic.
    ///
    /// # Errors
    ///
    /// No [`SessionLayer`](super::SessionLayer) is around the route: a 500, or `INTERNAL`, that says where to put one.
    ///
    /// # Example
    ///
    /// ```
    /// # #[cfg(feature = "tonic")] mod example {
    /// use portcullis::session::Session;
    /// use tonic::{Request, Response, Status};
    ///
    /// async fn count(request: Request<()>) -> Result<Response<u64>, Status> {
    ///     let session = Session::from_extensions(request.extensions())?;
    ///     let calls = session.update("calls", |calls: Option<u64>| calls.unwrap_or(0) + 1).await?;
    ///     Ok(Response::new(calls))
    /// }
    /// # }
    /// ```
    pub fn from_extensions(extensions: &Extensions) -> Result<Self, Rejection> {
        let identity = extensions.get::<Identity>();
        identity.and_then(Self::of).ok_or_else(|| Rejection::missing_layer("`Session`"))
    }

    /// The value under `key`, with what this request has changed.
    ///
    /// # Errors
    ///
    /// The store fails, or the value is not a `T`; other keys are unharmed.
    pub async fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, SessionError> {
        self.slot().load().await?;
        self.parsed(key)
    }

    /// Puts `value` under `key` when the response is committed; on an anonymous session that creates the record.
    ///
    /// Keys of one session that different requests change at once all survive; of two inserts of one key the last one does. Where
    /// the new value depends on the old, use [`update`](Self::update).
    ///
    /// # Errors
    ///
    /// `value` cannot be written as JSON; the response's headers have left; or another site wants a session begun
    /// ([`cross_origin`](crate::cross_origin)).
    pub fn insert<T: Serialize>(&self, key: &str, value: T) -> Result<(), SessionError> {
        let json = json(&value)?;
        let slot = self.slot();
        let changed = slot.state().change(key, Some(json));
        changed.inspect_err(|error| slot.note(error))
    }

    /// Removes `key` when the response is committed.
    ///
    /// # Errors
    ///
    /// The response's headers have left.
    pub fn remove(&self, key: &str) -> Result<(), SessionError> {
        self.slot().state().change(key, None)
    }

    /// Replaces the value under `key` by what `f` makes of it, atomically and at once, and answers what was stored.
    ///
    /// Concurrent updates of one key add up. `f` runs again when another request came first, so it should do nothing else. It is
    /// given this request's own pending insert of that key, if there is one. On an anonymous session the record is created. After
    /// a login in the same request that begins with no stored data, the value is part of the login and takes effect with it.
    ///
    /// # Errors
    ///
    /// The store fails or other requests always come first until the deadline; the session was ended meanwhile; the value is not
    /// a `T`; the response's headers have left; another site wants a session begun ([`cross_origin`](crate::cross_origin)). Nothing was stored then, unless the store's answer was lost.
    pub async fn update<T, F>(&self, key: &str, mut f: F) -> Result<T, SessionError>
    where
        T: Serialize + DeserializeOwned + Send,
        F: FnMut(Option<T>) -> T + Send,
    {
        let slot = self.slot();
        let update = async {
            let mut seen = slot.begin_update().await?;
            loop {
                let folded_in = slot.state().wishes.changes.get(key).cloned();
                let next = f(self.parsed(key)?);
                seen = match slot.store_update(key, json(&next)?, folded_in, seen).await {
                    Ok(Updated::Stored) => return Ok(next),
                    Ok(Updated::Again(seen_anew)) => seen_anew,
                    // A login of this request goes on without the session that was ended.
                    Err(gone)
                        if gone.kind() == SessionErrorKind::Gone && slot.state().begins_with_nothing() =>
                    {
                        Seen::Now(0)
                    }
                    Err(error) => return Err(error),
                }
            }
        };
        let updated = Box::pin(async { slot.in_turn(pin!(update)).await }).await;
        updated.inspect_err(|error| slot.note(error))
    }

    /// Records that somebody was authenticated: new id, new timeouts, and no data of another subject.
    ///
    /// Takes a [`Principal`], or a [`Login`] that says more. Data of an anonymous session comes along. Takes effect when the response is
    /// committed, and then the old id is dead at once: the defence against session fixation ([OWASP]).
    ///
    /// # Errors
    ///
    /// The store fails; the response's headers have left; another site began the login
    /// ([`cross_origin`](crate::cross_origin)); or the principal says it was authenticated longer ago than the absolute timeout
    /// allows, which counts from then. With a [limit](super::SessionLimit) that refuses, the *commit* answers
    /// [`TooManySessions`](SessionErrorKind::TooManySessions): await [`commit`](Self::commit) to answer that in your own words.
    ///
    /// [OWASP]: https://cheatsheetseries.owasp.org/cheatsheets/Session_Management_Cheat_Sheet.html
    pub async fn log_in(&self, login: impl Into<Login>) -> Result<(), SessionError> {
        let Login { principal, timeouts, address } = login.into();
        let slot = self.slot();
        slot.load().await?;
        let now = slot.config.clock.now();
        let at = principal.authenticated_at().or_else(|| principal.proved_at()).unwrap_or(now).min(now);
        let principal = principal.with_authenticated_at(at).without_credential();
        let timeouts = timeouts.unwrap_or(slot.config.timeouts);
        if timeouts.absolute_end(&principal, now) <= now {
            return Err(SessionError::authentication_too_old());
        }
        let wished = slot.state().log_in(principal, timeouts, Client::encode(address, slot.user_agent()));
        wished.inspect_err(|error| slot.note(error))
    }

    /// Gives the session a new id and keeps everything else, the absolute timeout included.
    ///
    /// Takes effect when the response is committed; the old id is dead from then on. Without a session there is nothing to do.
    ///
    /// # Errors
    ///
    /// The store fails, or the response's headers have left.
    pub async fn renew(&self) -> Result<(), SessionError> {
        self.slot().load().await?;
        self.slot().state().renew()
    }

    /// Ends the session, at once and whatever becomes of the response.
    ///
    /// No slower request brings it back. What this request wanted to change is dropped; what it changes afterwards begins a new
    /// anonymous session. Works after the headers have left, too.
    ///
    /// # Errors
    ///
    /// The store fails: the session may live on, and its cookie is left alone so that the user can try again.
    pub async fn log_out(&self) -> Result<(), SessionError> {
        let slot = self.slot();
        Box::pin(async { slot.in_turn(pin!(slot.log_out())).await }).await
    }

    /// Ends every session and refresh grant of whom this session belongs to, this one included, at once and whatever becomes of the
    /// response.
    ///
    /// One that is being renewed just then does not survive it. For a disabled account, or a stolen one. An anonymous session is
    /// [logged out](Self::log_out). Of somebody whom this request is about to log in, everything ends too, and the login is dropped.
    ///
    /// # Errors
    ///
    /// The store fails: some may live on. The session was ended or moved meanwhile, so that whose it was cannot be told.
    pub async fn log_out_everywhere(&self) -> Result<(), SessionError> {
        let slot = self.slot();
        Box::pin(async { slot.in_turn(pin!(slot.log_out_everywhere())).await }).await
    }

    /// Ends every other session and refresh grant of whom this session belongs to, at once and whatever becomes of the response.
    ///
    /// This one goes on under the same id. To be called when a password or a second factor was changed, after the change was stored
    /// (S59); [`log_in`](Self::log_in) or [`renew`](Self::renew) beside it gives this one a new id. Of somebody whom this request is
    /// about to log in, everything is ended that there is by now. Whoever logs in just then stays.
    ///
    /// # Errors
    ///
    /// The store fails, or [cannot list](super::SessionLayer::with_devices): some may live on. The session was ended or moved meanwhile,
    /// so that whose it was cannot be told.
    pub async fn log_out_others(&self) -> Result<(), SessionError> {
        let slot = self.slot();
        Box::pin(async { slot.in_turn(pin!(slot.log_out_others())).await }).await
    }

    /// Everything that whom this session belongs to is logged in on, the last used first; none for nobody. Beside a login of this
    /// request these are the devices of whom it logs in, without the session that is yet to begin.
    ///
    /// # Errors
    ///
    /// The store fails, or [cannot list](super::SessionLayer::with_devices).
    pub async fn devices(&self) -> Result<Vec<Device>, SessionError> {
        let slot = self.slot();
        Box::pin(async { slot.in_turn(pin!(slot.devices())).await }).await
    }

    /// Ends one session of whom this one belongs to, by its public handle, at once and whatever becomes of the response; says
    /// whether there was one. Its own handle logs this session out. Whose it is, is told as by [`devices`](Self::devices).
    ///
    /// # Errors
    ///
    /// The store fails, or [cannot list](super::SessionLayer::with_devices): the session may live on.
    pub async fn revoke(&self, handle: PublicHandle) -> Result<bool, SessionError> {
        let slot = self.slot();
        Box::pin(async { slot.in_turn(pin!(slot.revoke(handle))).await }).await
    }

    /// Writes this request's changes now, for a handler that must see the outcome.
    ///
    /// # Errors
    ///
    /// The store fails; the session was ended meanwhile; the response's headers have left.
    pub async fn commit(&self) -> Result<(), SessionError> {
        let slot = self.slot();
        slot.state().check_open()?;
        Box::pin(async { slot.in_turn(pin!(slot.commit())).await }).await
    }

    /// Who the session belongs to, with a login of this request; `None` for nobody.
    ///
    /// A request with a bearer token may belong to somebody else: who is *calling* is [`Identity::principal`].
    ///
    /// # Errors
    ///
    /// The store fails.
    pub async fn principal(&self) -> Result<Option<Principal>, SessionError> {
        self.slot().load().await?;
        Ok(self.slot().principal())
    }

    /// How long the session has left, so that a client can warn; `None` without one.
    ///
    /// # Errors
    ///
    /// The store fails.
    pub async fn expires_in(&self) -> Result<Option<Remaining>, SessionError> {
        let slot = self.slot();
        slot.load().await?;
        Ok(slot.state().remaining(slot.config.clock.now()))
    }

    /// The session's public name, for logs; `None` without a session.
    ///
    /// # Errors
    ///
    /// The store fails.
    pub async fn public_handle(&self) -> Result<Option<PublicHandle>, SessionError> {
        self.slot().load().await?;
        Ok(self.slot().handle())
    }

    pub(super) fn slot(&self) -> &Slot {
        #[expect(clippy::expect_used, reason = "a session is only made of an identity whose slot is filled")]
        self.0.session().expect("a filled slot")
    }

    fn parsed<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, SessionError> {
        let value = self.slot().state().value(key);
        value
            .map(|json| serde_json::from_slice(&json).map_err(|error| SessionError::value(&error)))
            .transpose()
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let presence = match self.slot().state().presence {
            Presence::Unknown => "not loaded",
            Presence::Absent => "none",
            Presence::Live(_) => "live",
        };
        f.debug_struct("Session").field("presence", &presence).finish_non_exhaustive()
    }
}

fn json<T: Serialize>(value: &T) -> Result<Bytes, SessionError> {
    serde_json::to_vec(value).map(Bytes::from).map_err(|error| SessionError::value(&error))
}
