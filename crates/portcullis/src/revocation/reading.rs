use std::time::Duration;

use portcullis_core::Timestamp;

use super::mark::{Mark, Written};

/// What the store answered, and when it was asked: the answer may be as old as the question.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Reading {
    pub(super) found: Option<Written>,
    pub(super) asked_at: Timestamp,
}

/// What is known about a mark.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Answer {
    /// This, or that there is none.
    Known(Option<Mark>),
    /// This at least; it may have been moved forward.
    AtLeast(Mark),
    /// Nothing: the store must be asked.
    Unknown,
}

impl Reading {
    /// What is known by it at `now`, where an answer is believed for as long as `staleness`.
    ///
    /// Marks stay until nobody needs them and move forward only: one that was found refuses for good what it refuses.
    pub(super) fn answer(&self, now: Timestamp, staleness: Duration) -> Answer {
        // A question from the future shows a clock that was set back: its age is unknown.
        let is_fresh = self.asked_at <= now && now.since(self.asked_at) < staleness;
        match self.found {
            Some(Written { mark: Mark::Denied, until }) if now < until => Answer::Known(Some(Mark::Denied)),
            Some(Written { mark, until }) if now < until && is_fresh => Answer::Known(Some(mark)),
            Some(Written { mark, until }) if now < until => Answer::AtLeast(mark),
            None if is_fresh => Answer::Known(None),
            _ => Answer::Unknown,
        }
    }

    /// Both together: what was found once is not forgotten for an answer that was on its way, until it has ended. An absence that was told
    /// later is an answer of its own, and held against the old mark it would be asked for again each time.
    pub(super) fn and(self, other: Self) -> Self {
        let asked_at = self.asked_at.max(other.asked_at);
        let lasting = |reading: Self| reading.found.filter(|found| asked_at < found.until);
        let found = match (lasting(self), lasting(other)) {
            (Some(one), Some(another)) => {
                Some(Written { mark: one.mark.max(another.mark), until: one.until.max(another.until) })
            }
            (one, another) => one.or(another),
        };
        Self { found, asked_at }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STALENESS: Duration = Duration::from_secs(5);
    const ASKED: u64 = 1_000;

    fn at(second: u64) -> Timestamp {
        Timestamp::from_unix_seconds(second)
    }

    fn reading(found: Option<(Mark, u64)>) -> Reading {
        let found = found.map(|(mark, until)| Written { mark, until: at(until) });
        Reading { found, asked_at: at(ASKED) }
    }

    #[test]
    fn absence_is_believed_for_a_while_and_a_mark_until_it_ends() {
        let issued_until = Mark::IssuedUntil(900);
        let rows = [
            ("none, at once", None, 1_000, Answer::Known(None)),
            ("none, fresh", None, 1_004, Answer::Known(None)),
            ("none, stale", None, 1_005, Answer::Unknown),
            ("none, asked in the future", None, 999, Answer::Unknown),
            ("denied, fresh", Some((Mark::Denied, 2_000)), 1_004, Answer::Known(Some(Mark::Denied))),
            ("denied, old", Some((Mark::Denied, 2_000)), 1_999, Answer::Known(Some(Mark::Denied))),
            ("denied, over", Some((Mark::Denied, 2_000)), 2_000, Answer::Unknown),
            ("denied, over though fresh", Some((Mark::Denied, 1_002)), 1_002, Answer::Unknown),
            ("until, fresh", Some((issued_until, 2_000)), 1_004, Answer::Known(Some(issued_until))),
            ("until, stale", Some((issued_until, 2_000)), 1_005, Answer::AtLeast(issued_until)),
            ("until, asked in the future", Some((issued_until, 2_000)), 999, Answer::AtLeast(issued_until)),
            ("until, over", Some((issued_until, 2_000)), 2_000, Answer::Unknown),
        ];
        for (row, found, now, expected) in rows {
            assert_eq!(reading(found).answer(at(now), STALENESS), expected, "{row}");
        }
    }

    #[test]
    fn without_staleness_only_marks_are_remembered() {
        assert_eq!(reading(None).answer(at(ASKED), Duration::ZERO), Answer::Unknown);
        let mark = Mark::IssuedUntil(900);
        let until = reading(Some((mark, 2_000))).answer(at(ASKED), Duration::ZERO);
        assert_eq!(until, Answer::AtLeast(mark));
        let denied = reading(Some((Mark::Denied, 2_000))).answer(at(ASKED), Duration::ZERO);
        assert_eq!(denied, Answer::Known(Some(Mark::Denied)));
    }

    #[test]
    fn the_mark_that_refuses_more_stays_in_either_order() {
        let earlier = reading(Some((Mark::IssuedUntil(800), 2_000)));
        let later = reading(Some((Mark::IssuedUntil(900), 1_500)));
        let none = Reading { found: None, asked_at: at(1_003) };
        let both = Written { mark: Mark::IssuedUntil(900), until: at(2_000) };
        for (one, another, found) in [(earlier, later, both), (later, none, later.found.unwrap())] {
            assert_eq!(one.and(another).found, Some(found));
            assert_eq!(one.and(another), another.and(one));
        }
        assert_eq!(later.and(none).asked_at, at(1_003));
    }
}
