use std::time::Duration;

use super::{contender::Contender, path::Path, stage::Stage};
use crate::{options::Effort, outcome::Outcome, sample::Sample, stopwatch::Stopwatch};

/// Nanoseconds of a request on one path, for each contender in the order of [`Contender::ALL`].
pub(super) type Times = [Sample; 3];

/// One request after the other on one thread: in every round each contender once, so that what slows the machine for a while
/// slows them alike.
pub(super) async fn measure(path: Path, effort: Effort) -> Outcome<Times> {
    let scale = Scale::of(effort);
    let mut stages = Vec::new();
    for contender in Contender::ALL {
        stages.push(Stage::new(contender, scale.visitors).await?);
    }
    let mut times = Times::default();
    for _ in 0..scale.rounds {
        for ((contender, stage), sample) in Contender::ALL.into_iter().zip(&mut stages).zip(&mut times) {
            let mut spent = Duration::ZERO;
            for _ in 0..scale.passes {
                if path.uses_up_sessions() {
                    *stage = Stage::new(contender, scale.visitors).await?;
                }
                spent += pass(stage, path).await?;
            }
            let requests = f64::from(scale.passes) * count(stage.visitors());
            sample.extend([spent.as_secs_f64() * 1e9 / requests]);
        }
    }
    Ok(times)
}

/// Every visitor comes once. Requests are built beforehand, but not so many that the caches are cold when they are served.
async fn pass(stage: &Stage, path: Path) -> Outcome<Duration> {
    let mut spent = Duration::ZERO;
    let visitors: Vec<usize> = (0..stage.visitors()).collect();
    for batch in visitors.chunks(BATCH) {
        let requests = batch.iter().map(|visitor| stage.visit(path, *visitor));
        let requests = requests.collect::<Outcome<Vec<_>>>()?;
        let stopwatch = Stopwatch::start();
        for request in requests {
            stage.serve(request).await?;
        }
        spent += stopwatch.elapsed();
    }
    Ok(spent)
}

struct Scale {
    visitors: usize,
    passes: u32,
    rounds: u32,
}

impl Scale {
    const fn of(effort: Effort) -> Self {
        match effort {
            Effort::Full => Self {
                visitors: 1_000,
                passes: 10,
                rounds: 21,
            },
            Effort::Smoke => Self {
                visitors: 20,
                passes: 1,
                rounds: 3,
            },
        }
    }
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}

const BATCH: usize = 100;
