//! What a request knows of its session, what it wants of it, and what follows. Pure: no async, no HTTP, no store; time is
//! passed in.

use std::time::Duration;

use bytes::Bytes;
use portcullis_core::{Owner, RecordKey, Timestamp, Version};

use super::{
    activity::Activity, changes::Changes, commit_policy::Outcome, error::SessionError, id::SessionId,
    public_handle::PublicHandle, snapshot::Snapshot, timeouts::Timeouts,
};
use crate::{caching, cross_origin::Reason, identity::Principal};

/// The ids a request bears: at most two that differ (S18).
#[derive(Debug, Default)]
pub(super) struct Presented([Option<SessionId>; 2]);

impl Presented {
    /// The first two different values that are ids; the rest are dropped before any store is asked.
    pub(super) fn of<'a>(values: impl Iterator<Item = &'a [u8]>) -> Self {
        let mut presented = Self::default();
        for id in values.filter_map(SessionId::parse) {
            match &presented.0 {
                [None, _] => presented.0 = [Some(id), None],
                [Some(first), None] if *first != id => {
                    let [first, _] = presented.0;
                    return Self([first, Some(id)]);
                }
                _ => {}
            }
        }
        presented
    }

    pub(super) const fn only(id: SessionId) -> Self {
        Self([Some(id), None])
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &SessionId> {
        self.0.iter().flatten()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0[0].is_none()
    }
}

/// What was found under the presented ids.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "a box would be one more allocation for every read")]
pub(super) enum Presence {
    /// Nobody looked yet.
    Unknown,
    /// No live session.
    Absent,
    Live(Snapshot),
}

/// A wish for a new id.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Rotation {
    Renew,
    /// Boxed, so that the state of requests that log nobody in stays small.
    LogIn(Box<NewLogin>),
}

/// What a login begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct NewLogin {
    pub(super) principal: Principal,
    /// The terms of this one session.
    pub(super) timeouts: Timeouts,
    /// Where it came from, as a record keeps it.
    pub(super) client: Bytes,
    /// Whether the session's data comes along: not that of another subject (S35).
    pub(super) carries_data: bool,
}

/// What a request wants of its session when the response is committed.
#[derive(Clone, Debug, Default)]
pub(super) struct Wishes {
    pub(super) changes: Changes,
    pub(super) rotation: Option<Rotation>,
}

impl Wishes {
    /// Withdraws what was `met`, but for what was wished again since.
    pub(super) fn settle(&mut self, met: &Self) {
        self.changes.settle(&met.changes);
        if self.rotation == met.rotation {
            self.rotation = None;
        }
    }

    /// Drops all of it.
    fn clear(&mut self) {
        self.changes.clear();
        self.rotation = None;
    }

    const fn is_empty(&self) -> bool {
        self.changes.is_empty() && self.rotation.is_none()
    }
}

/// What the response must tell the browser, because it has happened.
#[derive(Debug)]
pub(super) enum CookieChange {
    /// With the `Max-Age` of a cookie that outlives the browser.
    Set(SessionId, Option<Duration>),
    Delete,
}

/// What the cross-origin check says of a request.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum OriginCheck {
    /// Nothing of where the request comes from was looked at.
    #[default]
    Unneeded,
    /// The request is a browser's own question. It never bears a cookie, so each would begin a session of its own.
    Preflight,
    Passed,
    /// It bears no cookie of ours, so it may pass. But it may not begin a session: a login would be somebody else's (S66), and any
    /// session's cookie would take the place of the one that the browser did not send along.
    MayNotBegin(Reason),
    /// The same where nothing is refused: it may begin one, and that is told (S70).
    IsToldOf(Reason),
}

/// What a commit has to do next.
#[derive(Clone, Copy, Debug)]
pub(super) enum Plan {
    Rest,
    /// The session this request had was ended: the wishes are void.
    Gone,
    Load,
    Touch(RecordKey, Timestamp),
    Create,
    Replace,
    Rotate,
}

