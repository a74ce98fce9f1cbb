//! One session at two servers, with curl through the balancer.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Child, Command, ExitCode, Stdio},
    thread,
};

use libtest_mimic::Failed;
use portcullis_testkit::servers::{self, ServerTrial, Shape, redis_url};

fn main() -> ExitCode {
    servers::run([
        ("one_session_at_both_servers", one_session_at_both_servers as ServerTrial),
        ("no_visit_is_lost_between_them", no_visit_is_lost_between_them),
        ("a_server_that_dies_takes_no_session_along", a_server_that_dies_takes_no_session_along),
    ])
}

fn one_session_at_both_servers() -> Result<(), Failed> {
    let servers = two_servers()?;
    let balancer = balancer(&servers);
    let browser = Browser::new();
    assert_eq!(browser.get(&balancer, "/"), "log in first401");
    assert_eq!(browser.post(&balancer, "/login", "username=ada&password=byron"), "401");
    assert_eq!(browser.post(&balancer, "/login", "username=ada&password=lovelace"), "204");
    // Three requests came before: it is the second server's turn.
    for (visit, Process { address, .. }) in (1..=4).zip(servers.iter().rev().cycle()) {
        assert_eq!(
            browser.post(&balancer, "/visits", ""),
            format!("visit {visit}, counted at {address}\n200")
        );
    }
    assert_eq!(browser.post(&balancer, "/logout", ""), "200");
    for _ in 0..2 {
        assert_eq!(browser.get(&balancer, "/"), "log in first401");
    }
    Ok(())
}

fn no_visit_is_lost_between_them() -> Result<(), Failed> {
    let servers = two_servers()?;
    let balancer = balancer(&servers);
    let browser = Browser::new();
    assert!(browser.post(&balancer, "/visits", "").starts_with("visit 1,"));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let tab = browser.tab();
                for _ in 0..10 {
                    assert!(tab.post(&balancer, "/visits", "").starts_with("visit "));
                }
            });
        }
    });
    assert!(browser.post(&balancer, "/visits", "").starts_with("visit 42,"));
    Ok(())
}

fn a_server_that_dies_takes_no_session_along() -> Result<(), Failed> {
    let [one, other] = two_servers()?;
    let browser = Browser::new();
    assert_eq!(browser.post(&one, "/login", "username=ada&password=lovelace"), "204");
    drop(one);
    assert_eq!(browser.get(&other, "/"), "Hello, ada!\n200");
    assert_eq!(browser.post(&other, "/logout", ""), "200");
    assert_eq!(browser.get(&other, "/"), "log in first401");
    Ok(())
}

/// Both on one store, which no other trial has.
fn two_servers() -> Result<[Process; 2], Failed> {
    let store = format!("{}?namespace=two-{:x}", redis_url(Shape::Node)?, fastrand::u64(..));
    let server = || {
        let mut server = Command::new(env!("CARGO_BIN_EXE_two-servers"));
        Process::start(server.args(["127.0.0.1:0", &store]))
    };
    Ok([server(), server()])
}

fn balancer(servers: &[Process]) -> Process {
    let mut balancer = Command::new(env!("CARGO_BIN_EXE_balancer"));
    Process::start(balancer.arg("127.0.0.1:0").args(servers.iter().map(|server| &server.address)))
}

/// A program that says where it listens; killed when dropped.
struct Process {
    child: Child,
    address: String,
}

impl Process {
    fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program starts");
        let said = child.stdout.take().expect("it is piped");
        // Killed also where it says nothing.
        let mut process = Self { child, address: String::new() };
        let mut line = String::new();
        BufReader::new(said).read_line(&mut line).expect("it says where it listens");
        line.trim_end().strip_prefix("at ").expect("where it listens").clone_into(&mut process.address);
        process
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().expect("it was running");
        self.child.wait().expect("it was ours");
    }
}

/// curl with a jar of cookies. It keeps a `Secure` cookie for 127.0.0.1, as browsers do, and whatever the port.
struct Browser {
    jar: PathBuf,
}

impl Browser {
    fn new() -> Self {
        Self { jar: env::temp_dir().join(format!("portcullis-two-servers-{:x}", fastrand::u64(..))) }
    }

    /// With the same cookies, in a jar of its own: two curls would tear one that both write.
    fn tab(&self) -> Self {
        let tab = Self::new();
        fs::copy(&self.jar, &tab.jar).expect("a jar was written");
        tab
    }

    fn get(&self, server: &Process, path: &str) -> String {
        self.ask(server, path, &[])
    }

    fn post(&self, server: &Process, path: &str, form: &str) -> String {
        self.ask(server, path, &["--data", form])
    }

    /// The content, and behind it the status.
    fn ask(&self, server: &Process, path: &str, options: &[&str]) -> String {
        let output = Command::new("curl")
            .args(["--silent", "--show-error", "--max-time", "20", "--write-out", "%{http_code}"])
            .arg("--cookie")
            .arg(&self.jar)
            .arg("--cookie-jar")
            .arg(&self.jar)
            .args(options)
            .arg(format!("http://{}{path}", server.address))
            .output()
            .expect("curl starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        drop(fs::remove_file(&self.jar));
    }
}
