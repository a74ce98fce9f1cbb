use std::{
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::PathBuf,
    process::{Child, ChildStdout, Command, Stdio},
    rc::Rc,
    sync::atomic::{AtomicU32, Ordering},
    thread,
    time::Duration,
};

use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::programs::Programs;

/// What a browser keeps on the disk: another one that is given it goes on where the first ended. Removed with the value.
pub(crate) struct Profile(PathBuf);

impl Profile {
    pub(crate) fn new() -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("chromium-{}-{number}", std::process::id());
        Self(PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name))
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// chromedriver and the browser it started; both end with the value.
pub(crate) struct Driver {
    child: Child,
    port: u16,
    profile: Rc<Profile>,
    /// The browser's process, if the driver tells.
    browser: Option<u64>,
    /// Held open, as the driver writes to it now and then.
    _said: BufReader<ChildStdout>,
}

impl Driver {
    pub(crate) fn start(programs: &Programs, profile: Rc<Profile>) -> Self {
        let (child, said, port) = listening(programs);
        Self { child, port, profile, browser: None, _said: said }
    }

    /// A browser that finds `hosts` at their addresses.
    pub(crate) async fn browser(&mut self, programs: &Programs, hosts: &[(&str, String)]) -> Client {
        let Value::Object(capabilities) = json!({
            "acceptInsecureCerts": true,
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "pageLoad": 20_000, "script": 10_000 },
            "goog:chromeOptions": {
                "binary": programs.browser,
                "args": self.switches(hosts),
            },
        }) else {
            unreachable!("an object is written above");
        };
        let browser = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", self.port))
            .await
            .unwrap();
        self.browser = browser.capabilities().and_then(|told| told.get("goog:processID")?.as_u64());
        browser
    }

    pub(crate) fn profile(&self) -> Rc<Profile> {
        Rc::clone(&self.profile)
    }

    fn switches(&self, hosts: &[(&str, String)]) -> Vec<String> {
        let fixed = SWITCHES.into_iter().map(str::to_owned);
        let rules: Vec<_> = hosts.iter().map(|(host, address)| format!("MAP {host} {address}")).collect();
        let own = [
            format!("--user-data-dir={}", self.profile.0.display()),
            format!("--host-resolver-rules={}", rules.join(",")),
        ];
        fixed.chain(own).collect()
    }

    /// Sends a command that `Client` cannot, and gives the first line of the answer.
    pub(crate) fn send(&self, method: &str, path: &str, body: &str) -> io::Result<String> {
        self.ask(method, path, body).map(|(status, _)| status)
    }

    /// The same for a command that is answered with a value.
    pub(crate) fn value(&self, method: &str, path: &str, body: &str) -> io::Result<Value> {
        let (_, mut answer) = self.ask(method, path, body)?;
        let (mut line, mut length) = (String::new(), 0);
        while answer.read_line(&mut line)? > 2 {
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            line.clear();
        }
        let mut answer: Value = serde_json::from_reader(answer.take(length))?;
        Ok(answer["value"].take())
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> io::Result<(String, impl BufRead + use<>)> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(LONGEST_ANSWER))?;
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {length}\r\n\r\n{body}"
        )?;
        let (mut status, mut answer) = (String::new(), BufReader::new(stream));
        answer.read_line(&mut status)?;
        Ok((status, answer))
    }

    fn has_ended(&mut self) -> bool {
        (0..LONGEST_ANSWER.as_millis() / PAUSE.as_millis()).any(|_| {
            let ended = matches!(self.child.try_wait(), Ok(Some(_)));
            if !ended {
                thread::sleep(PAUSE);
            }
            ended
        })
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended already, and then there is no browser either.
        drop(self.send("GET", "/shutdown", ""));
        if !self.has_ended() {
            eprintln!("chromedriver did not end when asked to");
            drop(self.child.kill());
            drop(self.child.wait());
            if let Some(browser) = self.browser {
                drop(Command::new("kill").args(["-KILL", &browser.to_string()]).status());
            }
        }
    }
}

/// A chromedriver that listens, what it says, and its port.
///
/// Asked for any free port it takes one for IPv6, and ends if another program has the same one for IPv4, which happens when several
/// are started at once. Then the next one gets another port.
fn listening(programs: &Programs) -> (Child, BufReader<ChildStdout>, u16) {
    let mut all = String::new();
    for _ in 0..STARTS {
        let mut child = Command::new(&programs.driver)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        if let Some(port) = read_port(&mut said, &mut all) {
            return (child, said, port);
        }
        child.wait().unwrap();
    }
    panic!("chromedriver ended {STARTS} times without naming its port: {all}");
}

/// The port that a driver took, by the line in which it says so; `None` if it ends without.
fn read_port(said: &mut BufReader<ChildStdout>, all: &mut String) -> Option<u16> {
    while said.read_line(all).unwrap() > 0 {
        let line = all.lines().next_back().unwrap();
        if let Some((_, port)) = line.rsplit_once("started successfully on port ") {
            return Some(port.trim_end_matches('.').parse().unwrap());
        }
    }
    None
}

/// Nothing of the browser's own on the network, on the screen or over the trial; nothing slowed down because it is not in front.
const SWITCHES: [&str; 12] = [
    "--headless=new",
    // Containers have no user namespaces for it; the only pages are ours.
    "--no-sandbox",
    "--disable-backgrounding-occluded-windows",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-renderer-backgrounding",
    "--disable-sync",
    "--ignore-certificate-errors",
    "--no-first-run",
];
const LONGEST_ANSWER: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(10);
const STARTS: usize = 10;
