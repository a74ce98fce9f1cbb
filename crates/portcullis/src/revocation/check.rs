use std::time::Duration;

use portcullis_core::Timestamp;

use super::reading::Answer;
use crate::claims::{
    error::{TokenError, TokenErrorKind},
    policy::MOST_LEEWAY,
};

/// What comes of all that is known against a token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Verdict {
    Accepted,
    Revoked,
    /// What is not known decides.
    Unclear,
}

/// Decides about a token that was issued in the second `issued_in`. Marks that are known to refuse need no others.
pub(super) fn decide(issued_in: Option<Timestamp>, answers: &[Answer]) -> Verdict {
    let mut verdict = Verdict::Accepted;
    for answer in answers {
        match answer {
            Answer::Known(Some(mark)) | Answer::AtLeast(mark) if mark.refuses(issued_in) => {
                return Verdict::Revoked;
            }
            Answer::Known(_) => {}
            Answer::AtLeast(_) | Answer::Unknown => verdict = Verdict::Unclear,
        }
    }
    verdict
}

/// Refuses a token that may outlive a mark against it, or its subject's or key's.
///
/// Its life is reckoned from when it was issued, where it says so, and not from now alone: what is refused for the time it has left would else
/// be accepted at the end of that time, when the mark is gone.
pub(super) fn check_lifetime(
    issued_in: Option<Timestamp>,
    expires_at: Option<Timestamp>,
    now: Timestamp,
    longest: Duration,
) -> Result<(), TokenError> {
    let begun = issued_in.map_or(now, |issued| issued.min(now));
    match expires_at {
        Some(end) if end.since(begun) <= longest.saturating_add(MOST_LEEWAY) => Ok(()),
        _ => Err(TokenErrorKind::LivesTooLong.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::mark::Mark, *};

    const NOW: u64 = 100_000;
    const LONGEST: u64 = 3_600;
    const LEEWAY: u64 = MOST_LEEWAY.as_secs();

    fn at(second: u64) -> Timestamp {
        Timestamp::from_unix_seconds(second)
    }

    #[test]
    fn one_mark_against_it_is_enough_and_all_must_be_known_for_the_contrary() {
        let none = Answer::Known(None);
        let denied = Answer::Known(Some(Mark::Denied));
        let until = |second| Answer::Known(Some(Mark::IssuedUntil(second)));
        let at_least = |second| Answer::AtLeast(Mark::IssuedUntil(second));
        let rows = [
            ("nothing to ask", Some(100), vec![], Verdict::Accepted),
            ("nothing found", Some(100), vec![none, none, none], Verdict::Accepted),
            ("not said when, nothing found", None, vec![none, none, none], Verdict::Accepted),
            ("denied", Some(100), vec![none, none, denied], Verdict::Revoked),
            (
                "denied, the others unknown",
                Some(100),
                vec![Answer::Unknown, denied, Answer::Unknown],
                Verdict::Revoked,
            ),
            ("issued before the mark", Some(99), vec![none, until(100), none], Verdict::Revoked),
            ("issued in its second", Some(100), vec![none, until(100), none], Verdict::Revoked),
            ("issued after it", Some(101), vec![none, until(100), none], Verdict::Accepted),
            ("a mark, and not said when", None, vec![none, until(100), none], Verdict::Revoked),
            ("issued before an old mark", Some(100), vec![none, at_least(100), none], Verdict::Revoked),
            ("issued after an old mark", Some(101), vec![none, at_least(100), none], Verdict::Unclear),
            ("one unknown", Some(101), vec![none, until(100), Answer::Unknown], Verdict::Unclear),
        ];
        for (row, issued_in, answers, expected) in rows {
            assert_eq!(decide(issued_in.map(at), &answers), expected, "{row}");
            let backwards: Vec<_> = answers.into_iter().rev().collect();
            assert_eq!(decide(issued_in.map(at), &backwards), expected, "{row}, backwards");
        }
    }

    #[test]
    fn t51_a_token_that_outlives_the_marks_is_refused_all_its_life() {
        let rows = [
            ("no end", Some(NOW), None, false),
            ("neither end nor beginning", None, None, false),
            ("as long as may be", Some(NOW), Some(NOW + LONGEST + LEEWAY), true),
            ("a second longer", Some(NOW), Some(NOW + LONGEST + LEEWAY + 1), false),
            ("not said when, as long as may be", None, Some(NOW + LONGEST + LEEWAY), true),
            ("not said when, a second longer", None, Some(NOW + LONGEST + LEEWAY + 1), false),
            ("too long, at its end", Some(NOW - LONGEST - LEEWAY), Some(NOW + 1), false),
            ("as long as may be, at its end", Some(NOW - LONGEST - LEEWAY), Some(NOW), true),
            ("too long, reckoned from now", Some(NOW + 30), Some(NOW + LONGEST + LEEWAY + 1), false),
            ("over", Some(NOW - 100), Some(NOW - 50), true),
        ];
        for (row, issued_in, end, expected) in rows {
            let longest = Duration::from_secs(LONGEST);
            let checked = check_lifetime(issued_in.map(at), end.map(at), at(NOW), longest);
            assert_eq!(checked.is_ok(), expected, "{row}");
            if let Err(error) = checked {
                assert_eq!(error.kind(), TokenErrorKind::LivesTooLong, "{row}");
            }
        }
        assert!(check_lifetime(None, Some(Timestamp::MAX), at(NOW), Duration::MAX).is_ok());
    }
}
