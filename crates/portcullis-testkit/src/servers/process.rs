use std::{
    io,
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::laws::Missing;

/// A server's process, killed with its guard.
#[derive(Debug)]
pub(super) struct Process(Child);

impl Process {
    /// Starts a server in `folder`.
    pub(super) fn start(folder: &Path, arguments: &[String]) -> Result<Self, Missing> {
        let program = program();
        let child = spawn(&program, folder, arguments);
        child.map(Self).map_err(|error| {
            Missing::new(format!(
                "{program} does not start ({error}); `cargo xtask test` provides Debian's redis-server, \
                 PORTCULLIS_REDIS_SERVER names another"
            ))
        })
    }

    pub(super) fn id(&self) -> u32 {
        self.0.id()
    }

    pub(super) fn signal(&self, signal: Signal) -> io::Result<()> {
        let id = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        Ok(kill_process(id.ok_or(io::ErrorKind::NotFound)?, signal)?)
    }

    pub(super) fn kill(&mut self) -> io::Result<()> {
        self.0.kill()?;
        self.0.wait().map(drop)
    }

    pub(super) fn has_ended(&mut self) -> bool {
        self.0.try_wait().is_ok_and(|status| status.is_some())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _gone = self.kill().is_err();
    }
}

/// A port that nobody has just now.
pub(super) fn free_port() -> Result<u16, Missing> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0));
    let port = listener.and_then(|listener| Ok(listener.local_addr()?.port()));
    port.map_err(|error| Missing::new(format!("no port is free: {error}")))
}

/// Starts it so that it ends with this process, however that ends. What tells it goes by the thread that started it, so that is one
/// that stays.
fn spawn(program: &str, folder: &Path, arguments: &[String]) -> io::Result<Child> {
    let is_there = |name: &str| {
        let quiet = Command::new(name).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
        quiet.is_ok_and(|status| status.success())
    };
    if !is_there(program) {
        return Err(io::ErrorKind::NotFound.into());
    }
    let mut command = if is_there("setpriv") {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", program]);
        command
    } else {
        Command::new(program)
    };
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let _nobody_waits = sender.send(command.spawn()).is_err();
        loop {
            thread::park();
        }
    });
    receiver.recv().map_err(|_ended| io::Error::other("the thread that starts servers ended"))?
}

#[expect(clippy::disallowed_methods, reason = "tests are told by their environment what to test")]
fn program() -> String {
    std::env::var("PORTCULLIS_REDIS_SERVER").unwrap_or_else(|_unset| "redis-server".to_owned())
}
