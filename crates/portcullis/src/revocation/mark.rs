use std::time::Duration;

use bytes::Bytes;
use portcullis_core::{Draft, Record, StoreError, Timestamp, Version};

use crate::claims::policy::MOST_LEEWAY;

/// What is held against a token, against all of a subject, or against all of a key.
///
/// ```text
/// format:1                  denied
/// format:1 | second:8       everything issued in that second or before it
/// ```
///
/// Big-endian, seconds since the Unix epoch. Ordered by how much is refused.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) enum Mark {
    IssuedUntil(u64),
    Denied,
}

impl Mark {
    /// Whether a token that was issued in this second is refused. One that does not say when may have been issued before the mark.
    pub(super) fn refuses(self, issued_in: Option<Timestamp>) -> bool {
        match self {
            Self::Denied => true,
            Self::IssuedUntil(second) => issued_in.is_none_or(|at| at.unix_seconds() <= second),
        }
    }

    /// The mark of a subject as an instant.
    pub(super) const fn instant(self) -> Option<Timestamp> {
        match self {
            Self::Denied => None,
            Self::IssuedUntil(second) => Some(Timestamp::from_unix_seconds(second)),
        }
    }

    fn encode(self) -> Bytes {
        match self {
            Self::Denied => Bytes::from_static(&[FORMAT]),
            Self::IssuedUntil(second) => {
                let payload: Vec<u8> = [FORMAT].into_iter().chain(second.to_be_bytes()).collect();
                payload.into()
            }
        }
    }

    fn parse(payload: &[u8]) -> Option<Self> {
        match payload {
            [FORMAT] => Some(Self::Denied),
            [FORMAT, second @ ..] => Some(Self::IssuedUntil(u64::from_be_bytes(second.try_into().ok()?))),
            _ => None,
        }
    }
}

/// A mark, and when nobody need know of it any more.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Written {
    pub(super) mark: Mark,
    pub(super) until: Timestamp,
}

impl Written {
    /// Against one token, which ends at `expires_at`.
    pub(super) fn against_token(expires_at: Timestamp) -> Self {
        Self { mark: Mark::Denied, until: expires_at + MOST_LEEWAY + SECOND }
    }

    /// Against all of a key.
    pub(super) fn against_key(now: Timestamp, longest_lifetime: Duration) -> Self {
        Self { mark: Mark::Denied, until: last_use(now, longest_lifetime) }
    }

    /// Against everything of a subject that was issued until `now`, where `before` is there already.
    ///
    /// Where a mark stands at this second or later, tokens issued since then bear the second after it: the new mark is that one.
    /// It goes no further ahead of the time than [`MOST_AHEAD`], or new tokens would be refused for being issued in the future.
    pub(super) fn against_subject(before: Option<Self>, now: Timestamp, longest_lifetime: Duration) -> Self {
        let second = now.unix_seconds();
        let mark = match before.map(|before| before.mark) {
            None => Mark::IssuedUntil(second),
            Some(Mark::IssuedUntil(earlier)) if earlier < second => Mark::IssuedUntil(second),
            Some(Mark::IssuedUntil(there)) => {
                let next = there.saturating_add(1).min(second.saturating_add(MOST_AHEAD.as_secs()));
                Mark::IssuedUntil(there.max(next))
            }
            Some(Mark::Denied) => Mark::Denied,
        };
        let issued_until = mark.instant().unwrap_or(now).max(now);
        let until = last_use(issued_until, longest_lifetime);
        Self { mark, until: before.map_or(until, |before| before.until.max(until)) }
    }

    /// What `record` says.
    ///
    /// One that cannot be read is a later version's. To take it for no mark would let in what that version refuses, and to take it for one
    /// would be a verdict that nobody gave: the question stays open, and the caller is asked to come back.
    pub(super) fn read(record: &Record) -> Result<Self, StoreError> {
        let mark = Mark::parse(&record.payload).ok_or_else(|| {
            StoreError::corrupt("a revocation is in a format that this version does not know")
        })?;
        Ok(Self { mark, until: record.expires_at })
    }

    /// What to write.
    pub(super) fn draft(&self) -> Draft {
        Draft::new(self.mark.encode(), Version::unique(), self.until)
    }
}

/// When a token is to be said to have been issued, where `mark` is its subject's.
///
/// In the second of a mark, or on a clock that is behind it, a new token would bear a time that the mark refuses: it bears the second after the
/// mark. That lies at most [`MOST_AHEAD`] in the future, which the leeway of verifiers covers. `None` where it would lie further ahead: the next
/// mark could not reach it, and the subject would be told of a revocation that this token survives.
pub(crate) fn issued_at(now: Timestamp, mark: Option<Timestamp>) -> Option<Timestamp> {
    let second = Timestamp::from_unix_seconds(now.unix_seconds());
    let issued = mark.map_or(second, |mark| second.max(mark + SECOND));
    (issued <= second + MOST_AHEAD).then_some(issued)
}

