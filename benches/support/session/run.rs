use std::process::ExitCode;

use tokio::runtime::Builder;

use super::{
    allocations::{self, Allocations},
    alone,
    contender::Contender,
    crowd::{self, Fared, Scale},
    path::Path,
};
use crate::{
    options::{Effort, Options},
    outcome::{Outcome, exit},
    report::{Line, Report, Target, print},
    sample::Sample,
};

/// The session bench. `counting` is the program that counts allocations.
pub fn bench(counting: &str) -> ExitCode {
    exit(print(&Options::from_args(), |options| report(options, counting)))
}

fn report(options: &Options, counting: &str) -> Outcome<Report> {
    let allocations = allocations::ask(counting)?;
    let mut report = Report::default();
    let alone = Builder::new_current_thread().enable_time().build()?;
    for path in Path::ALL {
        if path.name().contains(&options.only) {
            let times = alone.block_on(alone::measure(path, options.effort))?;
            report.push(added(path, times, &allocations));
        }
    }
    let crowd = Builder::new_multi_thread().worker_threads(2).enable_time().build()?;
    for (path, target) in [(Path::Read, 2.6), (Path::Write, 2.3)] {
        if crowd_name(path).contains(&options.only) {
            let routers = Contender::ALL.map(Contender::router);
            let fared = crowd::measure(crowd.handle(), routers, path, &scale(options.effort))?;
            report.extend(crowded(&crowd_name(path), &fared, target, Some(Target::OursAtMost(5.0))));
        }
    }
    Ok(report)
}

/// What the layers cost over axum without any, round by round.
fn added(path: Path, [none, ours, peer]: alone::Times, allocations: &Allocations) -> Line {
    let ours = ours.zip(&none, |ours, none| ours - none);
    let peer = peer.zip(&none, |peer, none| peer - none);
    Line {
        what: path.name().to_owned(),
        unit: "ns added",
        ratio: ours.zip(&peer, |ours, peer| ours / peer),
        target: path.target().map(Target::RatioAtMost),
        allocations: allocations.get(path.name()).and_then(|of_path| {
            let [none, ours, peer] = Contender::ALL.map(|contender| of_path.get(contender.name()).copied());
            Some([none?, ours?.checked_sub(none?)?, peer?.checked_sub(none?)?])
        }),
        none,
        ours,
        peer,
    }
}

/// How many were served, and how long the slowest took.
pub(super) fn crowded(
    name: &str,
    [none, ours, peer]: &[Fared; 3],
    at_least: f64,
    slowest: Option<Target>,
) -> [Line; 2] {
    let line = |of: fn(&Fared) -> &Sample, what: &str, unit, target| Line {
        what: format!("{name}{what}"),
        unit,
        none: of(none).clone(),
        ours: of(ours).clone(),
        peer: of(peer).clone(),
        ratio: of(ours).zip(of(peer), |ours, peer| ours / peer),
        target,
        allocations: None,
    };
    [
        line(|fared| &fared.throughput, "", "k/s", Some(Target::RatioAtLeast(at_least))),
        line(|fared| &fared.p99, ", p99", "µs", slowest),
    ]
}

const fn scale(effort: Effort) -> Scale {
    match effort {
        Effort::Full => Scale { visitors: 100_000, requests: 2_000, rounds: 11 },
        Effort::Smoke => Scale { visitors: 100, requests: 3, rounds: 3 },
    }
}

fn crowd_name(path: Path) -> String {
    format!("crowd, {}", path.name())
}
