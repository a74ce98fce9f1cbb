use std::fmt;

use clap::ValueEnum;

/// Which node a request goes to.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
#[non_exhaustive]
pub enum Routing {
    /// To each node in turn.
    #[default]
    RoundRobin,
    /// To the node that answered this browser first, as long as it is up.
    Sticky,
}

impl fmt::Display for Routing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RoundRobin => "round-robin",
            Self::Sticky => "sticky",
        })
    }
}

/// The place of the node that a request goes to; `None` if no node is up.
///
/// `turn` counts requests. The turns go round among the nodes that are up, so that the one after a stopped node gets no more than
/// the others.
pub(super) fn choose(routing: Routing, up: &[bool], affinity: Option<usize>, turn: usize) -> Option<usize> {
    let is_up = |place: &usize| up.get(*place).is_some_and(|up| *up);
    let sticks_to = affinity.filter(|place| routing == Routing::Sticky && is_up(place));
    sticks_to.or_else(|| {
        let mut places = (0..up.len()).filter(is_up);
        let count = places.clone().count();
        places.nth(turn.checked_rem(count)?)
    })
}

#[cfg(test)]
mod tests {
    use super::{
        Routing::{RoundRobin, Sticky},
        *,
    };

    #[test]
    fn a_request_goes_where_it_sticks_or_else_to_the_next_node_that_is_up() {
        let rows = [
            ("the first turn", RoundRobin, &[true, true, true][..], None, 0, Some(0)),
            ("the next one", RoundRobin, &[true, true, true], None, 1, Some(1)),
            ("round again", RoundRobin, &[true, true, true], None, 3, Some(0)),
            ("the cookie of a stickier time", RoundRobin, &[true, true, true], Some(2), 0, Some(0)),
            ("past a node that is down", RoundRobin, &[false, true, true], None, 0, Some(1)),
            ("evenly past it", RoundRobin, &[true, false, true], None, 2, Some(0)),
            ("the only one left", RoundRobin, &[false, false, true], None, 7, Some(2)),
            ("none left", RoundRobin, &[false, false], None, 1, None),
            ("no nodes at all", RoundRobin, &[], None, 0, None),
            ("a browser without the cookie", Sticky, &[true, true], None, 1, Some(1)),
            ("where it was", Sticky, &[true, true], Some(0), 1, Some(0)),
            ("its node is down", Sticky, &[true, false, true], Some(1), 1, Some(2)),
            ("a node that never was", Sticky, &[true, true], Some(9), 1, Some(1)),
            ("none left to stick to", Sticky, &[false, false], Some(0), 0, None),
        ];
        for (name, routing, up, affinity, turn, expected) in rows {
            assert_eq!(choose(routing, up, affinity, turn), expected, "{name}");
        }
    }

    #[test]
    fn turns_are_shared_out_evenly() {
        let mut counts = [0; 3];
        for turn in 0..30 {
            counts[choose(RoundRobin, &[true, false, true], None, turn).unwrap()] += 1;
        }
        assert_eq!(counts, [15, 0, 15]);
    }
}
