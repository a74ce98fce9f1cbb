use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use crate::client::Browser;

/// The program, listening on a port of its own; it ends with the value.
pub(crate) struct Server {
    child: Child,
    log: PathBuf,
    greeting: String,
    pub(crate) url: String,
}

impl Server {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let log = format!("gatehouse-{}-{number}.log", std::process::id());
        let log = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(log);
        let mut child = Command::new(PROGRAM)
            .args(["--listen", "127.0.0.1:0"])
            .args(arguments)
            .env("RUST_LOG", "trace")
            .stdout(Stdio::piped())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut greeting = String::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        while !greeting.contains("Stop with") && said.read_line(&mut greeting).unwrap() > 0 {}
        let url = greeting.lines().next().and_then(|line| line.strip_prefix("gatehouse is at "));
        let url = url.unwrap_or_else(|| panic!("no address in {greeting:?}")).to_owned();
        Self { child, log, greeting, url }
    }

    /// All that it said when it had started.
    pub(crate) fn greeting(&self) -> &str {
        &self.greeting
    }

    /// Where the hostile page is, if it was asked for.
    pub(crate) fn attacker(&self) -> Option<&str> {
        let (_, rest) = self.greeting.split_once("A hostile page is at ")?;
        rest.split_once(": ").map(|(url, _)| url)
    }

    /// Where gRPC is served, if it was asked for.
    pub(crate) fn grpc(&self) -> Option<&str> {
        let (_, rest) = self.greeting.split_once("gRPC is at ")?;
        rest.split_once(": ").map(|(url, _)| url)
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::new(self.url.strip_prefix("http://").unwrap())
    }

    pub(crate) fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    /// Asks the program to stop, as service managers do.
    pub(crate) fn terminate(&self) {
        let kill = Command::new("kill").arg(self.child.id().to_string()).status();
        assert!(kill.unwrap().success());
    }

    /// The exit code, once it has stopped.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.child.wait().unwrap().code()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
        drop(fs::remove_file(&self.log));
    }
}

/// What the program says with `arguments` that it refuses.
pub(crate) fn refusal(arguments: &[&str]) -> String {
    let Output { status, stderr, .. } = Command::new(PROGRAM).args(arguments).output().unwrap();
    assert!(!status.success(), "{arguments:?} are not refused");
    String::from_utf8(stderr).unwrap()
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_gatehouse");
