use std::{
    fs::OpenOptions,
    io::{self, ErrorKind, IsTerminal, Write},
    path::{Path, PathBuf},
};

use serde::Serialize;
use serde_json::value::RawValue;

use super::{
    algorithm::{Format, KeyAlgorithm},
    written::{self, Shape},
};
use crate::{
    failure::Failure,
    input::name_of,
    keyfile::AnyKey,
    output::{Report, Style, complain},
};

/// Make a new key, private or shared, from the operating system's randomness
///
/// It is written to standard output, or with --out to a file that nobody else can read.
#[derive(Debug, clap::Args)]
pub(crate) struct Generate {
    /// What the key is for
    #[arg(long, value_name = "ALGORITHM", value_enum, ignore_case = true)]
    alg: KeyAlgorithm,
    /// How the key is written; the algorithm decides where this is left out
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The id that tokens name the key by, instead of one that follows from the key; a PASERK alone has no place for it, so add --set
    #[arg(long, value_name = "ID")]
    kid: Option<String>,
    /// Write a set that has the key: {"keys":[…]}
    #[arg(long)]
    set: bool,
    /// Write the key to this new file, instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Generate {
    pub(crate) fn run(self, style: Style) -> Result<Report, Failure> {
        self.check()?;
        let mut key = self.alg.generate().map_err(|error| Failure::because("no key was made", &error))?;
        if let Some(id) = &self.kid {
            key = key.with_id(id).map_err(|error| Failure::because("--kid", &error))?;
        }
        let shape = if self.set { Shape::Set } else { Shape::Alone };
        let text = written::secret(&key, shape)
            .ok_or_else(|| Failure::new("the key that was made has no secret to be written"))?;
        if let Some(path) = &self.out {
            create(path, &text).map_err(|error| cannot_create(path, error))?;
        } else if io::stdout().is_terminal() {
            complain("this key is a secret, and now it is on your screen; --out FILE keeps it off");
        }
        Ok(Report::fine(match (style, &self.out) {
            (Style::Plain, None) => text.to_string(),
            (Style::Plain, Some(path)) => {
                format!("{} {} key {} in {}\n", key.algorithm(), key.secrecy(), key.id(), name_of(path))
            }
            (Style::Json, out) => self.to_json(&key, &text, out.as_deref())?,
        }))
    }

    fn check(&self) -> Result<(), Failure> {
        let (algorithm, format) = (self.alg.as_str(), self.alg.format());
        match (self.format, format) {
            (Some(Format::Jwk), Format::Paserk) => {
                return Err(Failure::new(format!(
                    "{algorithm} is PASETO's, and its keys are written as PASERK alone"
                )));
            }
            (Some(Format::Paserk), Format::Jwk) => {
                return Err(Failure::new(format!(
                    "{algorithm} is JWT's, and its keys are written as JWK alone"
                )));
            }
            _ => {}
        }
        if self.kid.is_some() && format == Format::Paserk && !self.set {
            return Err(Failure::new(
                "a PASERK has no place for an id of your own; with --set it is written beside it",
            ));
        }
        if self.kid.as_ref().is_some_and(String::is_empty) {
            return Err(Failure::new("--kid is empty: leave it out for an id that follows from the key"));
        }
        Ok(())
    }

    fn to_json(&self, key: &AnyKey, text: &str, out: Option<&Path>) -> Result<String, Failure> {
        let failed = |error| Failure::because("the result cannot be written as JSON", &error);
        let file = out.map(Path::to_string_lossy);
        let written = if out.is_some() { None } else { Some(written::in_json(text).map_err(failed)?) };
        let made = Made {
            format: key.format(),
            algorithm: key.algorithm(),
            secrecy: key.secrecy(),
            id: key.id().as_str(),
            file: file.as_deref(),
            key: written,
        };
        serde_json::to_string(&made).map_err(failed)
    }
}

/// What `--json` shows. Of `file` and `key` one is there.
#[derive(Serialize)]
struct Made<'a> {
    format: &'a str,
    algorithm: &'a str,
    secrecy: &'a str,
    id: &'a str,
    file: Option<&'a str>,
    key: Option<Box<RawValue>>,
}

/// Writes a file that was not there before, for its owner alone from the first moment.
fn create(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a key is of no use, and would be in the way of the next attempt.
        std::fs::remove_file(path).ok();
    }
    written
}

fn cannot_create(path: &Path, error: io::Error) -> Failure {
    let name = name_of(path);
    if error.kind() == ErrorKind::AlreadyExists {
        return Failure::new(format!(
            "{name} is there already, and a key is never written over another: name a new file"
        ));
    }
    Failure::because(format!("the key cannot be written to {name}"), &error)
}
