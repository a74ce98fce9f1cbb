use std::process::ExitCode;

use tokio::runtime::Builder;

use super::{
    allocations::{self, Allocations},
    alone,
    contender::Contender,
    format::Format,
    issue,
    material::Material,
};
use crate::{
    options::Options,
    outcome::{Outcome, exit},
    report::{Line, Report, Target, print},
    sample::Sample,
};

/// The token bench. `counting` is the program that counts allocations.
pub fn bench(counting: &str) -> ExitCode {
    exit(print(&Options::from_args(), |options| report(options, counting)))
}

fn report(options: &Options, counting: &str) -> Outcome<Report> {
    let allocations = allocations::ask(counting)?;
    let mut report = Report::default();
    let runtime = Builder::new_current_thread().enable_time().build()?;
    for format in Format::ALL.into_iter().filter(|format| format.name().contains(&options.only)) {
        let material = Material::new(format)?;
        let times = runtime.block_on(alone::measure(&material, options.effort))?;
        report.push(added(format, times, &allocations));
        if let Some(times) = issue::measure(&material, options.effort)? {
            report.push(issued(format, times));
        }
    }
    Ok(report)
}

/// What verifying costs over axum without it, round by round.
fn added(format: Format, [none, ours, peer]: alone::Times, allocations: &Allocations) -> Line {
    let ours = ours.zip(&none, |ours, none| ours - none);
    let peer = peer.zip(&none, |peer, none| peer - none);
    Line {
        what: format.name().to_owned(),
        unit: "ns added",
        ratio: ours.zip(&peer, |ours, peer| ours / peer),
        target: Some(Target::RatioAtMost(format.target())),
        allocations: allocations.get(format.name()).and_then(|of_format| {
            let [none, ours, peer] = Contender::ALL.map(|contender| of_format.get(contender.name()).copied());
            Some([none?, ours?.checked_sub(none?)?, peer?.checked_sub(none?)?])
        }),
        none,
        ours,
        peer,
    }
}

fn issued(format: Format, [ours, peer]: [Sample; 2]) -> Line {
    Line {
        what: format!("{}, issued", format.name()),
        unit: "ns",
        none: Sample::from_iter([0.0]),
        ratio: ours.zip(&peer, |ours, peer| ours / peer),
        target: None,
        allocations: None,
        ours,
        peer,
    }
}