/// How long a session has left.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Remaining {
    /// Until it ends without further activity; this request counts.
    pub idle: Duration,
    /// Until it ends whatever happens.
    pub absolute: Duration,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) presented: Presented,
    pub(super) presence: Presence,
    pub(super) wishes: Wishes,
    pub(super) cookie: Option<CookieChange>,
    /// The headers have left, or are about to: nothing can be changed with them any more.
    responded: bool,
    /// The ids that this request made for renewals whose outcome it may not have learnt.
    pub(super) minted: Vec<(RecordKey, SessionId)>,
    /// This request had a session. If it is not there any more, it was ended, and nothing is begun in its place.
    had_session: bool,
    /// The presented ids are of no one session, and yet of some: of two, or of one that was given up.
    is_contested: bool,
    activity: Activity,
    origin: OriginCheck,
    /// The session was asked for, whatever there was to be found.
    asked: bool,
    /// Who is calling was asked for, and a bearer credential decided it.
    asked_of_bearer: bool,
}

impl State {
    /// Inlined into the caller, which makes it where it is to lie: it is too large to be copied about.
    #[inline]
    pub(super) fn new(presented: Presented, activity: Activity, origin: OriginCheck) -> Self {
        let presence = if presented.is_empty() { Presence::Absent } else { Presence::Unknown };
        Self {
            presented,
            presence,
            wishes: Wishes::default(),
            cookie: None,
            responded: false,
            minted: Vec::new(),
            had_session: false,
            is_contested: false,
            activity,
            origin,
            asked: false,
            asked_of_bearer: false,
        }
    }

    /// Somebody wants to know of the session.
    pub(super) const fn ask(&mut self) {
        self.asked = true;
    }

    /// Somebody wants to know who is calling, and that is not the session's to say.
    pub(super) const fn ask_of_bearer(&mut self) {
        self.asked_of_bearer = true;
    }

