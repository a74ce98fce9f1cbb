//! How many sessions somebody may have at once. Pure but for the last step, which asks the store.

use portcullis_core::{Owner, Timestamp};

use super::{config::Config, error::SessionError, public_handle::PublicHandle, snapshot::Snapshot};
use crate::event::EventKind;

/// How many sessions somebody may have at once, and what becomes of one too many.
///
/// It is decided at each login, after the new session was stored: of racing logins the last to look sees all of them, so that no
/// more remain than may.
///
/// # Example
///
/// ```
/// use portcullis::{session::{ConfigError, SessionLayer, SessionLimit}, store::MemoryStore};
///
/// # fn main() -> Result<(), ConfigError> {
/// let layer = SessionLayer::new(MemoryStore::new()).with_session_limit(SessionLimit::evict_oldest(3))?;
/// # let _ = layer;
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SessionLimit {
    pub(super) most: usize,
    excess: Excess,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Excess {
    EvictOldest,
    EvictLeastRecent,
    Refuse,
}

impl SessionLimit {
    /// A login beyond `most` sessions ends the session that began first.
    #[must_use]
    pub const fn evict_oldest(most: usize) -> Self {
        Self { most, excess: Excess::EvictOldest }
    }

    /// A login beyond `most` sessions ends the session that was not used for longest. Use is known to a tenth of the idle timeout,
    /// and to an hour.
    #[must_use]
    pub const fn evict_least_recent(most: usize) -> Self {
        Self { most, excess: Excess::EvictLeastRecent }
    }

    /// A login beyond `most` sessions is refused:
    /// [`SessionErrorKind::TooManySessions`](super::SessionErrorKind::TooManySessions).
    ///
    /// Whoever lost a device waits until its session has ended, unless there is another way to revoke it.
    #[must_use]
    pub const fn refuse(most: usize) -> Self {
        Self { most, excess: Excess::Refuse }
    }

    /// Which of all sessions, `newcomer` among them, are too many.
    fn excess(&self, sessions: &[Ranked], newcomer: PublicHandle) -> Verdict {
        let mut ranked = one_each(sessions);
        let too_many = ranked.len().saturating_sub(self.most);
        // Among equals the newcomer is the newest: a clock may be too coarse to tell.
        ranked.sort_by_key(|session| {
            let age = match self.excess {
                Excess::EvictLeastRecent => session.last_seen_at,
                Excess::EvictOldest | Excess::Refuse => session.begun_at,
            };
            (age, session.handle == newcomer, session.handle)
        });
        match self.excess {
            Excess::Refuse => {
                // Those who came first stay.
                let refused = ranked.iter().skip(self.most).any(|session| session.handle == newcomer);
                if refused { Verdict::Refused } else { Verdict::Evicted(Vec::new()) }
            }
            Excess::EvictOldest | Excess::EvictLeastRecent => {
                Verdict::Evicted(ranked.iter().take(too_many).map(|session| session.handle).collect())
            }
        }
    }
}

/// A session as it is ranked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Ranked {
    handle: PublicHandle,
    begun_at: Timestamp,
    last_seen_at: Timestamp,
}

#[derive(Debug, Eq, PartialEq)]
enum Verdict {
    Refused,
    Evicted(Vec<PublicHandle>),
}

impl Config {
    /// Makes room for the session `newcomer` of `owner`, which is stored already, in place of `old`, which is about to end.
    pub(super) async fn make_room(
        &self,
        owner: &Owner,
        newcomer: PublicHandle,
        old: Option<&Snapshot>,
    ) -> Result<(), SessionError> {
        let Some(limit) = self.limit else { return Ok(()) };
        let mut sessions = self.sessions_of(owner).await?;
        sessions.retain(|snapshot| {
            old.is_none_or(|old| old.payload.header.handle != snapshot.payload.header.handle)
        });
        let ranked: Vec<Ranked> = sessions.iter().map(Ranked::of).collect();
        let evicted = match limit.excess(&ranked, newcomer) {
            Verdict::Refused => {
                self.emit(EventKind::TooManySessions, None);
                return Err(SessionError::too_many_sessions());
            }
            Verdict::Evicted(evicted) => evicted,
        };
        let of_evicted = sessions.iter().filter(|snapshot| evicted.contains(&snapshot.payload.header.handle));
        self.end(of_evicted.map(|snapshot| snapshot.key).collect(), EventKind::Evicted).await
    }
}

