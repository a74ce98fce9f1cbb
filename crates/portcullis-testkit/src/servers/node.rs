use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
    process::Command,
};

use rustix::process::Signal;
use tempfile::TempDir;

use super::{
    poll::until,
    process::{Process, Program, free_port},
    resp,
};
use crate::laws::Missing;

/// One Redis or Valkey of one's own.
///
/// # Example
///
/// ```no_run
/// use portcullis_testkit::servers::RedisNode;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut node = RedisNode::start(&["--maxmemory", "2mb"])?;
/// assert_eq!(node.command(&["PING"])?, "PONG");
/// node.kill()?;
/// node.restart()?;
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct RedisNode {
    process: Process,
    port: u16,
    arguments: Vec<String>,
    folder: TempDir,
}

impl RedisNode {
    /// Starts one that keeps nothing on disk, with `options` as its command line has them.
    ///
    /// # Errors
    ///
    /// The program is missing, or does not answer.
    pub fn start(options: &[&str]) -> Result<Self, Missing> {
        let mut last = None;
        for _ in 0..ATTEMPTS {
            match Self::start_on(free_port()?, options) {
                Ok(node) => return Ok(node),
                Err(missing) => last = Some(missing),
            }
        }
        Err(last.unwrap_or_else(|| Missing::new("no server was started")))
    }

    /// Somebody may take the port first, so this may fail once in a while.
    pub(super) fn start_on(port: u16, options: &[&str]) -> Result<Self, Missing> {
        let own = ["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
        let arguments = own.iter().chain(options).map(|option| (*option).to_owned());
        Self::start_as(port, arguments.collect())
    }

    pub(super) fn start_as(port: u16, arguments: Vec<String>) -> Result<Self, Missing> {
        let folder = TempDir::new().map_err(|error| Missing::new(format!("no temporary folder: {error}")))?;
        let process = Process::start(command()?, folder.path(), &arguments)?;
        let mut node = Self { process, port, arguments, folder };
        node.await_answer()?;
        Ok(node)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port).into()
    }

    /// What [`RedisSettings`](https://docs.rs/portcullis-store-redis) are made from.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    /// Its process.
    #[must_use]
    pub fn process_id(&self) -> u32 {
        self.process.id()
    }

    /// Asks one thing. An answer of several parts has one on each line.
    ///
    /// # Errors
    ///
    /// It does not answer within two seconds, or with an error.
    pub fn command(&self, command: &[&str]) -> io::Result<String> {
        resp::ask(self.address(), command)
    }

    /// Stops it amid what it does (`SIGSTOP`): connections stay open, and nothing is answered.
    ///
    /// # Errors
    ///
    /// It has ended.
    pub fn stop(&self) -> io::Result<()> {
        self.process.signal(Signal::STOP)
    }

    /// Lets it go on where it was stopped (`SIGCONT`).
    ///
    /// # Errors
    ///
    /// It has ended.
    pub fn resume(&self) -> io::Result<()> {
        self.process.signal(Signal::CONT)
    }

    /// Ends it amid what it does (`SIGKILL`).
    ///
    /// # Errors
    ///
    /// It has ended.
    pub fn kill(&mut self) -> io::Result<()> {
        self.process.kill()
    }

    /// Starts it again in its folder and on its port, and waits until it answers.
    ///
    /// # Errors
    ///
    /// The port is taken.
    pub fn restart(&mut self) -> Result<(), Missing> {
        // It may have been killed before.
        let _gone = self.process.kill().is_err();
        self.process = Process::start(command()?, self.folder.path(), &self.arguments)?;
        self.await_answer()
    }

    /// Whether `INFO` says `name:value`.
    pub(super) fn says(&self, name: &str, value: &str) -> bool {
        let info = self.command(&["INFO", "everything"]).unwrap_or_default();
        info.lines()
            .any(|line| line.strip_prefix(name).and_then(|line| line.strip_prefix(':')) == Some(value))
    }

    fn await_answer(&mut self) -> Result<(), Missing> {
        let address = self.address();
        let mut ended = false;
        until("a server's first answer", || {
            ended = self.process.has_ended();
            ended || resp::ask(address, &["PING"]).is_ok()
        })?;
        if ended { Err(Missing::new(format!("the server on {address} ended at once"))) } else { Ok(()) }
    }
}

/// What starts a Redis.
pub(super) fn command() -> Result<Command, Missing> {
    REDIS.path().map(Command::new)
}

const REDIS: Program = Program {
    name: "redis-server",
    folders: &[],
    variable: "PORTCULLIS_REDIS_SERVER",
    package: "redis-server",
};
const ATTEMPTS: usize = 5;
