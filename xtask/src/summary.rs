use std::{fmt, process::ExitCode};

/// How one step ended, with what there is to say about it.
#[derive(Debug, PartialEq)]
pub(crate) enum Outcome {
    Done(String),
    /// Something is wanting, and the run went on without it.
    Incomplete(String),
    Skipped(String),
    Failed(String),
}

/// The closing words of a task: one line for each step, in the order they ran.
#[derive(Debug)]
pub(crate) struct Summary {
    task: &'static str,
    steps: Vec<(&'static str, Outcome)>,
}

impl Summary {
    pub(crate) fn of(task: &'static str) -> Self {
        Self { task, steps: Vec::new() }
    }

    pub(crate) fn add(&mut self, step: &'static str, outcome: Outcome) {
        self.steps.push((step, outcome));
    }

    /// Prints itself and answers the status to exit with.
    pub(crate) fn close(self) -> ExitCode {
        eprintln!("\n{self}");
        if self.failed() { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }

    fn failed(&self) -> bool {
        self.steps.iter().any(|(_, outcome)| matches!(outcome, Outcome::Failed(_)))
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "xtask {}: {}", self.task, if self.failed() { "FAILED" } else { "ok" })?;
        for (step, outcome) in &self.steps {
            let (word, detail) = match outcome {
                Outcome::Done(detail) => ("ok", detail),
                Outcome::Incomplete(detail) => ("INCOMPLETE", detail),
                Outcome::Skipped(detail) => ("skipped", detail),
                Outcome::Failed(detail) => ("FAILED", detail),
            };
            writeln!(f, "  {step:<10} {word:<10} {detail}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failed_step_fails_the_task_and_is_named() {
        let mut summary = Summary::of("test");
        summary.add("provide", Outcome::Incomplete("no curl".to_owned()));
        assert!(!summary.failed());

        summary.add("tests", Outcome::Failed("cargo test (exit status: 101)".to_owned()));
        summary.add("doc tests", Outcome::Done("cargo test --doc".to_owned()));
        assert!(summary.failed());
        let text = summary.to_string();
        assert!(text.starts_with("xtask test: FAILED\n"), "{text}");
        assert!(text.contains("  provide    INCOMPLETE no curl\n"), "{text}");
        assert!(text.contains("  tests      FAILED     cargo test (exit status: 101)\n"), "{text}");
        assert!(text.contains("  doc tests  ok         cargo test --doc\n"), "{text}");
    }
}
