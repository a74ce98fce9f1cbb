use std::{io, net::SocketAddr, ops::RangeInclusive};

use super::{node::RedisNode, poll::until, process::free_port};
use crate::laws::Missing;

/// A Cluster: masters that share the slots, and a replica of each that takes its place within some seconds.
#[derive(Debug)]
pub struct RedisCluster {
    nodes: Vec<RedisNode>,
}

impl RedisCluster {
    /// Starts three masters and three replicas, each with `options`, and waits until all agree.
    ///
    /// # Errors
    ///
    /// The program is missing, or they do not agree.
    pub fn start(options: &[&str]) -> Result<Self, Missing> {
        let nodes = (0..2 * MASTERS).map(|_| start_node(options)).collect::<Result<Vec<_>, _>>()?;
        let cluster = Self { nodes };
        cluster.form().map_err(|error| Missing::new(format!("no cluster was formed: {error}")))?;
        cluster.enlist()?;
        Ok(cluster)
    }

    /// What [`RedisSettings`](https://docs.rs/portcullis-store-redis) are made from: it names three nodes, and the others are to be found.
    #[must_use]
    pub fn url(&self) -> String {
        let addresses = self.nodes.iter().take(3).map(|node| node.address().to_string());
        format!("redis+cluster://{}", addresses.collect::<Vec<_>>().join(","))
    }

    /// All nodes.
    #[must_use]
    pub fn nodes(&self) -> &[RedisNode] {
        &self.nodes
    }

    /// The node that listens there.
    pub fn node_at(&mut self, address: SocketAddr) -> Option<&mut RedisNode> {
        self.nodes.iter_mut().find(|node| node.address() == address)
    }

    /// The master that has a slot, by the first node but `not` that answers.
    #[must_use]
    pub fn master_of(&self, slot: u16, not: Option<SocketAddr>) -> Option<SocketAddr> {
        let mut others = self.nodes.iter().filter(|node| Some(node.address()) != not);
        let described = others.find_map(|node| node.command(&["CLUSTER", "NODES"]).ok())?;
        described.lines().map(Described::of).find(|node| node.has(slot)).and_then(|node| node.address)
    }

    /// Hands slots with all their keys to another master while it serves.
    ///
    /// # Errors
    ///
    /// A node refuses a step.
    pub fn move_slots(&self, slots: RangeInclusive<u16>, to: SocketAddr) -> io::Result<()> {
        let missing = || io::Error::other("no such node");
        let by_address =
            |address| self.nodes.iter().find(|node| node.address() == address).ok_or_else(missing);
        let target = by_address(to)?;
        let target_id = target.command(&["CLUSTER", "MYID"])?;
        for slot in slots {
            let source = by_address(self.master_of(slot, None).ok_or_else(missing)?)?;
            if source.address() == to {
                continue;
            }
            let source_id = source.command(&["CLUSTER", "MYID"])?;
            let number = slot.to_string();
            target.command(&["CLUSTER", "SETSLOT", &number, "IMPORTING", &source_id])?;
            source.command(&["CLUSTER", "SETSLOT", &number, "MIGRATING", &target_id])?;
            self.move_keys(source, target, &number)?;
            for node in [target, source] {
                node.command(&["CLUSTER", "SETSLOT", &number, "NODE", &target_id])?;
            }
        }
        Ok(())
    }

    /// Keys are any bytes, which a script can hand from one command to the next.
    fn move_keys(&self, source: &RedisNode, target: &RedisNode, slot: &str) -> io::Result<()> {
        const MOVE: &str = "local keys = redis.call('CLUSTER', 'GETKEYSINSLOT', ARGV[1], 100)\n\
            if #keys > 0 then redis.call('MIGRATE', '127.0.0.1', ARGV[2], '', 0, 5000, 'KEYS', unpack(keys)) end\n\
            return #keys";
        let port = target.address().port().to_string();
        while source.command(&["EVAL", MOVE, "0", slot, &port])? != "0" {}
        Ok(())
    }

