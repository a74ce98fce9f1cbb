use std::{
    collections::BTreeMap,
    io::{Write, stdout},
    process::{Command, ExitCode},
};

use futures_util::FutureExt;

use super::{contender::Contender, path::Path, stage::Stage};
use crate::outcome::{Outcome, exit};

/// Allocations of one request: by path, then by contender.
pub(super) type Allocations = BTreeMap<String, BTreeMap<String, u64>>;

/// The program that counts: prints every path's allocations as JSON. `measure` runs what it is given and says how often that
/// allocated.
pub fn count(measure: impl Fn(&mut dyn FnMut()) -> u64) -> ExitCode {
    exit(count_all(measure).and_then(|all| Ok(writeln!(stdout(), "{}", serde_json::to_string(&all)?)?)))
}

/// Asks the counting program, which is another one because its allocator would be timed with everything else.
pub(super) fn ask(program: &str) -> Outcome<Allocations> {
    let output = Command::new(program).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn count_all(measure: impl Fn(&mut dyn FnMut()) -> u64) -> Outcome<Allocations> {
    let mut all = Allocations::new();
    for path in Path::ALL {
        for contender in Contender::ALL {
            let allocations = count_one(path, contender, &measure)?;
            let of_path = all.entry(path.name().to_owned()).or_default();
            of_path.insert(contender.name().to_owned(), allocations);
        }
    }
    Ok(all)
}

/// The median of many visits: now and then one more is a table that grows.
fn count_one(path: Path, contender: Contender, measure: &impl Fn(&mut dyn FnMut()) -> u64) -> Outcome<u64> {
    let stage = now(Stage::new(contender.router(), VISITORS))?;
    let mut counts = Vec::with_capacity(VISITORS);
    for visitor in 0..stage.visitors() {
        let mut request = Some(stage.visit(path, visitor)?);
        let mut served = Ok(());
        counts.push(measure(&mut || {
            if let Some(request) = request.take() {
                served = now(stage.serve(request)).map(drop);
            }
        }));
        served?;
    }
    counts.sort_unstable();
    Ok(counts.get(counts.len() / 2).copied().unwrap_or_default())
}

/// Runs what never waits, because its store is in memory, without a runtime that would allocate too.
fn now<T>(future: impl Future<Output = Outcome<T>>) -> Outcome<T> {
    future.now_or_never().unwrap_or_else(|| Err("a store in memory made a request wait".into()))
}

const VISITORS: usize = 101;
