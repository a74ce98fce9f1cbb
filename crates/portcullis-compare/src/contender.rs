//! What is measured: a credential, whoever makes it, and the layer that reads it.

mod handler;
mod presented;
mod session;
mod token;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use portcullis::{jwt::Algorithm, paseto};

pub(crate) use presented::Presented;

use crate::{CompareError, Facts, Kind, Settings};

/// One row in the making. Loops are inside, where the compiler knows the layer, and only a whole batch is a call through a table.
#[async_trait]
pub(crate) trait Contend: Send + Sync {
    /// Makes so many, and says how long that took.
    async fn issue(&self, times: u32) -> Result<Duration, CompareError>;

    /// Makes one that lives as long as the comparison.
    async fn credential(&self) -> Result<Presented, CompareError>;

    /// Whether a handler behind the layer knows who is calling with `presented`. An outage is an error.
    async fn accepts(&self, presented: &Presented) -> Result<bool, CompareError>;

    /// Verifies `presented` so many times, and says how long that took.
    async fn verify(&self, presented: &Presented, times: u32) -> Result<Duration, CompareError>;

    /// How often a store is asked to verify one.
    async fn trips(&self) -> Result<u32, CompareError>;

    /// How many requests at once keep all cores busy, for each of them.
    fn in_flight(&self) -> usize;

    /// Removes from a store what [`issue`](Self::issue) left there.
    async fn tidy(&self) -> Result<(), CompareError>;

    /// Removes all else.
    async fn end(&self) -> Result<(), CompareError>;
}

/// A contender with what is known of it beforehand.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) facts: Facts,
    pub(crate) contender: Arc<dyn Contend>,
}

/// All that `settings` ask for, in the order of the rows.
pub(crate) fn all(settings: &Settings) -> Result<Vec<Entry>, CompareError> {
    let mut all = Vec::new();
    for algorithm in ALGORITHMS {
        all.push(token::jwt(algorithm, &settings.claims)?);
    }
    for kind in KINDS {
        all.push(token::paseto(kind, &settings.claims)?);
    }
    all.push(session::in_memory(&settings.claims)?);
    for (name, store) in &settings.stores {
        let entry = session::in_store(name, store, &settings.claims)?;
        let name = unused(&all, entry.name);
        all.push(Entry { name, ..entry });
    }
    Ok(all)
}

/// `name`, or that with a number where two stores are called alike.
fn unused(taken: &[Entry], name: String) -> String {
    let is_taken = |name: &String| taken.iter().any(|entry| entry.name == *name);
    if !is_taken(&name) {
        return name;
    }
    let mut numbered = (2..).map(|number: usize| format!("{name} ({number})"));
    numbered.find(|name| !is_taken(name)).unwrap_or(name)
}

const ALGORITHMS: [Algorithm; 6] = [
    Algorithm::Hs256,
    Algorithm::Rs256,
    Algorithm::Ps256,
    Algorithm::Es256,
    Algorithm::Es384,
    Algorithm::EdDsa,
];
const KINDS: [paseto::Kind; 3] = [paseto::Kind::V4Local, paseto::Kind::V4Public, paseto::Kind::V3Public];
