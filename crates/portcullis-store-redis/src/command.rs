use redis::{Arg, Cmd};

use crate::script::Script;

/// A question to a server, asked as often as it takes to find who answers it.
#[derive(Debug)]
pub(crate) struct Command<'a> {
    cmd: Cmd,
    script: Option<&'a Script>,
    writes: bool,
}

impl<'a> Command<'a> {
    /// One that changes nothing, so it may be asked twice.
    pub(crate) fn reading(name: &str) -> Self {
        let mut cmd = Cmd::new();
        cmd.arg(name);
        Self { cmd, script: None, writes: false }
    }

    /// One whose effect is unknown when its answer is lost.
    pub(crate) fn writing(name: &str) -> Self {
        Self { writes: true, ..Self::reading(name) }
    }

    /// A script's run over `keys`; its arguments follow.
    pub(crate) fn script(script: &'a Script, keys: &[Vec<u8>]) -> Self {
        let mut command = Self::writing("EVALSHA").arg(script.hash().as_bytes());
        command.script = Some(script);
        command.cmd.arg(keys.len());
        command.args(keys.iter().map(Vec::as_slice))
    }

    #[must_use]
    pub(crate) fn arg(mut self, argument: &[u8]) -> Self {
        self.cmd.arg(argument);
        self
    }

    #[must_use]
    pub(crate) fn number(mut self, number: u64) -> Self {
        self.cmd.arg(number);
        self
    }

    #[must_use]
    pub(crate) fn args<'b>(mut self, arguments: impl IntoIterator<Item = &'b [u8]>) -> Self {
        for argument in arguments {
            self.cmd.arg(argument);
        }
        self
    }

    pub(crate) const fn writes(&self) -> bool {
        self.writes
    }

    pub(crate) const fn cmd(&self) -> &Cmd {
        &self.cmd
    }

    /// The same with the script's code in place of its hash, for a server that does not know it.
    pub(crate) fn in_full(&self) -> Option<Cmd> {
        let mut cmd = Cmd::new();
        cmd.arg("EVAL").arg(self.script?.code());
        for argument in self.cmd.args_iter().skip(2) {
            if let Arg::Simple(bytes) = argument {
                cmd.arg(bytes);
            }
        }
        Some(cmd)
    }
}
