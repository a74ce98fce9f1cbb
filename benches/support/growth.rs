//! How a store grows: what a record takes, and how fast records are made, loaded, replaced and swept, where there are few and many.

mod crowd;
mod engine;
mod report;

use std::{process::ExitCode, time::Duration};

use libtest_mimic::Failed;
use portcullis_testkit::servers::{self, SqlEngine};
use tokio::runtime::Builder;

use crate::{
    options::{Effort, Form, Options},
    outcome::{Outcome, exit},
};
use crowd::{Asked, Crowd};
use engine::Engine;
use report::{Line, Report};

/// The bench of stores that grow; where a test runner asks, one test that everything runs.
pub fn bench_in_sql() -> ExitCode {
    let options = Options::from_args();
    if options.benched {
        return exit(report(&options).and_then(|report| report.print(options.form)));
    }
    let are_there = SqlEngine::ALL.into_iter().try_for_each(SqlEngine::is_there);
    servers::run_where(
        are_there,
        [("stores_in_sql_are_measured", move || report(&options).map(|_report| ()).map_err(Failed::from))],
    )
}

fn report(options: &Options) -> Outcome<Report> {
    let (sizes, moment): (&[usize], _) = match options.effort {
        Effort::Full => (&[10_000, 100_000, 1_000_000], Duration::from_secs(5)),
        Effort::Smoke => (&[100, 200], Duration::from_millis(50)),
    };
    let mut report = Report::default();
    if options.form != Form::Listing {
        for engine in Engine::ALL.into_iter().filter(|engine| engine.name().contains(&options.only)) {
            let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
            report.extend(runtime.block_on(grown(engine, sizes, moment))?);
        }
    }
    Ok(report)
}

async fn grown(engine: Engine, sizes: &[usize], moment: Duration) -> Outcome<Vec<Line>> {
    let opened = engine.open().await?;
    let mut crowd = Crowd::over(opened.store.clone(), opened.clock.clone());
    let mut lines = Vec::new();
    for size in sizes {
        let made = crowd.grow_to(*size).await?;
        let bytes = opened.bytes().await?;
        #[expect(
            clippy::cast_precision_loss,
            reason = "sizes of files and tables, in bytes for each record"
        )]
        lines.push(Line {
            engine: engine.name(),
            records: *size,
            bytes: bytes as f64 / *size as f64,
            made,
            loaded: crowd.ask_for(moment, Asked::Load).await?,
            replaced: crowd.ask_for(moment, Asked::Replace).await?,
            swept: crowd.sweep().await?,
        });
    }
    Ok(lines)
}
