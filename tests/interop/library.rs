use std::{
    io::Write,
    panic,
    process::{Output, Stdio},
};

use libtest_mimic::Trial;
use serde_json::Value;
use tokio::{runtime, task};

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
pub(crate) static JOSE: Library =
    Library { name: "jose", language: Language::JavaScript, script: include_str!("with_jose.mjs") };
pub(crate) static PYJWT: Library =
    Library { name: "pyjwt", language: Language::Python, script: include_str!("with_pyjwt.py") };
pub(crate) static PYSETO: Library =
    Library { name: "pyseto", language: Language::Python, script: include_str!("with_pyseto.py") };

impl Library {
    /// What its script answers to each of `requests`, in one process that lives no longer.
    pub(crate) async fn ask(&'static self, requests: Vec<Value>) -> Vec<Value> {
        // A server that is asked meanwhile must go on.
        let expected = requests.len();
        let asked = task::spawn_blocking(move || self.run(&Value::from(requests))).await;
        let answers = asked.unwrap_or_else(|failed| panic::resume_unwind(failed.into_panic()));
        assert_eq!(answers.len(), expected, "{}", self.name);
        answers
    }

    /// The same of one request.
    pub(crate) async fn ask_one(&'static self, request: Value) -> Value {
        self.ask(vec![request]).await.remove(0)
    }

    /// A trial that asks it; ignored where it cannot be asked.
    pub(crate) fn trial<F>(
        &self,
        name: impl Into<String>,
        scenario: impl FnOnce() -> F + Send + 'static,
    ) -> Trial
    where
        F: Future<Output = ()>,
    {
        let is_there = self.language.is_there();
        Trial::test(name, move || {
            is_there.map_err(|missing| missing.to_string())?;
            block_on(scenario());
            Ok(())
        })
        .with_ignored_flag(is_there.is_err())
    }

    fn run(&self, requests: &Value) -> Vec<Value> {
        let command = self.language.command(self.script);
        let mut command = command.unwrap_or_else(|why| panic!("{} is not to be had: {why}", self.name));
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child =
            command.spawn().unwrap_or_else(|error| panic!("{} does not start: {error}", self.name));
        // Closed when it is dropped, so that the script sees the end. One that has ended before says why below.
        drop(child.stdin.take().unwrap().write_all(requests.to_string().as_bytes()));
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        assert!(status.success(), "{} ({status}):\n{}", self.name, String::from_utf8_lossy(&stderr));
        serde_json::from_slice(&stdout).unwrap()
    }
}

/// Runs `scenario` to its end on this thread.
pub(crate) fn block_on(scenario: impl Future<Output = ()>) {
    runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(scenario);
}

/// A member of an answer that is a string.
#[track_caller]
pub(crate) fn text(member: &Value) -> String {
    member.as_str().unwrap_or_else(|| panic!("{member} is no string")).to_owned()
}
