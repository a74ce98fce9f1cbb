use std::{fmt, sync::Arc, time::Duration};

use http::Uri;
use portcullis_core::Timestamp;

use crate::{
    identity::{Identity, Principal},
    reject::{Challenge, Rejection, RejectionKind},
};

/// What is demanded of a caller.
#[derive(Clone)]
pub(super) enum Demand {
    Login,
    /// Authenticated at most so long ago.
    Recent(Duration),
    That {
        /// Who demands it, for a message to the programmer.
        name: &'static str,
        judge: Arc<Judge>,
    },
}

/// Decides about somebody and what they ask for, as the layer that demands meets it.
pub(super) type Judge = dyn Fn(&Principal, &Identity, &Uri) -> Result<(), Rejection> + Send + Sync;

impl Demand {
    /// Who demands it, for a message to the programmer.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Login => "`RequireLogin`",
            Self::Recent(_) => "`RequireRecent`",
            Self::That { name, .. } => name,
        }
    }

    /// The verdict, if it can be told without waiting.
    pub(super) fn judge_now(&self, identity: &Identity, uri: &Uri) -> Option<Result<(), Rejection>> {
        let verdict = match self {
            // Whether there is somebody is told without decoding who.
            Self::Login => identity.is_somebody_now()?.then_some(()).ok_or_else(Rejection::unauthenticated),
            Self::Recent(_) | Self::That { .. } => self.judge(identity.principal_now()?, identity, uri),
        };
        Some(verdict.map_err(|rejection| self.challenged(rejection, identity)))
    }

    /// The verdict, once the store has answered.
    pub(super) async fn judge_later(self, identity: Identity, uri: Uri) -> Result<(), Rejection> {
        match identity.principal().await {
            Ok(caller) => self
                .judge(caller.as_ref(), &identity, &uri)
                .map_err(|rejection| self.challenged(rejection, &identity)),
            Err(outage) => Err(Rejection::from(&outage)),
        }
    }

    fn judge(&self, caller: Option<&Principal>, identity: &Identity, uri: &Uri) -> Result<(), Rejection> {
        let Some(caller) = caller else {
            return Err(Rejection::unauthenticated());
        };
        match self {
            Self::Login => Ok(()),
            Self::Recent(within) => is_recent(caller, *within, identity.now()),
            Self::That { judge, .. } => judge(caller, identity, uri),
        }
    }

    /// A 401 names every scheme by which the request could do better.
    fn challenged(&self, rejection: Rejection, identity: &Identity) -> Rejection {
        let challenge = match (rejection.kind(), self) {
            (RejectionKind::Unauthenticated, _) => Challenge::LogIn,
            (RejectionKind::AuthenticationTooOld, Self::Recent(within)) => Challenge::LogInAgain(*within),
            _ => return rejection,
        };
        rejection.with_challenges(identity.challenges(challenge))
    }
}

fn is_recent(caller: &Principal, within: Duration, now: Timestamp) -> Result<(), Rejection> {
    match caller.authenticated_at() {
        Some(at) if now.since(at) <= within => Ok(()),
        Some(_) | None => Err(Rejection::authentication_too_old()),
    }
}

impl fmt::Debug for Demand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Login => f.write_str("Login"),
            Self::Recent(within) => f.debug_tuple("Recent").field(within).finish(),
            Self::That { name, .. } => f.debug_struct("That").field("name", name).finish_non_exhaustive(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reject::RejectionKind::AuthenticationTooOld;

    const NOW: Timestamp = Timestamp::from_unix_seconds(10_000);

    fn authenticated(ago: Duration) -> Principal {
        Principal::local("ada").with_authenticated_at(NOW.before(ago))
    }

    #[test]
    fn recent_is_at_most_so_long_ago() {
        let future = NOW + Duration::from_secs(60);
        let rows = [
            ("just now", authenticated(Duration::ZERO), None),
            ("exactly at the age", authenticated(Duration::from_secs(300)), None),
            ("a moment past it", authenticated(Duration::from_millis(300_001)), Some(AuthenticationTooOld)),
            ("never told when", Principal::local("ada"), Some(AuthenticationTooOld)),
            ("by a clock that is ahead", Principal::local("ada").with_authenticated_at(future), None),
        ];
        for (name, caller, expected) in rows {
            let verdict = is_recent(&caller, Duration::from_secs(300), NOW);
            assert_eq!(verdict.err().map(|rejection| rejection.kind()), expected, "{name}");
        }
    }
}
