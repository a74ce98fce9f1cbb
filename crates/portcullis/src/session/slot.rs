use std::{
    fmt,
    pin::pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use http::{
    HeaderValue, Response,
    header::{RETRY_AFTER as RETRY_AFTER_NAME, SET_COOKIE},
};
use portcullis_core::{Freshness, Peek, Record, RecordKey, Timestamp};

use super::{
    config::Config,
    error::SessionError,
    public_handle::PublicHandle,
    record::Unreadable,
    snapshot::Stored,
    state::{CookieChange, Found, Plan, State},
    watch::Watch,
};
use crate::{
    caching::{self, Before},
    cookie::clamped,
    event::{Event, EventKind},
    identity::Principal,
    reject::{Protocol, RETRY_AFTER},
};

/// A request's session: the settings, and the state behind a lock that is never held across an await.
pub(crate) struct Slot {
    pub(super) config: Arc<Config>,
    state: Mutex<State>,
    /// Held by the one operation of this request that talks to the store, so that clones of a handle used at once do not load
    /// twice or create two records.
    turn: tokio::sync::Mutex<()>,
    /// Whether the store failed this request.
    outage: AtomicBool,
    /// What the request says it comes from, for a login.
    user_agent: Option<HeaderValue>,
}

impl Slot {
    /// Inlined for the same reason as the [state](State::new).
    #[inline]
    pub(super) fn new(config: Arc<Config>, state: State, user_agent: Option<HeaderValue>) -> Self {
        Self {
            config,
            state: Mutex::new(state),
            turn: tokio::sync::Mutex::new(()),
            outage: AtomicBool::new(false),
            user_agent,
        }
    }

    pub(super) fn cookie_name(&self) -> &str {
        self.config.cookie.name()
    }

    pub(super) const fn user_agent(&self) -> Option<&HeaderValue> {
        self.user_agent.as_ref()
    }

    /// A panic under the lock is a defect of ours and leaves the state as whole as before.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes that a bearer credential decided who is calling.
    pub(crate) fn ask_of_bearer(&self) {
        self.state().ask_of_bearer();
    }

    /// Makes the session known if that needs no waiting, and says whether it is.
    pub(crate) fn try_load(&self) -> bool {
        let mut state = self.state();
        state.ask();
        if state.is_known() {
            return true;
        }
        let mut found: [Option<(Record, Timestamp)>; 2] = [None, None];
        for (id, place) in state.presented.iter().zip(&mut found) {
            match self.config.store.peek(&id.key(&self.config.realm), Freshness::Strong) {
                Peek::Hit(record, now) => *place = Some((record, now)),
                Peek::Absent => {}
                Peek::Unknown => return false,
            }
        }
        let events = take_note(&mut state, found.into_iter().flatten());
        drop(state);
        self.emit_all(events);
        true
    }

    /// Makes the session known.
    pub(crate) async fn load(&self) -> Result<(), SessionError> {
        if self.try_load() {
            return Ok(());
        }
        // Boxed, so that a handler's own future stays small; what waits for a store can afford it.
        Box::pin(self.in_turn(self.load_from_store())).await
    }

    /// Makes the session known, in an operation that has its turn already.
    pub(super) async fn load_from_store(&self) -> Result<(), SessionError> {
        if self.try_load() {
            return Ok(());
        }
        let keys: Vec<RecordKey> =
            self.state().presented.iter().map(|id| id.key(&self.config.realm)).collect();
        let mut found = Vec::with_capacity(keys.len());
        for key in keys {
            found.extend(self.config.store.load(&key, Freshness::Strong).await?);
        }
        let now = self.config.clock.now();
        let events = take_note(&mut self.state(), found.into_iter().map(|record| (record, now)));
        self.emit_all(events);
        Ok(())
    }

    /// Makes the session known to an operation that acts on more than the session. Beside a stream the request's own look may be long
    /// ago, and a session that was revoked since must have no power over others (S60).
    pub(super) async fn load_to_act(&self) -> Result<(), SessionError> {
        self.load_from_store().await?;
        let (has_responded, is_gone) = {
            let state = self.state();
            (state.has_responded(), state.is_gone_for_good())
        };
        match (has_responded, is_gone) {
            (false, _) => Ok(()),
            (true, false) => self.see_anew().await,
            (true, true) => Err(SessionError::gone()),
        }
    }

    /// Runs an operation when no other of this request runs, within the deadline, and remembers an outage.
    pub(super) async fn in_turn<T>(
        &self,
        operation: impl Future<Output = Result<T, SessionError>>,
    ) -> Result<T, SessionError> {
        let turn = async {
            let _turn = self.turn.lock().await;
            operation.await
        };
        self.config.within(turn).await.inspect_err(|error| {
            if error.is_outage() && !self.outage.swap(true, Ordering::Relaxed) {
                self.emit(EventKind::Outage);
            }
        })
    }

    pub(super) fn emit(&self, kind: EventKind) {
        let handle = self.handle();
        self.config.emit(kind, handle);
    }

    /// Tells of an error that an operator should hear of, though the caller is told too.
    pub(super) fn note(&self, error: &SessionError) {
        if let Some(reason) = error.cross_origin_reason() {
            self.config.report(&Event::new(EventKind::CrossOrigin, None).because(reason.name()));
        }
    }

    pub(super) fn handle(&self) -> Option<PublicHandle> {
        self.state().handle()
    }

    /// The time, by the layer's clock.
    pub(crate) fn now(&self) -> Timestamp {
        self.config.clock.now()
    }

    /// Who the stored session belongs to; it is loaded.
    pub(crate) fn stored_principal(&self) -> Option<Principal> {
        let state = self.state();
        state.stored_principal().map(|principal| self.watched(principal, &state))
    }

    /// Who the stored session belongs to, if the request has come to know.
    pub(crate) fn known_principal(&self) -> Option<Principal> {
        let state = self.state();
        if state.is_known() { state.stored_principal() } else { None }
    }

    /// Tells that the request proves to be somebody else by a token.
    pub(crate) fn tell_of_mixed(&self) {
        self.emit(EventKind::Mixed);
    }

    /// Who the session belongs to, as this request sees it; it is loaded.
    pub(super) fn principal(&self) -> Option<Principal> {
        let state = self.state();
        let principal = state.principal()?;
        // One that a login of this request records is not proved by the session there was before, nor ends with it.
        Some(if state.owner_of_login().is_some() { principal } else { self.watched(principal, &state) })
    }

    /// `principal`, who can tell when the stored session ends.
    fn watched(&self, principal: Principal, state: &State) -> Principal {
        let watch =
            state.live().map(|snapshot| Watch::new(Arc::clone(&self.config), snapshot, state.activity()));
        principal.with_watch(watch)
    }

    /// Whether there is no session any more, as far as this request knows.
    pub(crate) fn has_ended(&self) -> bool {
        let state = self.state();
        state.is_known() && state.live().is_none()
    }

    /// Whether the stored session is somebody's; it is loaded.
    pub(crate) fn is_logged_in(&self) -> bool {
        self.state().live().is_some_and(|snapshot| !snapshot.payload.is_anonymous())
    }

    /// Notes that the handler is done, and says whether there is something to commit, or to wait for: an operation of a task
    /// that the handler left behind may need a cookie.
    pub(super) fn respond<R>(&self, protocol: Protocol, response: &Response<R>) -> bool {
        let outcome = self.config.commit_policy.outcome(protocol, response);
        let mut state = self.state();
        state.respond(outcome);
        !matches!(state.plan(), Plan::Rest) || self.turn.try_lock().is_err()
    }

    /// Commits what the handler wished, and waits for what it left running. If that never ends, the response need not wait for ever.
    pub(super) async fn commit_at_the_end(&self) -> Result<(), SessionError> {
        let nothing_to_commit = matches!(self.state().plan(), Plan::Rest);
        if nothing_to_commit && tokio::time::timeout(self.config.deadline, self.turn.lock()).await.is_err() {
            return Ok(());
        }
        // Pinned here: by value it would be copied into every future around it, and those would be five times as large.
        let committed = self.in_turn(pin!(self.commit())).await;
        let only_a_touch = matches!(self.state().plan(), Plan::Touch(..));
        match committed {
            // A store that hangs over the note of a use is no worse than one that refuses it.
            Err(error) if error.is_outage() && only_a_touch => {
                self.emit(EventKind::TouchFailed);
                Ok(())
            }
            committed => committed,
        }
    }

    /// Tells the browser what happened to its cookie, caches what they may keep and for whom, and the client of an outage when
    /// to come back.
    pub(super) fn finish<R>(&self, response: &mut Response<R>) {
        if self.outage.load(Ordering::Relaxed) && response.status().is_server_error() {
            response.headers_mut().entry(RETRY_AFTER_NAME).or_insert(RETRY_AFTER);
        }
        let (varies_by, handed_over) = {
            let state = self.state();
            let handed_over = match &state.cookie {
                None => None,
                Some(CookieChange::Delete) => Some((self.config.cookie.delete(), None, None)),
                Some(CookieChange::Set(id, max_age)) => {
                    let field = self.config.cookie.set(&id.encode(), *max_age);
                    Some((field, *max_age, state.begun_for_another_site()))
                }
            };
            (state.varies_by(), handed_over)
        };
        caching::vary(response.headers_mut(), varies_by);
        let Some((field, max_age, other_site)) = handed_over else { return };
        self.replace_cookie(response, field);
        if let Some(reason) = other_site {
            self.config.report(&Event::new(EventKind::CrossOriginReported, None).because(reason.name()));
        }
        if max_age.is_some_and(|asked_for| clamped(asked_for).1) {
            self.emit(EventKind::CookieShortened);
        }
        if caching::forbid_storing(response.headers_mut()) == Before::Shared {
            self.emit(EventKind::CacheControlOverridden);
        }
    }

    /// Exactly one field of our name remains, and all others stay as they are (S7, S8).
    fn replace_cookie<R>(&self, response: &mut Response<R>, field: HeaderValue) {
        let ours = |value: &HeaderValue| {
            let rest = value.as_bytes().strip_prefix(self.cookie_name().as_bytes());
            rest.is_some_and(|rest| rest.trim_ascii_start().starts_with(b"="))
        };
        let headers = response.headers_mut();
        if headers.get_all(SET_COOKIE).iter().any(ours) {
            let kept: Vec<HeaderValue> =
                headers.get_all(SET_COOKIE).iter().filter(|value| !ours(value)).cloned().collect();
            headers.remove(SET_COOKIE);
            kept.into_iter().for_each(|value| {
                headers.append(SET_COOKIE, value);
            });
        }
        headers.append(SET_COOKIE, field);
    }

    fn emit_all(&self, events: Vec<EventKind>) {
        events.into_iter().for_each(|kind| self.emit(kind));
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").field("cookie", &self.cookie_name()).finish_non_exhaustive()
    }
}

/// Hands what was found to the state. An unreadable record counts as no session and stays as it is; so does an id that was
/// given up for another: it is dead at once (S33).
fn take_note(state: &mut State, records: impl Iterator<Item = (Record, Timestamp)>) -> Vec<EventKind> {
    let mut events = Vec::new();
    let (mut unreadable, mut moved) = (false, false);
    let live = records.filter_map(|(record, now)| match Stored::of(record, now) {
        Ok(Stored::Live(snapshot)) => Some(snapshot),
        Ok(Stored::Moved(_)) => {
            moved = true;
            None
        }
        Ok(Stored::Over) => None,
        Err(Unreadable) => {
            unreadable = true;
            None
        }
    });
    if state.found(live) == Found::Two {
        events.push(EventKind::DuplicateCookies);
    }
    if moved {
        state.was_moved();
    }
    if unreadable {
        events.push(EventKind::Unreadable);
    }
    events
}
