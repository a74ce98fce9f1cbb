use std::{
    io::Write,
    process::{Command, Stdio},
};

use serde_json::Value;

/// What came of one run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// The one object that `--json` wrote.
    pub(crate) fn json(&self) -> Value {
        assert!(self.out.ends_with('\n'), "{self:?}");
        let value: Value = serde_json::from_str(&self.out).unwrap();
        assert!(value.is_object(), "{value}");
        value
    }

    /// The output of a run that went well.
    pub(crate) fn fine(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }

    /// What a run complained of that could not be carried out.
    pub(crate) fn usage(self) -> String {
        assert_eq!((self.code, &*self.out), (2, ""), "{self:?}");
        assert!(!self.err.contains("panicked"), "{self:?}");
        self.err
    }
}

/// Runs the program with `arguments`, and `input` as its standard input.
pub(crate) fn portcullis(arguments: &[&str], input: impl AsRef<[u8]>) -> Ran {
    let mut child = Command::new(env!("CARGO_BIN_EXE_portcullis"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // What does not read its input closes it, and that is its right.
    child.stdin.take().unwrap().write_all(input.as_ref()).ok();
    let output = child.wait_with_output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The same for arguments that are written in one line.
pub(crate) fn run(line: &str, input: impl AsRef<[u8]>) -> Ran {
    portcullis(&line.split_whitespace().collect::<Vec<_>>(), input)
}
