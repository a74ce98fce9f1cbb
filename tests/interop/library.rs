use std::{
    io::Write,
    process::{Output, Stdio},
};

use libtest_mimic::Trial;
use serde_json::Value;

use crate::language::Language;

/// An implementation that is not ours.
#[derive(Debug)]
pub(crate) struct Library {
    pub(crate) name: &'static str,
    language: Language,
    script: &'static str,
}

pub(crate) static GRPCIO: Library =
    Library { name: "grpcio", language: Language::Python, script: include_str!("with_grpcio.py") };

impl Library {
    /// What its script answers to `request`, in a process that lives no longer.
    pub(crate) fn ask(&self, request: &Value) -> Value {
        let command = self.language.command(self.script);
        let mut command = command.unwrap_or_else(|why| panic!("{} is not to be had: {why}", self.name));
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{} does not start: {error}", self.name));
        // Closed when it is dropped, so that the script sees the end. One that has ended before says why below.
        drop(child.stdin.take().unwrap().write_all(request.to_string().as_bytes()));
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        assert!(status.success(), "{} ({status}):\n{}", self.name, String::from_utf8_lossy(&stderr));
        serde_json::from_slice(&stdout).unwrap()
    }

    /// A trial that asks it; ignored where it cannot be asked.
    pub(crate) fn trial(&'static self, name: String, run: impl FnOnce() + Send + 'static) -> Trial {
        let is_there = self.language.is_there();
        Trial::test(name, move || {
            is_there.map_err(|missing| missing.to_string())?;
            run();
            Ok(())
        })
        .with_ignored_flag(is_there.is_err())
    }
}