/// When the last token is refused for its age of those that were issued until `issued_until` and live no longer than is
/// [accepted](super::check::check_lifetime): both that and its end have a leeway.
fn last_use(issued_until: Timestamp, longest_lifetime: Duration) -> Timestamp {
    issued_until + longest_lifetime + MOST_LEEWAY * 2 + SECOND
}

const FORMAT: u8 = 1;
const SECOND: Duration = Duration::from_secs(1);
/// Less than the leeway that verifiers have by default.
const MOST_AHEAD: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use portcullis_core::{Epoch, RecordId, RecordKey, Space};

    use super::*;

    const LONGEST: Duration = Duration::from_secs(3_600);

    fn at(second: u64) -> Timestamp {
        Timestamp::from_unix_seconds(second)
    }

    fn record(payload: &'static [u8]) -> Record {
        let key = RecordKey::unowned(Space::Revoked, RecordId::from_bytes([1; 32]));
        let draft = Draft::new(payload, Version::unique(), at(7));
        Record::created(key, draft, at(1), Epoch::UNOWNED)
    }

    #[test]
    fn what_was_written_is_read_and_bytes_of_another_format_are_no_verdict() {
        let rows: [(&str, &'static [u8], Option<Mark>); 8] = [
            ("denied", &[1], Some(Mark::Denied)),
            ("issued until", &[1, 0, 0, 0, 0, 0x77, 0x35, 0x94, 0], Some(Mark::IssuedUntil(2_000_000_000))),
            ("nothing", &[], None),
            ("a later format", &[2], None),
            ("a later format with a second", &[2, 0, 0, 0, 0, 0x77, 0x35, 0x94, 0], None),
            ("short", &[1, 0, 0, 0, 0, 0, 0, 0], None),
            ("long", &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0], None),
            ("zero", &[0], None),
        ];
        for (row, payload, expected) in rows {
            let read = Written::read(&record(payload)).ok();
            assert_eq!(read, expected.map(|mark| Written { mark, until: at(7) }), "{row}");
            if let Some(mark) = expected {
                assert_eq!(mark.encode(), payload, "{row}");
            }
        }
    }

    #[test]
    fn a_subjects_mark_refuses_its_own_second_and_what_does_not_say_when() {
        let mark = Mark::IssuedUntil(100);
        let rows = [
            ("before", Some(at(99)), true),
            ("the same second", Some(at(100)), true),
            ("the second after", Some(at(101)), false),
            ("not said", None, true),
        ];
        for (row, issued_in, expected) in rows {
            assert_eq!(mark.refuses(issued_in), expected, "{row}");
            assert!(Mark::Denied.refuses(issued_in), "{row}");
        }
    }

    #[test]
    fn a_subjects_mark_only_moves_forward_and_past_what_was_issued_since() {
        let rows = [
            ("the first", None, 1_000, 1_000),
            ("a later one", Some(400), 1_000, 1_000),
            ("within the same second", Some(1_000), 1_000, 1_001),
            ("from a clock that is behind", Some(1_003), 1_000, 1_004),
            ("as far ahead as it may be", Some(1_009), 1_000, 1_010),
            ("no further", Some(1_010), 1_000, 1_010),
            ("never back", Some(5_000), 1_000, 5_000),
        ];
        for (row, before, now, expected) in rows {
            let before = before.map(|second| Written { mark: Mark::IssuedUntil(second), until: at(9_000) });
            let raised = Written::against_subject(before, at(now), LONGEST);
            assert_eq!(raised.mark, Mark::IssuedUntil(expected), "{row}");
            // A token of the last second that is refused, as old as may be, with every leeway.
            assert!(raised.until > at(expected.max(now)) + LONGEST + MOST_LEEWAY * 2, "{row}");
            assert!(before.is_none_or(|before| before.until <= raised.until), "{row}");
        }
    }

    #[test]
    fn a_mark_outlives_the_token() {
        // PASETO's last instant is the end itself.
        assert!(Written::against_token(at(50)).until > at(50) + MOST_LEEWAY);
        assert_eq!(Written::against_token(Timestamp::MAX).until, Timestamp::MAX);
    }

    #[test]
    fn a_token_of_the_second_of_a_mark_bears_the_next() {
        let rows = [
            ("no mark", 1_000_999, None, 1_000),
            ("long ago", 1_000_999, Some(400), 1_000),
            ("the second before", 1_000_000, Some(999), 1_000),
            ("the same second", 1_000_999, Some(1_000), 1_001),
            ("a clock that is behind", 1_000_000, Some(1_005), 1_006),
            ("as far ahead as a mark may be", 1_000_000, Some(1_009), 1_010),
        ];
        for (row, now, mark, expected) in rows {
            let issued = issued_at(Timestamp::from_unix_millis(now), mark.map(at)).unwrap();
            assert_eq!(issued, at(expected), "{row}");
            if let Some(second) = mark {
                assert!(!Mark::IssuedUntil(second).refuses(Some(issued)), "{row}");
            }
        }
        let unreachable = issued_at(Timestamp::from_unix_millis(1_000_999), Some(at(1_010)));
        assert_eq!(unreachable, None, "no later mark could refuse it");
    }
}
