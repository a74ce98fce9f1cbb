use std::{collections::BTreeSet, process::ExitCode};

use crate::{
    command_line::CommandLine,
    summary::{Outcome, Summary},
};

/// Crates that must not be built for any target, feature or test. `deny.toml` bans the same ones and says why; this
/// check needs no tool that a fresh machine lacks.
const BANNED: [&str; 3] = ["native-tls", "openssl-sys", "ring"];

/// Fails if a banned crate is in the dependency graph, and shows who brings it in.
pub(crate) fn run() -> ExitCode {
    let mut summary = Summary::of("bans");
    match graph(&["--prefix", "none"]).output() {
        Err(failed) => summary.add("graph", failed),
        Ok(tree) => {
            for name in BANNED {
                summary.add(name, verdict(name, &crates_in(&tree)));
            }
        }
    }
    summary.close()
}

fn verdict(name: &'static str, present: &BTreeSet<&str>) -> Outcome {
    if !present.contains(name) {
        return Outcome::Done("not in the graph".to_owned());
    }
    match graph(&["--invert", name]).run() {
        Outcome::Failed(why) => {
            Outcome::Failed(format!("in the graph, but who brings it in is unknown: {why}"))
        }
        _ => Outcome::Failed(
            "in the graph: see above who brings it in, and deny.toml for the reason".to_owned(),
        ),
    }
}

fn graph(how: &[&str]) -> CommandLine {
    CommandLine::new("cargo", &["tree", "--workspace", "--all-features", "--target", "all"])
        .and(["--edges", "normal,build,dev"])
        .and(how)
}

/// The names in the output of `cargo tree --prefix none`, one crate on each line: `name v1.2.3 (…)`.
fn crates_in(tree: &str) -> BTreeSet<&str> {
    tree.lines().filter_map(|line| line.split_whitespace().next()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_whole_names_only() {
        let tree = "portcullis-core v0.1.0 (/src/crates/portcullis-core)\nspring v1.0.0\nring-compat v0.8.0 (*)\n\
                    openssl-sys v0.9.111\n\nserde_derive v1.0.0 (proc-macro)\n";
        let names = crates_in(tree);
        assert!(names.contains("openssl-sys") && names.contains("spring"), "{names:?}");
        assert!(!names.contains("ring") && !names.contains("native-tls"), "{names:?}");
    }

    #[test]
    fn deny_toml_bans_the_same_crates() {
        let deny = include_str!("../../deny.toml");
        let entry = |line: &str| -> Option<String> {
            let (name, rest) = line.trim().strip_prefix("{ crate = \"")?.split_once('"')?;
            rest.contains("reason").then(|| name.to_owned())
        };
        let banned =
            deny.split_once("\ndeny = [").and_then(|(_, rest)| rest.split_once("\n]")).map(|(list, _)| list);
        let mut banned: Vec<String> = banned.unwrap_or_default().lines().filter_map(entry).collect();
        banned.sort();
        assert_eq!(banned, BANNED);
    }
}
