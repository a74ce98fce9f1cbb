use std::{
    ffi::OsString,
    fmt,
    process::{Command, Stdio},
};

use crate::summary::Outcome;

/// A program and its arguments, as a value: decided by pure code, tested as data, printed before it runs.
#[derive(Debug, PartialEq)]
pub(crate) struct CommandLine {
    program: &'static str,
    arguments: Vec<OsString>,
    variables: Vec<(String, String)>,
}

impl CommandLine {
    pub(crate) fn new(program: &'static str, arguments: &[&str]) -> Self {
        Self { program, arguments: arguments.iter().map(OsString::from).collect(), variables: Vec::new() }
    }

    pub(crate) fn and(mut self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Adds to the environment that it runs in.
    pub(crate) fn with_variables(mut self, variables: &[(String, String)]) -> Self {
        self.variables.extend_from_slice(variables);
        self
    }

    /// Runs it in sight of the caller.
    pub(crate) fn run(&self) -> Outcome {
        eprintln!("xtask: {self}");
        match self.command().status() {
            Ok(status) if status.success() => Outcome::Done(self.to_string()),
            Ok(status) => Outcome::Failed(format!("{self} ({status})")),
            Err(error) => Outcome::Failed(format!("{self} (cannot start: {error})")),
        }
    }

    /// Runs it for what it prints; its complaints go to the caller.
    pub(crate) fn output(&self) -> Result<String, Outcome> {
        let failed = |why: &dyn fmt::Display| Outcome::Failed(format!("{self} ({why})"));
        let output = self.command().stderr(Stdio::inherit()).output().map_err(|error| failed(&error))?;
        if !output.status.success() {
            return Err(failed(&output.status));
        }
        String::from_utf8(output.stdout).map_err(|error| failed(&error))
    }

    /// Whether it can be started and succeeds, without a word to the caller.
    pub(crate) fn succeeds(&self) -> bool {
        let quiet = self.command().stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
        quiet.is_ok_and(|status| status.success())
    }

    fn command(&self) -> Command {
        let mut command = Command::new(self.program);
        command.args(&self.arguments).envs(self.variables.iter().map(|(name, value)| (name, value)));
        command
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.program)?;
        self.arguments.iter().try_for_each(|argument| write!(f, " {}", argument.display()))
    }
}
