use portcullis::jwt::Algorithm;
use serde::Serialize;

use crate::{
    failure::Failure,
    input::Source,
    keyfile::{AnyKey, KeyFile},
    output::{Report, Style},
};

/// Show what tokens name a key by
///
/// For a JWK that is its `kid`, or its thumbprint (RFC 7638), and the thumbprint follows on a line of its own where they differ. For a PASERK it is
/// the `lid` of a shared key or the `pid` of a public one; of a secret key its own id, the `sid`, follows. Keys are parted by an empty line.
#[derive(Debug, clap::Args)]
pub(crate) struct Id {
    /// Read the key from this file, instead of standard input
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    key: Source,
    /// What the key of a PEM file is for
    #[arg(long, value_name = "ALGORITHM")]
    alg: Option<Algorithm>,
}

impl Id {
    pub(crate) fn run(self, style: Style) -> Result<Report, Failure> {
        let keys = KeyFile::read(&self.key, self.alg)?.keys()?;
        let keys: Vec<Ids> = keys.iter().map(Ids::of).collect();
        Ok(Report::fine(match style {
            Style::Plain => keys.iter().map(Ids::to_plain).collect::<Vec<_>>().join("\n"),
            Style::Json => serde_json::to_string(&Shown { keys: &keys })
                .map_err(|error| Failure::because("the result cannot be written as JSON", &error))?,
        }))
    }
}

/// What `--json` shows.
#[derive(Serialize)]
struct Shown<'a> {
    keys: &'a [Ids],
}

#[derive(Serialize)]
struct Ids {
    format: &'static str,
    algorithm: &'static str,
    secrecy: &'static str,
    /// What tokens name it by.
    id: String,
    /// Of a key for JWTs.
    thumbprint: Option<String>,
    /// Of a secret key for PASETOs.
    sid: Option<String>,
}

impl Ids {
    fn of(key: &AnyKey) -> Self {
        let (thumbprint, sid) = match key {
            AnyKey::Jwt(key) => (Some(key.thumbprint()), None),
            AnyKey::Paseto(key) => (None, key.sid().map(|sid| String::from(sid.as_str()))),
        };
        Self {
            format: key.format(),
            algorithm: key.algorithm(),
            secrecy: key.secrecy(),
            id: String::from(key.id().as_str()),
            thumbprint,
            sid,
        }
    }

    fn to_plain(&self) -> String {
        let others = [&self.thumbprint, &self.sid].into_iter().flatten().filter(|other| **other != self.id);
        let mut out = crate::spelling::name(&self.id) + "\n";
        for other in others {
            out.push_str(other);
            out.push('\n');
        }
        out
    }
}
