use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdin, Command, Stdio},
};

use crate::summary::Outcome;

/// The servers that all tests of a run share, which end with this.
pub(crate) struct Servers {
    variables: Vec<(String, String)>,
    /// Closed, it ends them.
    running: Option<(Child, ChildStdin)>,
}

impl Servers {
    /// Starts them by the program that the testkit has for it, and waits until it has said where they are.
    pub(crate) fn start() -> (Self, Outcome) {
        let mut servers = Self { variables: Vec::new(), running: None };
        let mut command = Command::new("cargo");
        command.args(PROGRAM).stdin(Stdio::piped()).stdout(Stdio::piped());
        eprintln!("xtask: cargo {}", PROGRAM.join(" "));
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => return (servers, Outcome::Failed(format!("cargo (cannot start: {error})"))),
        };
        let said = child.stdout.take().map(BufReader::new);
        servers.running = child.stdin.take().map(|stdin| (child, stdin));
        let lines = said.into_iter().flat_map(BufRead::lines).map_while(Result::ok);
        servers.variables = variables(lines);
        let outcome = outcome(&servers.variables);
        (servers, outcome)
    }

    /// Where they are, as the tests look for it in their environment.
    pub(crate) fn variables(&self) -> &[(String, String)] {
        &self.variables
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        if let Some((mut child, stdin)) = self.running.take() {
            drop(stdin);
            if let Err(error) = child.wait() {
                eprintln!("xtask: the tests' servers may not have ended: {error}");
            }
        }
    }
}

/// One `NAME=URL` on each line, until an empty one.
fn variables(lines: impl Iterator<Item = String>) -> Vec<(String, String)> {
    let pairs = lines.take_while(|line| !line.is_empty());
    pairs
        .filter_map(|line| line.split_once('=').map(|(name, url)| (name.to_owned(), url.to_owned())))
        .collect()
}

fn outcome(variables: &[(String, String)]) -> Outcome {
    let names: Vec<&str> = variables.iter().map(|(name, _)| name.as_str()).collect();
    if names.len() < SHARED {
        return Outcome::Incomplete(format!(
            "only {} of {SHARED} are there: {}",
            names.len(),
            names.join(", ")
        ));
    }
    Outcome::Done(names.join(", "))
}

/// Redis as one node, with Sentinels and as a Cluster; PostgreSQL; MariaDB.
const SHARED: usize = 5;
const PROGRAM: [&str; 8] = [
    "run",
    "--quiet",
    "--package",
    "portcullis-testkit",
    "--features",
    "servers",
    "--bin",
    "portcullis-test-servers",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_there_and_says_how_much_is_not() {
        let lines = ["A=redis://h:1", "noise", "B=redis+cluster://h:2,h:3?x=y", "", "C=late"];
        let read = variables(lines.into_iter().map(str::to_owned));
        let expected = [("A", "redis://h:1"), ("B", "redis+cluster://h:2,h:3?x=y")];
        assert_eq!(read, expected.map(|(name, url)| (name.to_owned(), url.to_owned())));
        assert_eq!(outcome(&read), Outcome::Incomplete("only 2 of 5 are there: A, B".to_owned()));
        assert_eq!(outcome(&[]), Outcome::Incomplete("only 0 of 5 are there: ".to_owned()));
    }
}