    /// The request fields that the response depends on, as `Vary` lists them (S74). A bearer credential leaves nothing to check.
    pub(super) const fn varies_by(&self) -> &'static str {
        match (self.origin, self.asked, self.asked_of_bearer) {
            (OriginCheck::Passed | OriginCheck::MayNotBegin(_) | OriginCheck::IsToldOf(_), ..) => {
                caching::BY_ORIGIN
            }
            (OriginCheck::Unneeded | OriginCheck::Preflight, asked, of_bearer) => match (asked, of_bearer) {
                (false, false) => "",
                (true, false) => "Cookie",
                (false, true) => "Authorization",
                (true, true) => "Cookie, Authorization",
            },
        }
    }

    /// Whether the request counts as use of the session.
    pub(super) const fn activity(&self) -> Activity {
        self.activity
    }

    pub(super) const fn is_known(&self) -> bool {
        !matches!(self.presence, Presence::Unknown)
    }

    pub(super) const fn live(&self) -> Option<&Snapshot> {
        match &self.presence {
            Presence::Live(snapshot) => Some(snapshot),
            Presence::Absent | Presence::Unknown => None,
        }
    }

    /// Takes note of what lies under the presented ids, and says whether they contradict each other: two live sessions
    /// identify nobody (S18).
    pub(super) fn found(&mut self, mut live: impl Iterator<Item = Snapshot>) -> Found {
        let (presence, found) = match (live.next(), live.next()) {
            (None, _) => (Presence::Absent, Found::AtMostOne),
            (Some(snapshot), None) => (Presence::Live(snapshot), Found::AtMostOne),
            (Some(_), Some(_)) => (Presence::Absent, Found::Two),
        };
        self.is_contested |= found == Found::Two;
        self.had_session |= matches!(presence, Presence::Live(_));
        self.presence = presence;
        found
    }

    /// The public handle of the live session.
    pub(super) fn handle(&self) -> Option<PublicHandle> {
        self.live().map(|snapshot| snapshot.payload.header.handle)
    }

    /// Whose the stored session is.
    pub(super) fn owner(&self) -> Option<Owner> {
        self.live().and_then(|snapshot| snapshot.owner)
    }

    /// Whose the session is that a login of this request begins.
    pub(super) fn owner_of_login(&self) -> Option<Owner> {
        match &self.wishes.rotation {
            Some(Rotation::LogIn(login)) => Some(login.principal.owner()),
            Some(Rotation::Renew) | None => None,
        }
    }

    /// Whose sessions this request speaks of, as [`principal`](Self::principal) does: a login of its own goes before the stored one.
    pub(super) fn owner_spoken_of(&self) -> Option<Owner> {
        self.owner_of_login().or_else(|| self.owner())
    }

    /// The session, which was known, is now as in `snapshot`.
    pub(super) fn became(&mut self, snapshot: Snapshot) {
        self.presence = Presence::Live(snapshot);
    }

    /// The session was ended by somebody else, and what this request wanted of it is void; but a login stands on its own proof.
    pub(super) fn ended(&mut self) {
        self.presence = Presence::Absent;
        self.had_session = true;
        if !matches!(self.wishes.rotation, Some(Rotation::LogIn(_))) {
            self.wishes.clear();
        }
    }

    /// An id of this request leads to a tombstone: there was a session, and it goes on elsewhere. To begin another one would put
    /// its cookie in place of the one that is on its way.
    pub(super) fn was_moved(&mut self) {
        self.had_session = true;
        self.is_contested = true;
    }

    /// Whether the presented ids are of no one session, and yet of some.
    pub(super) const fn is_contested(&self) -> bool {
        self.is_contested
    }

    /// Whether the headers have left, or are about to.
    pub(super) const fn has_responded(&self) -> bool {
        self.responded
    }

    /// Whether the session this request had was ended, and no login of its own begins another.
    pub(super) const fn is_gone_for_good(&self) -> bool {
        let logs_in = matches!(self.wishes.rotation, Some(Rotation::LogIn(_)));
        self.had_session && matches!(self.presence, Presence::Absent) && !logs_in
    }

    /// Whether a login of this request begins a session that takes nothing over from a stored one.
    pub(super) const fn begins_with_nothing(&self) -> bool {
        match &self.wishes.rotation {
            Some(Rotation::LogIn(login)) => !login.carries_data || self.live().is_none(),
            Some(Rotation::Renew) | None => false,
        }
    }

    /// The JSON text under `key`, as this request sees it.
    pub(super) fn value(&self, key: &str) -> Option<Bytes> {
        if let Some(change) = self.wishes.changes.get(key) {
            return change.value.clone();
        }
        match &self.wishes.rotation {
            Some(Rotation::LogIn(login)) if !login.carries_data => None,
            _ => self.live()?.payload.value(key),
        }
    }

    /// Who the session belongs to, as this request sees it.
    pub(super) fn principal(&self) -> Option<Principal> {
        match &self.wishes.rotation {
            Some(Rotation::LogIn(login)) => Some(login.principal.clone()),
            _ => self.stored_principal(),
        }
    }

    /// Who the stored session belongs to.
    pub(super) fn stored_principal(&self) -> Option<Principal> {
        self.live()?.principal(self.activity)
    }

    /// What is left at `now`, with a login of this request counted from then.
    pub(super) fn remaining(&self, now: Timestamp) -> Option<Remaining> {
        if let Some(Rotation::LogIn(login)) = &self.wishes.rotation {
            let absolute = login.timeouts.absolute_end(&login.principal, now).since(now);
            return Some(Remaining { idle: login.timeouts.idle().min(absolute), absolute });
        }
        let snapshot = self.live()?;
        Some(Remaining {
            idle: snapshot.idle_end(self.activity).since(now),
            absolute: snapshot.payload.header.absolute_end.since(now),
        })
    }

    /// Records a wish, unless it comes too late.
    pub(super) fn change(&mut self, key: &str, value: Option<Bytes>) -> Result<(), SessionError> {
        self.check_open()?;
        if self.is_gone_for_good() {
            return Err(SessionError::gone());
        }
        if value.is_some() {
            self.check_may_begin()?;
        }
        self.wishes.changes.set(key, value);
        Ok(())
    }

    /// Wishes for a login, which stands on its own proof whatever became of an earlier session. The session is known.
    pub(super) fn log_in(
        &mut self,
        principal: Principal,
        timeouts: Timeouts,
        client: Bytes,
    ) -> Result<(), SessionError> {
        self.check_open()?;
        self.check_may_begin()?;
        let carries_data = self.principal().is_none_or(|before| before.is_same_subject(&principal));
        if !carries_data {
            self.wishes.changes.clear();
        }
        let dropped_before =
            matches!(&self.wishes.rotation, Some(Rotation::LogIn(login)) if !login.carries_data);
        let carries_data = carries_data && !dropped_before;
        let login = NewLogin { principal, timeouts, client, carries_data };
        self.wishes.rotation = Some(Rotation::LogIn(Box::new(login)));
        Ok(())
    }

    /// Wishes for a new id, if there is a session to give it to. The session is known.
    pub(super) fn renew(&mut self) -> Result<(), SessionError> {
        self.check_open()?;
        if self.wishes.rotation.is_none() && self.live().is_some() {
            self.wishes.rotation = Some(Rotation::Renew);
        }
        Ok(())
    }

    /// What this request wished is not to be.
    pub(super) fn withdraw(&mut self) {
        self.wishes.clear();
    }

    /// Where what is to be logged out may lie, and in which version it was seen.
    pub(super) fn keys_to_end(
        &self,
        key_of: impl Fn(&SessionId) -> RecordKey,
    ) -> Vec<(RecordKey, Option<Version>)> {
        let live = self.live().map(|snapshot| (snapshot.key, Some(snapshot.version)));
        let unseen =
            self.presented.iter().map(key_of).filter(|key| live.is_none_or(|(seen, _)| seen != *key));
        live.into_iter().chain(unseen.map(|key| (key, None))).collect()
    }

    /// The records are gone. A cookie that was never sent need not be deleted.
    pub(super) fn logged_out(&mut self) {
        if !self.presented.is_empty() {
            self.cookie = Some(CookieChange::Delete);
        }
        self.presented = Presented::default();
        self.presence = Presence::Absent;
        self.had_session = false;
        self.is_contested = false;
        self.wishes.clear();
    }

    /// A record was created under `id`; the browser must learn of it, and how long to keep it.
    pub(super) fn moved_to(&mut self, id: SessionId, presence: Presence, max_age: Option<Duration>) {
        self.presented = Presented::only(id.clone());
        self.is_contested = false;
        self.presence = presence;
        self.had_session = true;
        self.cookie = Some(CookieChange::Set(id, max_age));
    }

    /// The session's use was noted, or need not be any more.
    pub(super) fn noted(&mut self, expires_at: Timestamp) {
        if let Presence::Live(snapshot) = &mut self.presence {
            snapshot.expires_at = snapshot.expires_at.max(expires_at);
        }
    }

    /// The handler is done. After a failure its wishes are dropped; what took effect at once stays.
    pub(super) fn respond(&mut self, outcome: Outcome) {
        self.responded = true;
        if outcome == Outcome::Failure {
            self.wishes.clear();
        }
    }

    /// Whether the request may have a session that it does not bring along.
    pub(super) fn check_may_begin(&self) -> Result<(), SessionError> {
        match self.origin {
            OriginCheck::MayNotBegin(reason) => Err(SessionError::cross_origin(reason)),
            OriginCheck::Preflight => Err(SessionError::cross_origin(Reason::Preflight)),
            OriginCheck::Unneeded | OriginCheck::Passed | OriginCheck::IsToldOf(_) => Ok(()),
        }
    }

    /// Why the session that this request began would not have begun, were the check enforced.
    pub(super) const fn begun_for_another_site(&self) -> Option<Reason> {
        match (self.origin, &self.cookie) {
            (OriginCheck::IsToldOf(reason), Some(CookieChange::Set(..))) => Some(reason),
            _ => None,
        }
    }

    pub(super) fn check_open(&self) -> Result<(), SessionError> {
        if self.responded { Err(SessionError::committed()) } else { Ok(()) }
    }

    /// What a commit has to do next.
    pub(super) fn plan(&self) -> Plan {
        let wishes = !self.wishes.is_empty();
        match &self.presence {
            Presence::Unknown if wishes => Plan::Load,
            Presence::Unknown => Plan::Rest,
            _ if matches!(self.wishes.rotation, Some(Rotation::LogIn(_))) => Plan::Rotate,
            Presence::Absent if wishes && self.had_session => Plan::Gone,
            _ if self.wishes.rotation.is_some() => Plan::Rotate,
            Presence::Live(_) if wishes => Plan::Replace,
            Presence::Live(snapshot) => snapshot
                .touched(self.activity)
                .map_or(Plan::Rest, |expires_at| Plan::Touch(snapshot.key, expires_at)),
            Presence::Absent if self.wishes.changes.has_values() => Plan::Create,
            Presence::Absent => Plan::Rest,
        }
    }
}

/// Whether the presented ids agree.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Found {
    AtMostOne,
    Two,
}

#[cfg(test)]
mod tests;
