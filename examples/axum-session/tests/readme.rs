//! The README's program is this one, and it does what the README says, with curl. Without curl that shows as ignored.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::{
    net::TcpStream,
    path::Path,
    process::{Child, Command, ExitCode},
    thread,
    time::Duration,
};

use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let has_curl = Command::new("curl").arg("--version").output().is_ok();
    if !has_curl {
        eprintln!("curl is missing: `cargo xtask test` installs it on Debian as root, or says how to get it");
    }
    let trials = vec![
        trial("the_readme_shows_this_program", the_readme_shows_this_program),
        trial("the_program_does_what_the_readme_says", the_program_does_what_the_readme_says)
            .with_ignored_flag(!has_curl),
    ];
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(name: &str, test: fn()) -> Trial {
    Trial::test(name, move || {
        test();
        Ok(())
    })
}

fn the_readme_shows_this_program() {
    let readme = include_str!("../../../README.md");
    let program = include_str!("../src/main.rs");
    assert!(readme.contains(program), "the README's program and examples/axum-session/src/main.rs differ");
}

fn the_program_does_what_the_readme_says() {
    let _server = Server::start();
    let jar = std::env::temp_dir().join(format!("portcullis-readme-{}.txt", std::process::id()));
    let post = |path| ["--request", "POST", path];
    let log_in = |password| ["--data", password, "/login"];
    let answers = [
        ("a stranger", &["/"][..], "log in first401"),
        ("a wrong password", &log_in("username=ada&password=byron"), "401"),
        ("before the login", &post("/visits"), "visit 1\n200"),
        ("the login", &log_in("username=ada&password=lovelace"), "204"),
        ("somebody", &["/"], "Hello, ada!\n200"),
        ("the visits came along", &post("/visits"), "visit 2\n200"),
        ("the logout", &post("/logout"), "200"),
        ("a stranger again", &["/"], "log in first401"),
        ("a new visitor", &post("/visits"), "visit 1\n200"),
    ];
    for (name, arguments, expected) in answers {
        assert_eq!(ask(&jar, arguments), expected, "{name}");
    }
    std::fs::remove_file(&jar).expect("curl wrote the jar");
}

/// The content, and behind it the status. curl keeps a `Secure` cookie for 127.0.0.1, as browsers do.
fn ask(jar: &Path, arguments: &[&str]) -> String {
    let (path, options) = arguments.split_last().expect("a path");
    let output = Command::new("curl")
        .args(["--silent", "--show-error", "--max-time", "20", "--write-out", "%{http_code}"])
        .args([Path::new("--cookie"), jar, Path::new("--cookie-jar"), jar])
        .args(options)
        .arg(format!("http://{ADDRESS}{path}"))
        .output()
        .expect("curl starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// The program, ended when dropped.
struct Server(Child);

impl Server {
    fn start() -> Self {
        assert!(
            TcpStream::connect(ADDRESS).is_err(),
            "{ADDRESS}, which the README's program listens on, is in use"
        );
        let server =
            Self(Command::new(env!("CARGO_BIN_EXE_axum-session")).spawn().expect("the program starts"));
        for _ in 0..400 {
            if TcpStream::connect(ADDRESS).is_ok() {
                return server;
            }
            thread::sleep(Duration::from_millis(25));
        }
        panic!("the program does not listen at {ADDRESS}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().expect("it was running");
        self.0.wait().expect("it was ours");
    }
}

const ADDRESS: &str = "127.0.0.1:3000";
