use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;

use crate::outcome::Outcome;

mod bare;
mod ours;
mod peer;
mod peer_in_redis;

/// Whose layer is around the handlers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Contender {
    /// Nobody's: what axum costs by itself.
    Bare,
    Ours,
    /// The session layer that most axum users have.
    Peer,
}

impl Contender {
    pub(super) const ALL: [Self; 3] = [Self::Bare, Self::Ours, Self::Peer];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Bare => "none",
            Self::Ours => "ours",
            Self::Peer => "peer",
        }
    }

    /// The same handlers in this one's layer, over an empty store in memory and with every default.
    pub(super) fn router(self) -> Router {
        match self {
            Self::Bare => bare::router(),
            Self::Ours => ours::router(portcullis::store::MemoryStore::new()),
            Self::Peer => peer::router(tower_sessions::MemoryStore::default()),
        }
    }

    /// The same over the Redis that `url` names.
    pub(super) async fn router_over(self, url: &str) -> Outcome<Router> {
        Ok(match self {
            Self::Bare => bare::router(),
            Self::Ours => ours::router(portcullis_stores::open(url).await?),
            Self::Peer => peer::router(peer_in_redis::RedisStore::open(url).await?),
        })
    }
}

/// What every handler answers.
const DONE: &str = "done";

/// Somebody new at every login, as on a site with many users.
fn somebody() -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    format!("user-{}", COUNT.fetch_add(1, Ordering::Relaxed))
}
