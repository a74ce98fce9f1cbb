use std::process::ExitCode;

use axum::Router;
use libtest_mimic::Failed;
use portcullis_testkit::servers::{self, RedisNode};
use tokio::runtime::{Builder, Runtime};

use super::{
    contender::Contender,
    crowd::{self, Scale},
    path::Path,
    run::crowded,
    stage::Stage,
};
use crate::{
    options::{Effort, Options},
    outcome::{Outcome, exit},
    report::{Line, Report, print},
    sample::Sample,
};

/// The bench of sessions in a Redis of its own; where a test runner asks, one test that everything runs.
pub fn bench_in_redis() -> ExitCode {
    let options = Options::from_args();
    if options.benched {
        return exit(print(&options, report));
    }
    servers::run([("sessions_in_redis_are_measured", move || {
        report(&options).map(|_report| ()).map_err(Failed::from)
    })])
}

fn report(options: &Options) -> Outcome<Report> {
    let mut report = Report::default();
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    for (path, at_least) in [(Path::Read, 1.7), (Path::Write, 1.6)] {
        let name = format!("Redis, {}", path.name());
        if name.contains(&options.only) {
            let node = RedisNode::start(&[])?;
            let [none, ours, peer] = Contender::ALL.map(|who| runtime.block_on(who.router_over(&node.url())));
            let fared =
                crowd::measure(runtime.handle(), [none?, ours?, peer?], path, &scale(options.effort))?;
            report.extend(crowded(&name, &fared, at_least, None));
        }
    }
    for path in [Path::Untouched, Path::LoginFirst] {
        let name = memory_name(path);
        if name.contains(&options.only) {
            report.push(memory(&runtime, path, options.effort)?);
        }
    }
    Ok(report)
}

/// What a server's memory grows by for each session.
fn memory(runtime: &Runtime, path: Path, effort: Effort) -> Outcome<Line> {
    let sessions = sessions(effort);
    let bytes_each = |contender: Contender| -> Outcome<Sample> {
        let node = RedisNode::start(&[])?;
        let router = runtime.block_on(contender.router_over(&node.url()))?;
        let before = used_memory(&node)?;
        runtime.block_on(fill(router, path, sessions))?;
        Ok(Sample::from_iter([(used_memory(&node)? - before) / f64::from(sessions)]))
    };
    let (ours, peer) = (bytes_each(Contender::Ours)?, bytes_each(Contender::Peer)?);
    Ok(Line {
        what: memory_name(path).to_owned(),
        unit: "bytes each",
        none: Sample::from_iter([0.0]),
        ratio: ours.zip(&peer, |ours, peer| ours / peer),
        ours,
        peer,
        target: None,
        allocations: None,
    })
}

async fn fill(router: Router, path: Path, sessions: u32) -> Outcome<()> {
    if !path.logs_in() {
        return Stage::new(router, usize::try_from(sessions)?).await.map(|_stage| ());
    }
    let stage = Stage::new(router, 0).await?;
    for _ in 0..sessions {
        stage.serve(stage.visit(path, 0)?).await?;
    }
    Ok(())
}

fn used_memory(node: &RedisNode) -> Outcome<f64> {
    let info = node.command(&["INFO", "memory"])?;
    let used = info.lines().find_map(|line| line.strip_prefix("used_memory:"));
    Ok(used.ok_or("the server does not say what memory it uses")?.trim().parse()?)
}

const fn memory_name(path: Path) -> &'static str {
    if path.logs_in() { "Redis, memory, logged in" } else { "Redis, memory, three values" }
}

const fn scale(effort: Effort) -> Scale {
    match effort {
        Effort::Full => Scale { visitors: 10_000, requests: 500, rounds: 11 },
        Effort::Smoke => Scale { visitors: 100, requests: 3, rounds: 3 },
    }
}

const fn sessions(effort: Effort) -> u32 {
    match effort {
        Effort::Full => 100_000,
        Effort::Smoke => 100,
    }
}
