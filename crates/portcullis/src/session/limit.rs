//! How many sessions somebody may have at once. Pure.

use portcullis_core::Timestamp;

use super::{public_handle::PublicHandle, record::Beginning, snapshot::Snapshot};

/// How many sessions somebody may have at once, and what becomes of one too many.
///
/// It is decided at each login, after the new session was stored: of racing logins the last to look sees all of them, so that no
/// more remain than may. A login that is refused leaves everything as it was, and what else the request wanted to change is dropped
/// with it. Sessions of every layer that shares the store and names the same issuer count, and may be ended.
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
    /// [`SessionErrorKind::TooManySessions`](super::SessionErrorKind::TooManySessions). Of several at once for the last place, all may be.
    ///
    /// Whoever lost a device waits until its session has ended, unless there is another way to revoke it. Logins of one moment that
    /// are too many together may all be refused; who is let in stays.
    #[must_use]
    pub const fn refuse(most: usize) -> Self {
        Self { most, excess: Excess::Refuse }
    }

    /// Which of all sessions, `newcomer` among them, are too many. All racers rank them alike, so that none ends what another keeps.
    pub(super) fn excess(&self, sessions: &[Ranked], newcomer: PublicHandle) -> Verdict {
        let mut ranked = one_each(sessions);
        if !ranked.iter().any(|session| session.handle == newcomer) {
            // A racer has ended it already.
            return Verdict::Refused;
        }
        let too_many = ranked.len().saturating_sub(self.most);
        if too_many == 0 {
            return Verdict::Room;
        }
        match self.excess {
            // Wherever the newcomer ranks: a racer that began earlier may have been let in before this one was stored.
            Excess::Refuse => return Verdict::Refused,
            Excess::EvictOldest => ranked.sort_by_key(|session| (session.beginning, session.handle)),
            Excess::EvictLeastRecent => {
                ranked.sort_by_key(|session| (session.last_seen_at, session.beginning, session.handle));
            }
        }
        let evicted: Vec<_> = ranked.iter().take(too_many).map(|session| session.handle).collect();
        if evicted.contains(&newcomer) { Verdict::Refused } else { Verdict::Evicted(evicted) }
    }
}

/// A session as it is ranked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Ranked {
    handle: PublicHandle,
    beginning: Beginning,
    last_seen_at: Timestamp,
}

#[derive(Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    Room,
    /// The newcomer is one too many.
    Refused,
    Evicted(Vec<PublicHandle>),
}

impl Ranked {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let header = &snapshot.payload.header;
        Self { handle: header.handle, beginning: header.beginning, last_seen_at: snapshot.last_seen_at() }
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
            beginning: Beginning { at: Timestamp::from_unix_seconds(*begun), serial: 0 },
            last_seen_at: Timestamp::from_unix_seconds(*seen),
        };
        rows.iter().map(session).collect()
    }

    fn evicted(names: &[u8]) -> Verdict {
        Verdict::Evicted(names.iter().map(|name| handle(*name)).collect())
    }

    #[test]
    fn s57_what_ranks_beyond_the_limit_is_too_much() {
        let three = sessions(&[(1, 10, 90), (2, 20, 80), (NEWCOMER, 100, 100)]);
        let rows = [
            ("room", SessionLimit::evict_oldest(3), Verdict::Room),
            ("the oldest", SessionLimit::evict_oldest(2), evicted(&[1])),
            ("the two oldest", SessionLimit::evict_oldest(1), evicted(&[1, 2])),
            ("the least recent", SessionLimit::evict_least_recent(2), evicted(&[2])),
            ("room for all", SessionLimit::refuse(3), Verdict::Room),
            ("no room", SessionLimit::refuse(2), Verdict::Refused),
        ];
        for (name, limit, expected) in rows {
            assert_eq!(limit.excess(&three, handle(NEWCOMER)), expected, "{name}");
        }
    }

    #[test]
    fn s57_a_newcomer_that_ranks_oldest_is_refused_and_nothing_else_ends() {
        let skewed = sessions(&[(1, 10, 10), (2, 20, 20), (NEWCOMER, 5, 5)]);
        for limit in [SessionLimit::evict_oldest(2), SessionLimit::evict_least_recent(2)] {
            assert_eq!(limit.excess(&skewed, handle(NEWCOMER)), Verdict::Refused);
        }
        let ended_already = sessions(&[(1, 10, 10)]);
        assert_eq!(SessionLimit::evict_oldest(2).excess(&ended_already, handle(NEWCOMER)), Verdict::Refused);
        let earlier = sessions(&[(NEWCOMER, 10, 10), (1, 20, 20)]);
        assert_eq!(SessionLimit::refuse(1).excess(&earlier, handle(NEWCOMER)), Verdict::Refused);
    }

    #[test]
    fn s57_two_that_one_process_begins_at_one_instant_have_an_order() {
        let (first, second) = (Beginning::at(Timestamp::MAX), Beginning::at(Timestamp::MAX));
        assert!(first < second);
    }

    #[test]
    fn s57_a_session_under_two_ids_counts_once() {
        let twice = sessions(&[(1, 10, 10), (1, 10, 20), (NEWCOMER, 30, 30)]);
        assert_eq!(SessionLimit::evict_oldest(2).excess(&twice, handle(NEWCOMER)), Verdict::Room);
    }
}
