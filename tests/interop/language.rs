use std::{
    fmt,
    process::{Command, Stdio},
    sync::LazyLock,
};

use crate::fetched;

/// What a library is written for, and so what runs it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Language {
    Python,
    JavaScript,
}

/// Why a trial is ignored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Missing(&'static str);

impl Language {
    /// Whether there is what fetches its libraries and runs them.
    pub(crate) fn is_there(self) -> Result<(), Missing> {
        match self {
            Self::Python => *PYTHON,
            Self::JavaScript => *NODE,
        }
    }

    /// What runs `script` with the libraries at hand, which are fetched if they are not there yet.
    pub(crate) fn command(self, script: &str) -> Result<Command, String> {
        match self {
            Self::Python => {
                let environment = fetched::python()?;
                let mut command = Command::new(environment.join(INTERPRETER));
                // Isolated: nothing of the caller's is found before what was fetched.
                command.args(["-I", "-c", script]);
                Ok(command)
            }
            Self::JavaScript => {
                let mut command = Command::new("node");
                // What a script without a file imports is looked for where it runs.
                command.args(["--input-type=module", "--eval", script]).current_dir(fetched::node()?);
                Ok(command)
            }
        }
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(program) = self;
        write!(
            f,
            "the interoperation tests need {program}: none on the PATH that works. `cargo xtask test` installs it on Debian and Ubuntu as \
             root, and says elsewhere how to get it"
        )
    }
}

fn works(program: &str, arguments: &[&str]) -> bool {
    let quiet = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
    quiet.is_ok_and(|status| status.success())
}

// Tried as in `xtask`, each once.
static PYTHON: LazyLock<Result<(), Missing>> = LazyLock::new(|| {
    let makes_environments = ["-c", "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))"];
    if works("python3", &makes_environments) {
        Ok(())
    } else {
        Err(Missing("python3 (3.10 or later, with venv)"))
    }
});
static NODE: LazyLock<Result<(), Missing>> = LazyLock::new(|| {
    let both = ["node", "npm"].into_iter().all(|program| works(program, &["--version"]));
    if both { Ok(()) } else { Err(Missing("npm")) }
});
/// Where an environment has its Python.
const INTERPRETER: &str = "bin/python";
