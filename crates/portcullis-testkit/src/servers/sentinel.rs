use std::{fs, io, net::SocketAddr};

use tempfile::TempDir;

use super::{
    node::RedisNode,
    node::command,
    poll::until,
    process::{Process, free_port},
    resp,
};
use crate::laws::Missing;

/// A master, a replica, and three Sentinels that replace one by the other within some seconds.
#[derive(Debug)]
pub struct RedisSentinels {
    nodes: Vec<RedisNode>,
    sentinels: Vec<Sentinel>,
}

#[derive(Debug)]
struct Sentinel {
    address: SocketAddr,
    _process: Process,
    _folder: TempDir,
}

impl RedisSentinels {
    /// Starts them, each node with `options`, and waits until they know each other.
    ///
    /// # Errors
    ///
    /// The program is missing, or they do not find each other.
    pub fn start(options: &[&str]) -> Result<Self, Missing> {
        let quick = ["--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1"];
        let with_replication = [&quick[..], options].concat();
        let master = RedisNode::start(&with_replication)?;
        let (host, port) = (master.address().ip().to_string(), master.address().port().to_string());
        let of_master = format!("{host} {port}");
        let replica = RedisNode::start(&[&with_replication[..], &["--replicaof", &of_master]].concat())?;
        let sentinels = (0..3).map(|_| Sentinel::start(&of_master)).collect::<Result<Vec<_>, _>>()?;
        let trio = Self { nodes: vec![master, replica], sentinels };
        until("a replica that has what its master has", || {
            trio.nodes.get(1).is_some_and(|replica| replica.says("master_link_status", "up"))
        })?;
        for sentinel in &trio.sentinels {
            until("Sentinels that know each other and the replica", || sentinel.knows_all())?;
        }
        Ok(trio)
    }

    /// What the Sentinels call the master.
    #[must_use]
    pub const fn master_name(&self) -> &'static str {
        MASTER
    }

    /// What [`RedisSettings`](https://docs.rs/portcullis-store-redis) are made from.
    #[must_use]
    pub fn url(&self) -> String {
        let addresses: Vec<String> =
            self.sentinels.iter().map(|sentinel| sentinel.address.to_string()).collect();
        format!("redis+sentinel://{}/{MASTER}", addresses.join(","))
    }

    /// Where the master is, as the first Sentinel says.
    #[must_use]
    pub fn master(&self) -> Option<SocketAddr> {
        let sentinel = self.sentinels.first()?;
        let answer = resp::ask(sentinel.address, &["SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER]).ok()?;
        answer.replace('\n', ":").parse().ok()
    }

    /// Asks each Sentinel the same thing.
    ///
    /// # Errors
    ///
    /// One does not answer within two seconds, or with an error.
    pub fn command(&self, command: &[&str]) -> io::Result<()> {
        self.sentinels.iter().try_for_each(|sentinel| resp::ask(sentinel.address, command).map(drop))
    }

    /// Master and replica, whichever is which by now.
    #[must_use]
    pub fn nodes(&self) -> &[RedisNode] {
        &self.nodes
    }

    /// The node that listens there.
    pub fn node_at(&mut self, address: SocketAddr) -> Option<&mut RedisNode> {
        self.nodes.iter_mut().find(|node| node.address() == address)
    }
}

impl Sentinel {
    fn start(of_master: &str) -> Result<Self, Missing> {
        let folder = TempDir::new().map_err(|error| Missing::new(format!("no temporary folder: {error}")))?;
        let port = free_port()?;
        let settings = format!(
            "port {port}\nbind 127.0.0.1\nsentinel monitor {MASTER} {of_master} 2\n\
             sentinel down-after-milliseconds {MASTER} 300\nsentinel failover-timeout {MASTER} 2000\n"
        );
        // It keeps what it learns in its settings.
        let file = folder.path().join("sentinel.conf");
        fs::write(&file, settings)
            .map_err(|error| Missing::new(format!("a file was not written: {error}")))?;
        let process = Process::start(
            command()?,
            folder.path(),
            &["sentinel.conf".to_owned(), "--sentinel".to_owned()],
        )?;
        let address = ([127, 0, 0, 1], port).into();
        until("a Sentinel's first answer", || resp::ask(address, &["PING"]).is_ok())?;
        Ok(Self { address, _process: process, _folder: folder })
    }

    fn knows_all(&self) -> bool {
        let answer = resp::ask(self.address, &["SENTINEL", "MASTER", MASTER]).unwrap_or_default();
        let lines: Vec<&str> = answer.lines().collect();
        let says = |name: &str, value: &str| lines.windows(2).any(|pair| pair == [name, value]);
        says("num-other-sentinels", "2") && says("num-slaves", "1")
    }
}

const MASTER: &str = "portcullis";
