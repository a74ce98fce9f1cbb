use std::{fmt, sync::Arc, time::Duration};

use portcullis_core::Timestamp;

use crate::{
    identity::{Identity, Principal},
    reject::Rejection,
};

/// What is demanded of a caller.
#[derive(Clone)]
pub(super) enum Demand {
    Login,
    /// Authenticated at most so long ago.
    Recent(Duration),
    That(Arc<Predicate>),
}

pub(super) type Predicate = dyn Fn(&Principal) -> bool + Send + Sync;

impl Demand {
    /// Who demands it, for a message to the programmer.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Login => "`RequireLogin`",
            Self::Recent(_) => "`RequireRecent`",
            Self::That(_) => "`Require`",
        }
    }

    /// The verdict, if it can be told without waiting.
    pub(super) fn judge_now(&self, identity: &Identity) -> Option<Result<(), Rejection>> {
        match self {
            // Whether there is somebody is told without decoding who.
            Self::Login => identity
                .is_somebody_now()
                .map(|is_somebody| is_somebody.then_some(()).ok_or_else(Rejection::unauthenticated)),
            Self::Recent(_) | Self::That(_) => {
                identity.principal_now().map(|caller| self.judge(caller, || identity.now()))
            }
        }
    }

    /// The verdict, once the store has answered.
    pub(super) async fn judge_later(self, identity: Identity) -> Result<(), Rejection> {
        match identity.principal().await {
            Ok(caller) => self.judge(caller.as_ref(), || identity.now()),
            Err(outage) => Err(Rejection::from(&outage)),
        }
    }

    fn judge(&self, caller: Option<&Principal>, now: impl FnOnce() -> Timestamp) -> Result<(), Rejection> {
        let Some(caller) = caller else {
            return Err(Rejection::unauthenticated());
        };
        match self {
            Self::Login => Ok(()),
            Self::Recent(within) => match caller.authenticated_at() {
                Some(at) if now().since(at) <= *within => Ok(()),
                Some(_) | None => Err(Rejection::authentication_too_old(*within)),
            },
            Self::That(holds) if holds(caller) => Ok(()),
            Self::That(_) => Err(Rejection::forbidden()),
        }
    }
}

impl fmt::Debug for Demand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Login => f.write_str("Login"),
            Self::Recent(within) => f.debug_tuple("Recent").field(within).finish(),
            Self::That(_) => f.debug_tuple("That").finish_non_exhaustive(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reject::RejectionKind::{self, AuthenticationTooOld, Forbidden, Unauthenticated};

    const NOW: Timestamp = Timestamp::from_unix_seconds(10_000);

    fn authenticated(ago: Duration) -> Option<Principal> {
        Some(Principal::local("ada").with_authenticated_at(NOW.before(ago)))
    }

    fn verdict(demand: &Demand, caller: Option<&Principal>) -> Option<RejectionKind> {
        demand.judge(caller, || NOW).err().map(|rejection| rejection.kind())
    }

    #[test]
    fn recent_is_at_most_so_long_ago() {
        let demand = Demand::Recent(Duration::from_secs(300));
        let future = NOW + Duration::from_secs(60);
        let rows = [
            ("nobody", None, Some(Unauthenticated)),
            ("just now", authenticated(Duration::ZERO), None),
            ("exactly at the age", authenticated(Duration::from_secs(300)), None),
            ("a moment past it", authenticated(Duration::from_millis(300_001)), Some(AuthenticationTooOld)),
            ("never told when", Some(Principal::local("ada")), Some(AuthenticationTooOld)),
            ("by a clock that is ahead", Some(Principal::local("ada").with_authenticated_at(future)), None),
        ];
        for (name, caller, expected) in rows {
            assert_eq!(verdict(&demand, caller.as_ref()), expected, "{name}");
        }
    }

    #[test]
    fn s90_who_may_not_is_told_otherwise_than_nobody() {
        let demand = Demand::That(Arc::new(|who| who.has_role("admin")));
        let rows = [
            ("nobody", None, Some(Unauthenticated)),
            ("somebody", Some(Principal::local("ada")), Some(Forbidden)),
            ("in another role", Some(Principal::local("ada").with_roles(["administrator"])), Some(Forbidden)),
            ("in the role", Some(Principal::local("ada").with_roles(["editor", "admin"])), None),
        ];
        for (name, caller, expected) in rows {
            assert_eq!(verdict(&demand, caller.as_ref()), expected, "{name}");
        }
    }
}
