use std::{
    fs, io,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::laws::Missing;

/// A program that Debian has in a package.
#[derive(Clone, Copy, Debug)]
pub(super) struct Program {
    pub(super) name: &'static str,
    /// Where it may lie when it is not on the `PATH`. A `*` in a folder's name stands for anything.
    pub(super) folders: &'static [&'static str],
    /// The environment variable that names another.
    pub(super) variable: &'static str,
    pub(super) package: &'static str,
}

impl Program {
    /// Where it is.
    pub(super) fn path(&self) -> Result<String, Missing> {
        let Self { name, variable, package, .. } = self;
        let named = named(variable).map(|path| match Path::new(&path).parent() {
            // Others of the same installation lie beside the one that is named.
            Some(folder) if !path.ends_with(name) && folder.join(name).exists() => {
                folder.join(name).display().to_string()
            }
            _ => path,
        });
        let candidates = match named {
            Some(named) => vec![named],
            None => self.candidates(),
        };
        candidates.into_iter().find(|path| starts(path)).ok_or_else(|| {
            Missing::new(format!(
                "{name} does not start; `cargo xtask test` provides Debian's {package}, {variable} names another"
            ))
        })
    }

    /// The newest first.
    fn candidates(&self) -> Vec<String> {
        let mut found: Vec<PathBuf> = self.folders.iter().flat_map(|folder| folders(folder)).collect();
        found.sort_by_key(|path| (path.as_os_str().len(), path.clone()));
        let found = found.iter().rev().map(|folder| folder.join(self.name).display().to_string());
        [self.name.to_owned()].into_iter().chain(found).collect()
    }
}

/// A server's process, killed with its guard.
#[derive(Debug)]
pub(super) struct Process(Child);

impl Process {
    /// Starts a server in `folder`.
    pub(super) fn start(command: Command, folder: &Path, arguments: &[String]) -> Result<Self, Missing> {
        let program = command.get_program().to_string_lossy().into_owned();
        let child = spawn(command, folder, arguments);
        child.map(Self).map_err(|error| Missing::new(format!("{program} does not start: {error}")))
    }

    pub(super) fn id(&self) -> u32 {
        self.0.id()
    }

    pub(super) fn signal(&self, signal: Signal) -> io::Result<()> {
        Ok(kill_process(self.pid()?, signal)?)
    }

    /// To it and all that it has started, as far as the system tells.
    pub(super) fn signal_all(&self, signal: Signal) -> io::Result<()> {
        kill_process(self.pid()?, signal)?;
        for child in children(self.0.id()) {
            // It may have ended meanwhile.
            let _gone = kill_process(child, signal).is_err();
        }
        Ok(())
    }

    pub(super) fn kill(&mut self) -> io::Result<()> {
        self.0.kill()?;
        self.0.wait().map(drop)
    }

    pub(super) fn has_ended(&mut self) -> bool {
        self.0.try_wait().is_ok_and(|status| status.is_some())
    }

    fn pid(&self) -> io::Result<Pid> {
        let id = i32::try_from(self.0.id()).ok().and_then(Pid::from_raw);
        id.ok_or_else(|| io::ErrorKind::NotFound.into())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself, which is as good.
        let _gone = self.signal_all(Signal::KILL).is_err() | self.kill().is_err();
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
fn spawn(command: Command, folder: &Path, arguments: &[String]) -> io::Result<Child> {
    let mut ends_with_us = if starts("setpriv") {
        let mut ends_with_us = Command::new("setpriv");
        ends_with_us.args(["--pdeathsig", "KILL"]);
        // One `setpriv` does for what another would have been asked.
        if command.get_program() != "setpriv" {
            ends_with_us.arg(command.get_program());
        }
        ends_with_us.args(command.get_args());
        ends_with_us
    } else {
        command
    };
    ends_with_us
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let _nobody_waits = sender.send(ends_with_us.spawn()).is_err();
        loop {
            thread::park();
        }
    });
    receiver.recv().map_err(|_ended| io::Error::other("the thread that starts servers ended"))?
}

/// The processes whose parent is `id`: the fourth field of their line, behind a name that may hold anything.
fn children(id: u32) -> Vec<Pid> {
    let processes = fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    let child = |process: fs::DirEntry| {
        let line = fs::read_to_string(process.path().join("stat")).ok()?;
        let (_, rest) = line.rsplit_once(')')?;
        let parent: u32 = rest.split_whitespace().nth(1)?.parse().ok()?;
        let child = process.file_name().to_string_lossy().parse().ok()?;
        (parent == id).then(|| Pid::from_raw(child)).flatten()
    };
    processes.filter_map(child).collect()
}

fn starts(program: &str) -> bool {
    let quiet = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

/// The folders that `pattern` stands for.
fn folders(pattern: &str) -> Vec<PathBuf> {
    let Some((before, after)) = pattern.split_once('*') else {
        return vec![pattern.into()];
    };
    let (parent, prefix) = before.rsplit_once('/').unwrap_or(("", before));
    let entries = fs::read_dir(parent).into_iter().flatten().filter_map(Result::ok);
    let matching = entries.filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix));
    matching.map(|entry| entry.path().join(after.trim_start_matches('/'))).collect()
}

#[expect(clippy::disallowed_methods, reason = "tests are told by their environment what to test")]
fn named(variable: &str) -> Option<String> {
    std::env::var(variable).ok()
}
