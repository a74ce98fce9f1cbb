use portcullis::{
    jwt::Algorithm,
    store::{Clock, SystemClock, Timestamp},
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::written;
use crate::{
    failure::Failure,
    input::Source,
    keyfile::{AnyKey, Form, KeyFile},
    output::{Report, Style},
    spelling::quoted,
};

/// Show the public half of a private key, or of a set of them
///
/// It reads a JWK, a set of keys, PASERKs or PEM, and writes the same form; PEM becomes a JWK. Of a set, keys that have retired are left out.
#[derive(Debug, clap::Args)]
pub(crate) struct Public {
    /// Read the key from this file, instead of standard input
    #[arg(long, value_name = "FILE", default_value = "-", hide_default_value = true)]
    key: Source,
    /// What the key of a PEM file is for
    #[arg(long, value_name = "ALGORITHM")]
    alg: Option<Algorithm>,
}

impl Public {
    pub(crate) fn run(self, style: Style) -> Result<Report, Failure> {
        let file = KeyFile::read(&self.key, self.alg)?;
        let keys = file.keys()?;
        let halves = keys.iter().map(|key| written::public(key).ok_or_else(|| is_shared(key)));
        let halves: Vec<String> = halves.collect::<Result<_, _>>()?;
        let text = match file.form() {
            Form::Set => set(&file, SystemClock.now())?,
            Form::Jwk | Form::Paserk | Form::Pem(_) => halves.concat(),
        };
        Ok(Report::fine(match style {
            Style::Plain => text,
            Style::Json => to_json(&keys, &halves)?,
        }))
    }
}

/// The keys of either format that are in use, as the library publishes them.
fn set(file: &KeyFile, now: Timestamp) -> Result<String, Failure> {
    let sets = [file.jwt_keys()?.public_jwks(now), file.paseto_keys()?.public_keys_json(now)];
    let mut keys = Vec::new();
    for set in &sets {
        let set: Set<'_> = serde_json::from_str(set).map_err(|error| not_json(&error))?;
        keys.extend(set.keys);
    }
    serde_json::to_string(&Set { keys }).map_err(|error| not_json(&error))
}

#[derive(Deserialize, Serialize)]
struct Set<'a> {
    #[serde(borrow)]
    keys: Vec<&'a RawValue>,
}

/// What `--json` shows.
#[derive(Serialize)]
struct Halves<'a> {
    keys: Vec<Half<'a>>,
}

#[derive(Serialize)]
struct Half<'a> {
    format: &'a str,
    algorithm: &'a str,
    id: &'a str,
    key: Box<RawValue>,
}

fn to_json(keys: &[AnyKey], halves: &[String]) -> Result<String, Failure> {
    let mut shown = Vec::new();
    for (key, half) in keys.iter().zip(halves) {
        shown.push(Half {
            format: key.format(),
            algorithm: key.algorithm(),
            id: key.id().as_str(),
            key: written::in_json(half).map_err(|error| not_json(&error))?,
        });
    }
    serde_json::to_string(&Halves { keys: shown }).map_err(|error| not_json(&error))
}

fn is_shared(key: &AnyKey) -> Failure {
    let (algorithm, id) = (key.algorithm(), quoted(key.id().as_str()));
    Failure::refused(format!(
        "the {algorithm} key {id} is shared and has no public half: whoever can verify with it can also issue, so it is given to nobody"
    ))
}

fn not_json(error: &serde_json::Error) -> Failure {
    Failure::because("the result cannot be written as JSON", error)
}
