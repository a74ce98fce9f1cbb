use std::{
    collections::BTreeMap,
    io::{Write, stdout},
    process::{Command, ExitCode},
};

use futures_util::FutureExt;

use super::{alone::Stage, contender::Contender, format::Format, material::Material};
use crate::outcome::{Outcome, exit};

/// Allocations of one request: by format, then by contender.
pub(super) type Allocations = BTreeMap<String, BTreeMap<String, u64>>;

/// The program that counts: prints every format's allocations as JSON. `measure` runs what it is given and says how often that allocated.
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
    for format in Format::ALL {
        let material = Material::new(format)?;
        for contender in Contender::ALL {
            let allocations = count_one(&Stage::new(contender, &material)?, &measure)?;
            all.entry(format.name().to_owned()).or_default().insert(contender.name().to_owned(), allocations);
        }
    }
    Ok(all)
}

/// The second request's: the first may make what stays.
fn count_one(stage: &Stage, measure: &impl Fn(&mut dyn FnMut()) -> u64) -> Outcome<u64> {
    let mut count = 0;
    for _ in 0..2 {
        let mut request = Some(stage.request()?);
        let mut served = Ok(());
        count = measure(&mut || {
            if let Some(request) = request.take() {
                served = stage
                    .serve(request)
                    .now_or_never()
                    .unwrap_or_else(|| Err("a request had to wait".into()));
            }
        });
        served?;
    }
    Ok(count)
}
