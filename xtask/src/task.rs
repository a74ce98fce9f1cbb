use std::{ffi::OsString, fmt};

/// What the caller asked for.
#[derive(Debug, PartialEq)]
pub(crate) enum Task {
    Help,
    Test { arguments: Vec<OsString> },
    Bans,
}

impl Task {
    /// Reads the arguments after the program's name.
    pub(crate) fn parse(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, Misuse> {
        let mut arguments = arguments.into_iter();
        let Some(name) = arguments.next() else {
            return Err(Misuse::NoTask);
        };
        let mut rest: Vec<OsString> = arguments.collect();

        let task = match name.to_str() {
            Some("help" | "--help" | "-h") => return Ok(Self::Help),
            Some("test") => {
                if rest.first().is_some_and(|first| first == "--") {
                    rest.remove(0);
                } else if rest.first().is_some_and(|first| first == "--help" || first == "-h") {
                    return Ok(Self::Help);
                }
                return Ok(Self::Test { arguments: rest });
            }
            Some("bans") => Self::Bans,
            _ => return Err(Misuse::UnknownTask(name)),
        };
        match rest.into_iter().next() {
            None => Ok(task),
            Some(asked) if asked == "--help" || asked == "-h" => Ok(Self::Help),
            Some(surplus) => Err(Misuse::SurplusArgument(surplus)),
        }
    }
}

/// The arguments say nothing that xtask can do.
#[derive(Debug, PartialEq)]
pub(crate) enum Misuse {
    NoTask,
    UnknownTask(OsString),
    SurplusArgument(OsString),
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTask => f.write_str("no task given"),
            Self::UnknownTask(name) => write!(f, "unknown task `{}`", name.display()),
            Self::SurplusArgument(argument) => write!(f, "unexpected argument `{}`", argument.display()),
        }
    }
}

pub(crate) const USAGE: &str = "\
Portcullis' own tasks.

Usage: cargo xtask <task>

Tasks:
  test [--] [args…]  Provide what the tests need, then run all of them: cargo nextest if it is installed,
                     else cargo test; then the doc tests.
  bans               Fail if a banned crate is in the dependency graph, and show who brings it in.
  help               Print this text.

What the tests need are the programs chromium (or google-chrome, or chromium-browser), chromedriver, curl, npm,
python3 (3.10 or later, with venv), postgres, mariadbd and redis-server. On Debian and Ubuntu, as root, `test` installs what is missing with apt-get.
Elsewhere it says what is missing and how to get it, and goes on: the tests that need it are then shown as ignored.
Some packages are fetched once and stay in the target directory: axe-core and jose with npm, PyJWT, pyseto and grpcio
with pip.

Servers that tests share are started for the run, on free ports of the loopback interface and in temporary folders, and
end with it: one Redis, one with Sentinels, a Cluster, a PostgreSQL and a MariaDB; where we are root the last two run as `nobody`. Nothing leans on a server that happens to run.

Arguments of `test` go to the test runner and narrow the run to what they name; the doc tests are then left out:
  cargo xtask test -p portcullis-core
  cargo xtask test logout_

Environment:
  PORTCULLIS_REDIS_SERVER=PROGRAM
                     Start that in place of redis-server, such as a newer Redis or a Valkey.
  PORTCULLIS_POSTGRES=PATH, PORTCULLIS_MARIADBD=PATH
                     Start that in place of the newest postgres, or of mariadbd.
  CI=true            Nothing may be ignored: ignored tests are run, and fail with the name of what is missing.

Exit status: 0 if every step succeeded, 1 if one failed, 2 if the arguments are wrong.
";

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(arguments: &[&str]) -> Result<Task, Misuse> {
        Task::parse(arguments.iter().map(OsString::from))
    }

    fn test(arguments: &[&str]) -> Result<Task, Misuse> {
        Ok(Task::Test { arguments: arguments.iter().map(OsString::from).collect() })
    }

    #[test]
    fn reads_every_form() {
        let rows: &[(&[&str], Result<Task, Misuse>)] = &[
            (&["test"], test(&[])),
            (&["test", "--"], test(&[])),
            (&["test", "logout_"], test(&["logout_"])),
            (&["test", "--", "-p", "portcullis"], test(&["-p", "portcullis"])),
            (&["test", "--", "a", "--", "--exact"], test(&["a", "--", "--exact"])),
            (&["test", "--help"], Ok(Task::Help)),
            (&["bans"], Ok(Task::Bans)),
            (&["bans", "-h"], Ok(Task::Help)),
            (&["bans", "ring"], Err(Misuse::SurplusArgument("ring".into()))),
            (&["help"], Ok(Task::Help)),
            (&["--help"], Ok(Task::Help)),
            (&["help", "test"], Ok(Task::Help)),
            (&["tset"], Err(Misuse::UnknownTask("tset".into()))),
            (&[], Err(Misuse::NoTask)),
        ];
        for (arguments, expected) in rows {
            assert_eq!(parse(arguments), *expected, "{arguments:?}");
        }
    }

    #[test]
    fn usage_names_every_task() {
        for task in ["test", "bans", "help"] {
            assert!(USAGE.contains(&format!("\n  {task} ")), "{task}");
        }
    }
}
