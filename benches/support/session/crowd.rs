use std::sync::Arc;

use axum::Router;
use tokio::{runtime::Handle, task::yield_now};

use super::{path::Path, stage::Stage};
use crate::{outcome::Outcome, sample::Sample, stopwatch::Stopwatch};

/// How one contender fared, round by round.
#[derive(Debug, Default)]
pub(super) struct Fared {
    /// Thousand requests in a second, over all tasks.
    pub(super) throughput: Sample,
    /// Microseconds that 99 of 100 requests took at most.
    pub(super) p99: Sample,
}

/// Many tasks on all threads of `runtime`, each asking for one random session after the other. A task gives way after every
/// request, as one does that waits for its client.
pub(super) fn measure(
    runtime: &Handle,
    routers: [Router; 3],
    path: Path,
    scale: &Scale,
) -> Outcome<[Fared; 3]> {
    let mut stages = Vec::new();
    for router in routers {
        stages.push(Arc::new(runtime.block_on(Stage::new(router, scale.visitors))?));
    }
    let mut all: [Fared; 3] = Default::default();
    for _ in 0..scale.rounds {
        for (stage, fared) in stages.iter().zip(&mut all) {
            let stopwatch = Stopwatch::start();
            let times = runtime.block_on(crowd(runtime, stage, path, scale.requests))?;
            let seconds = stopwatch.elapsed().as_secs_f64();
            fared.throughput.extend([f64::from(TASKS * scale.requests) / seconds / 1e3]);
            fared.p99.extend([times.quantile(0.99)]);
        }
    }
    Ok(all)
}

async fn crowd(runtime: &Handle, stage: &Arc<Stage>, path: Path, requests: u32) -> Outcome<Sample> {
    let tasks: Vec<_> =
        (0..TASKS).map(|_| runtime.spawn(visits(Arc::clone(stage), path, requests))).collect();
    let mut times = Sample::default();
    for task in tasks {
        times.extend(task.await??);
    }
    Ok(times)
}

async fn visits(stage: Arc<Stage>, path: Path, requests: u32) -> Outcome<Vec<f64>> {
    let mut times = Vec::with_capacity(usize::try_from(requests)?);
    for _ in 0..requests {
        let request = stage.visit(path, fastrand::usize(..stage.visitors()))?;
        let stopwatch = Stopwatch::start();
        stage.serve(request).await?;
        times.push(stopwatch.elapsed().as_secs_f64() * 1e6);
        yield_now().await;
    }
    Ok(times)
}

/// How many sessions there are, and how often each task asks for one.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scale {
    pub(super) visitors: usize,
    pub(super) requests: u32,
    pub(super) rounds: u32,
}

const TASKS: u32 = 64;
