use std::env;

/// How a bench was asked to run.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Options {
    /// By `cargo bench`, and not by a test runner.
    pub(crate) benched: bool,
    pub(crate) effort: Effort,
    pub(crate) form: Form,
    /// Only what has this in its name.
    pub(crate) only: String,
}

/// How much is measured.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Effort {
    /// Enough for numbers to be quoted.
    Full,
    /// Enough to see that everything runs.
    Smoke,
}

/// What is printed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Form {
    Table,
    Json,
    /// The tests there are, for a runner that asks: none that it could run one by one.
    Listing,
}

impl Options {
    pub(crate) fn from_args() -> Self {
        Self::parse(env::args().skip(1))
    }

    /// Cargo says `--bench` when it benches. Without that a test runner is asking, and what else it says is for a harness that
    /// is not here.
    fn parse(args: impl Iterator<Item = String>) -> Self {
        let args: Vec<String> = args.collect();
        let has = |option: &str| args.iter().any(|arg| arg == option);
        let benched = has("--bench") && !has("--test");
        let only = args.iter().find(|arg| benched && !arg.starts_with('-'));
        Self {
            benched,
            effort: if benched && !has("--quick") { Effort::Full } else { Effort::Smoke },
            form: if has("--list") {
                Form::Listing
            } else if has("--json") {
                Form::Json
            } else {
                Form::Table
            },
            only: only.cloned().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_cargo_bench_measures_in_full() {
        let rows = [
            ("--bench", Effort::Full, Form::Table, ""),
            ("--bench read", Effort::Full, Form::Table, "read"),
            ("--bench --json", Effort::Full, Form::Json, ""),
            ("--bench --quick", Effort::Smoke, Form::Table, ""),
            ("--test --bench", Effort::Smoke, Form::Table, ""),
            ("--exact session --nocapture", Effort::Smoke, Form::Table, ""),
            ("--list --format terse", Effort::Smoke, Form::Listing, ""),
            ("", Effort::Smoke, Form::Table, ""),
        ];
        for (args, effort, form, only) in rows {
            let parsed = Options::parse(args.split_whitespace().map(str::to_owned));
            let benched = args.starts_with("--bench");
            let only = only.to_owned();
            assert_eq!(parsed, Options { benched, effort, form, only }, "{args}");
        }
    }
}
