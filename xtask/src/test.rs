use std::{ffi::OsString, process::ExitCode};

use crate::{
    command_line::CommandLine,
    provide,
    servers::Servers,
    summary::{Outcome, Summary},
};

/// What happens to tests marked ignored, because a program they need is missing.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ignored {
    Leave,
    /// They run, and fail with the name of what is missing.
    Run,
}

/// What runs the tests.
#[derive(Clone, Copy, Debug)]
enum Runner {
    Nextest,
    CargoTest,
}

/// Provides what the tests need and runs them all; every step is tried, and one that fails fails the task.
pub(crate) fn run(ignored: Ignored, arguments: &[OsString]) -> ExitCode {
    let mut summary = Summary::of("test");
    summary.add("provide", provide::run());
    let (servers, outcome) = Servers::start();
    summary.add("servers", demanded(ignored, outcome));
    let tests = tests(Runner::here(), ignored, arguments).with_variables(servers.variables());
    summary.add("tests", tests.run());
    summary.add(
        "doc tests",
        match arguments {
            [] => doc_tests(ignored).with_variables(servers.variables()).run(),
            _ => Outcome::Skipped("the arguments narrow the run".to_owned()),
        },
    );
    summary.close()
}

/// Where nothing may be ignored, nothing may be missing: tests would start servers of their own, and take far longer.
fn demanded(ignored: Ignored, outcome: Outcome) -> Outcome {
    match (ignored, outcome) {
        (Ignored::Run, Outcome::Incomplete(what)) => Outcome::Failed(what),
        (_, outcome) => outcome,
    }
}

impl Runner {
    fn here() -> Self {
        if CommandLine::new("cargo", &["nextest", "--version"]).succeeds() {
            Self::Nextest
        } else {
            Self::CargoTest
        }
    }
}

fn tests(runner: Runner, ignored: Ignored, arguments: &[OsString]) -> CommandLine {
    // Cargo lets `--workspace` win over `--package`.
    let packages: &[&str] = if names_a_package(arguments) { &[] } else { &["--workspace"] };
    match runner {
        Runner::Nextest => {
            let run_ignored: &[&str] = match (ignored, arguments) {
                // Name what was left out. After a narrowed run that would be everything else.
                (Ignored::Leave, []) => &["--final-status-level", "skip"],
                (Ignored::Leave, _) => &[],
                (Ignored::Run, _) => &["--run-ignored", "all"],
            };
            CommandLine::new("cargo", &["nextest", "run", "--all-features", "--no-fail-fast"])
                .and(packages)
                .and(run_ignored)
                .and(arguments)
        }
        Runner::CargoTest => {
            // Unit tests are among `--tests`; `--lib` would refuse a package without a library. Doc tests are a step
            // of their own.
            const TARGETS: [&str; 2] = ["--tests", "--examples"];
            let include_ignored: &[&str] = match (ignored, arguments.iter().any(|argument| argument == "--"))
            {
                (Ignored::Leave, _) => &[],
                (Ignored::Run, false) => &["--", "--include-ignored"],
                (Ignored::Run, true) => &["--include-ignored"],
            };
            CommandLine::new("cargo", &["test", "--all-features", "--no-fail-fast"])
                .and(packages)
                .and(TARGETS)
                .and(arguments)
                .and(include_ignored)
        }
    }
}

fn doc_tests(ignored: Ignored) -> CommandLine {
    let include_ignored: &[&str] = match ignored {
        Ignored::Leave => &[],
        Ignored::Run => &["--", "--include-ignored"],
    };
    CommandLine::new("cargo", &["test", "--all-features", "--no-fail-fast", "--workspace", "--doc"])
        .and(include_ignored)
}

fn names_a_package(arguments: &[OsString]) -> bool {
    let own = arguments.iter().take_while(|argument| *argument != "--");
    own.filter_map(|argument| argument.to_str())
        .any(|argument| argument.starts_with("-p") || argument.starts_with("--package"))
}

#[cfg(test)]
mod tests {
    use super::{
        Ignored::{Leave, Run},
        Runner::{CargoTest, Nextest},
        *,
    };

    #[test]
    fn everything_runs_and_in_ci_nothing_is_ignored() {
        let rows: &[(Runner, Ignored, &[&str], &str)] = &[
            (
                Nextest,
                Leave,
                &[],
                "cargo nextest run --all-features --no-fail-fast --workspace --final-status-level skip",
            ),
            (
                Nextest,
                Run,
                &[],
                "cargo nextest run --all-features --no-fail-fast --workspace --run-ignored all",
            ),
            (
                CargoTest,
                Leave,
                &[],
                "cargo test --all-features --no-fail-fast --workspace --tests --examples",
            ),
            (
                CargoTest,
                Run,
                &[],
                "cargo test --all-features --no-fail-fast --workspace --tests --examples -- \
                 --include-ignored",
            ),
        ];
        for (runner, ignored, arguments, expected) in rows {
            assert_row(*runner, *ignored, arguments, expected);
        }
    }

    #[test]
    fn arguments_narrow_the_run() {
        let rows: &[(Runner, Ignored, &[&str], &str)] = &[
            (
                Nextest,
                Leave,
                &["logout_"],
                "cargo nextest run --all-features --no-fail-fast --workspace logout_",
            ),
            (Nextest, Leave, &["-p", "xtask"], "cargo nextest run --all-features --no-fail-fast -p xtask"),
            (
                Nextest,
                Leave,
                &["--package=xtask"],
                "cargo nextest run --all-features --no-fail-fast --package=xtask",
            ),
            (
                CargoTest,
                Run,
                &["logout_", "--", "--exact"],
                "cargo test --all-features --no-fail-fast --workspace --tests --examples logout_ -- \
                 --exact --include-ignored",
            ),
        ];
        for (runner, ignored, arguments, expected) in rows {
            assert_row(*runner, *ignored, arguments, expected);
        }
    }

    #[test]
    fn in_ci_no_server_is_missing() {
        let incomplete = || Outcome::Incomplete("none".to_owned());
        assert_eq!(demanded(Leave, incomplete()), incomplete());
        assert_eq!(demanded(Run, incomplete()), Outcome::Failed("none".to_owned()));
        assert_eq!(demanded(Run, Outcome::Done("all".to_owned())), Outcome::Done("all".to_owned()));
    }

    #[test]
    fn doc_tests_follow_the_same_rule() {
        let all = "cargo test --all-features --no-fail-fast --workspace --doc";
        assert_eq!(doc_tests(Leave).to_string(), all);
        assert_eq!(doc_tests(Run).to_string(), format!("{all} -- --include-ignored"));
    }

    #[track_caller]
    fn assert_row(runner: Runner, ignored: Ignored, arguments: &[&str], expected: &str) {
        let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
        assert_eq!(tests(runner, ignored, &arguments).to_string(), expected);
    }
}
