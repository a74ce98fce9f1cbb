use crate::{keys::SLOTS, settings::Address};

/// A Cluster as its nodes describe it.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct View {
    /// In the order of their names, so that two views of one Cluster are the same.
    pub(super) masters: Vec<Address>,
    /// For each slot the place of its master in `masters`.
    pub(super) by_slot: Box<[Option<u16>]>,
}

/// What one node says of one master, itself or another.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Claim {
    master: Address,
    /// The higher it is, the newer is the claim.
    epoch: u64,
    slots: Vec<(u16, u16)>,
}

impl View {
    /// For each slot believes the claim with the highest epoch.
    pub(super) fn of(claims: impl IntoIterator<Item = Claim>) -> Self {
        let claims: Vec<Claim> = claims.into_iter().collect();
        let mut masters: Vec<Address> = claims.iter().map(|claim| claim.master.clone()).collect();
        masters.sort_by(|a, b| (&a.host, a.port).cmp(&(&b.host, b.port)));
        masters.dedup();
        let mut believed: Vec<Option<(u64, u16)>> = vec![None; usize::from(SLOTS)];
        for claim in &claims {
            let place = masters.iter().position(|master| *master == claim.master);
            let Some(place) = place.and_then(|place| u16::try_from(place).ok()) else {
                continue;
            };
            for (first, last) in &claim.slots {
                let slots = believed.iter_mut().take(usize::from(*last) + 1).skip(usize::from(*first));
                for slot in slots.filter(|slot| slot.is_none_or(|(epoch, _)| epoch < claim.epoch)) {
                    *slot = Some((claim.epoch, place));
                }
            }
        }
        Self { masters, by_slot: believed.into_iter().map(|slot| slot.map(|(_, place)| place)).collect() }
    }
}

/// Reads what `CLUSTER NODES` answers: a node on each line, `id ip:port@bus,name flags master ping pong epoch link slot…`. A node that
/// does not know its own address is at the one it was `asked` at.
pub(super) fn claims(text: &str, asked: &Address) -> Vec<Claim> {
    text.lines().filter_map(|line| claim(line, asked)).collect()
}

fn claim(line: &str, asked: &Address) -> Option<Claim> {
    let mut fields = line.split_ascii_whitespace();
    let (place, flags) = (fields.nth(1)?, fields.next()?);
    let flags: Vec<&str> = flags.split(',').collect();
    let is_reachable = !flags.iter().any(|flag| ["fail", "handshake", "noaddr"].contains(flag));
    if !flags.contains(&"master") || !is_reachable {
        return None;
    }
    let epoch = fields.nth(3)?.parse().ok()?;
    // Slots on their way elsewhere or here are in brackets; they are counted where they come from.
    let slots = fields.skip(1).filter(|slots| !slots.starts_with('[')).filter_map(|slots| {
        let (first, last) = slots.split_once('-').unwrap_or((slots, slots));
        Some((first.parse().ok()?, last.parse().ok()?))
    });
    let slots = slots.collect();
    let place = place.split(['@', ',']).next()?;
    let master = match Address::announced(place)? {
        Address { host, port } if host.is_empty() => Address { host: asked.host.clone(), port },
        address => address,
    };
    Some(Claim { master, epoch, slots })
}

impl Address {
    /// Reads `host:port` as servers announce it, where an IPv6 address has no brackets.
    pub(crate) fn announced(text: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        Some(Self { host: host.to_owned(), port: port.parse().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(port: u16) -> Address {
        Address { host: "127.0.0.1".to_owned(), port }
    }

    const NODES: &str = "\
07c37df 127.0.0.1:7004@17004 slave e7d1eec 0 1426238317239 4 connected
67ed2db 127.0.0.1:7002@17002,name.example master - 0 1426238316232 2 connected 5461-10922
292f8b3 127.0.0.1:7003@17003 master - 0 1426238318243 3 connected 10923-16383 [5461-<-67ed2db]
824fe11 127.0.0.1:7005@17005 master,fail - 0 1426238317741 5 disconnected 7
e7d1eec :7001@17001 myself,master - 0 0 1 connected 0-5458 5460 [5459->-292f8b3]
";

    #[test]
    fn reads_what_a_node_says_of_the_cluster() {
        let view = View::of(claims(NODES, &address(1)));
        assert_eq!(view.masters, [address(7001), address(7002), address(7003)]);
        for (slot, place) in
            [(0, Some(0)), (5458, Some(0)), (5459, None), (5460, Some(0)), (5461, Some(1)), (16383, Some(2))]
        {
            assert_eq!(view.by_slot[slot], place, "{slot}");
        }
        assert_eq!(view, View::of(claims(NODES, &address(1)).into_iter().rev()), "in whatever order");
    }

    #[test]
    fn a_master_that_missed_its_replacement_is_not_believed() {
        let stale = "a 127.0.0.1:1@2 myself,master - 0 0 1 connected 0-16383";
        let fresh = "b 127.0.0.1:3@4 myself,master - 0 0 2 connected 0-16383";
        for (first, second) in [(stale, fresh), (fresh, stale)] {
            let answers = [first, second].into_iter().flat_map(|text| claims(text, &address(9)));
            let view = View::of(answers);
            let place = view.by_slot[0].map(usize::from).unwrap();
            assert_eq!(view.masters[place], address(3));
        }
    }

    #[test]
    fn lines_that_say_nothing_are_passed_over() {
        for text in [
            "",
            "\n",
            "a",
            "a b c d e f g h",
            "a 127.0.0.1:1@2 master - 0 0 x connected 0",
            "a :x@2 master - 0 0 1 connected",
        ] {
            assert_eq!(claims(text, &address(1)), [], "{text}");
        }
    }
}