impl Ranked {
    fn of(snapshot: &Snapshot) -> Self {
        let header = &snapshot.payload.header;
        Self { handle: header.handle, begun_at: header.begun_at, last_seen_at: snapshot.last_seen_at() }
    }
}

/// A session that is being renewed lies under two ids and is one all the same.
fn one_each(sessions: &[Ranked]) -> Vec<Ranked> {
    let mut each = sessions.to_vec();
    each.sort_by_key(|session| (session.handle, std::cmp::Reverse(session.last_seen_at)));
    each.dedup_by_key(|session| session.handle);
    each
}

#[cfg(test)]
mod tests {
    use super::*;

    const NEWCOMER: u8 = 9;

    fn handle(name: u8) -> PublicHandle {
        PublicHandle::from_bytes([name; 16])
    }

    /// Name, begun at, last seen at.
    fn sessions(rows: &[(u8, u64, u64)]) -> Vec<Ranked> {
        let session = |(name, begun, seen): &(u8, u64, u64)| Ranked {
            handle: handle(*name),
            begun_at: Timestamp::from_unix_seconds(*begun),
            last_seen_at: Timestamp::from_unix_seconds(*seen),
        };
        rows.iter().map(session).collect()
    }

    #[test]
    fn s57_what_ranks_beyond_the_limit_is_too_much() {
        let three = sessions(&[(1, 10, 90), (2, 20, 80), (NEWCOMER, 100, 100)]);
        let evicted = |names: &[u8]| Verdict::Evicted(names.iter().map(|name| handle(*name)).collect());
        let rows = [
            ("room", SessionLimit::evict_oldest(3), evicted(&[])),
            ("the oldest", SessionLimit::evict_oldest(2), evicted(&[1])),
            ("the two oldest", SessionLimit::evict_oldest(1), evicted(&[1, 2])),
            ("the least recent", SessionLimit::evict_least_recent(2), evicted(&[2])),
            ("room for all", SessionLimit::refuse(3), evicted(&[])),
            ("no room", SessionLimit::refuse(2), Verdict::Refused),
        ];
        for (name, limit, expected) in rows {
            assert_eq!(limit.excess(&three, handle(NEWCOMER)), expected, "{name}");
        }
    }

    #[test]
    fn s57_among_equals_the_newcomer_is_the_newest() {
        for (before, after) in [(1, NEWCOMER), (NEWCOMER + 1, NEWCOMER)] {
            let equals = sessions(&[(before, 10, 10), (after, 10, 10)]);
            let evicted = Verdict::Evicted(vec![handle(before)]);
            assert_eq!(SessionLimit::evict_oldest(1).excess(&equals, handle(NEWCOMER)), evicted);
            assert_eq!(SessionLimit::evict_least_recent(1).excess(&equals, handle(NEWCOMER)), evicted);
            assert_eq!(SessionLimit::refuse(1).excess(&equals, handle(NEWCOMER)), Verdict::Refused);
        }
    }

    #[test]
    fn s57_a_session_under_two_ids_counts_once() {
        let twice = sessions(&[(1, 10, 10), (1, 10, 20), (NEWCOMER, 30, 30)]);
        assert_eq!(
            SessionLimit::evict_oldest(2).excess(&twice, handle(NEWCOMER)),
            Verdict::Evicted(Vec::new())
        );
    }
}