    fn form(&self) -> io::Result<()> {
        let Some((first, others)) = self.nodes.split_first() else {
            return Ok(());
        };
        for (at, node) in self.nodes.iter().take(MASTERS).enumerate() {
            let bound = |at: usize| at * 16_384 / MASTERS;
            let slots: Vec<String> = (bound(at)..bound(at + 1)).map(|slot| slot.to_string()).collect();
            let command: Vec<&str> =
                ["CLUSTER", "ADDSLOTS"].into_iter().chain(slots.iter().map(String::as_str)).collect();
            node.command(&command)?;
            node.command(&["CLUSTER", "SET-CONFIG-EPOCH", &(at + 1).to_string()])?;
        }
        for node in others {
            let address = first.address();
            let bus = bus_port(address.port()).to_string();
            node.command(&["CLUSTER", "MEET", &address.ip().to_string(), &address.port().to_string(), &bus])?;
        }
        Ok(())
    }

    /// Each of the second half becomes a replica of one of the first, once they have met.
    fn enlist(&self) -> Result<(), Missing> {
        let all = self.nodes.len().to_string();
        for node in &self.nodes {
            until("nodes that have met", || says(node, "cluster_known_nodes", &all))?;
        }
        let (masters, replicas) = self.nodes.split_at(MASTERS);
        for (master, replica) in masters.iter().zip(replicas) {
            let id = master.command(&["CLUSTER", "MYID"]).unwrap_or_default();
            until("a replica's enlistment", || replica.command(&["CLUSTER", "REPLICATE", &id]).is_ok())?;
        }
        for node in &self.nodes {
            until("a cluster that serves", || says(node, "cluster_state", "ok"))?;
        }
        for replica in replicas {
            until("a replica that has what its master has", || replica.says("master_link_status", "up"))?;
        }
        Ok(())
    }
}

fn start_node(options: &[&str]) -> Result<RedisNode, Missing> {
    let mut last = None;
    for _ in 0..5 {
        let port = free_port()?;
        // A replica that never finished its first synchronisation is not promoted, and that begins after five seconds by default.
        let bus = bus_port(port).to_string();
        let own = [
            "--cluster-enabled",
            "yes",
            "--cluster-node-timeout",
            "500",
            "--cluster-port",
            &bus,
            "--cluster-announce-ip",
            "127.0.0.1",
            "--repl-diskless-sync-delay",
            "0",
            "--repl-ping-replica-period",
            "1",
        ];
        match RedisNode::start_on(port, &[&own[..], options].concat()) {
            Ok(node) => return Ok(node),
            Err(missing) => last = Some(missing),
        }
    }
    Err(last.unwrap_or_else(|| Missing::new("no server was started")))
}

/// The default, 10 000 above, may not exist.
const fn bus_port(port: u16) -> u16 {
    if port < 40_000 { port + 10_000 } else { port - 10_000 }
}

fn says(node: &RedisNode, name: &str, value: &str) -> bool {
    let info = node.command(&["CLUSTER", "INFO"]).unwrap_or_default();
    info.lines().any(|line| line.strip_prefix(name).and_then(|line| line.strip_prefix(':')) == Some(value))
}

/// A line of `CLUSTER NODES`, as far as it matters here.
struct Described<'a> {
    address: Option<SocketAddr>,
    slots: Vec<&'a str>,
}

impl<'a> Described<'a> {
    fn of(line: &'a str) -> Self {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let address =
            fields.get(1).and_then(|place| place.split('@').next()).and_then(|place| place.parse().ok());
        let is_master =
            fields.get(2).is_some_and(|flags| flags.contains("master") && !flags.contains("fail"));
        Self { address, slots: if is_master { fields.into_iter().skip(8).collect() } else { Vec::new() } }
    }

    fn has(&self, slot: u16) -> bool {
        self.slots.iter().any(|slots| {
            let (first, last) = slots.split_once('-').unwrap_or((slots, slots));
            matches!((first.parse::<u16>(), last.parse::<u16>()), (Ok(first), Ok(last)) if (first..=last).contains(&slot))
        })
    }
}

const MASTERS: usize = 3;
