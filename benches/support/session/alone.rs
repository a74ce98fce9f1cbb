use std::time::Duration;

use axum::http::header::SET_COOKIE;

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
        stages.push(Stage::new(contender.router(), scale.visitors).await?);
    }
    let mut times = Times::default();
    for _ in 0..scale.rounds {
        for (stage, sample) in stages.iter_mut().zip(&mut times) {
            let mut spent = Duration::ZERO;
            for _ in 0..scale.passes {
                spent += pass(stage, path).await?;
            }
            let requests = f64::from(scale.passes) * count(stage.visitors());
            sample.extend([spent.as_secs_f64() * 1e9 / requests]);
        }
    }
    Ok(times)
}

/// Every visitor comes once. Making the request is timed too: it costs the same without a layer, and to make many beforehand
/// would serve them from cold caches.
async fn pass(stage: &mut Stage, path: Path) -> Outcome<Duration> {
    let mut logged_in = Vec::with_capacity(stage.visitors());
    let stopwatch = Stopwatch::start();
    for visitor in 0..stage.visitors() {
        let response = stage.serve(stage.visit(path, visitor)?).await?;
        if path.logs_in() {
            logged_in.extend(response.headers().get(SET_COOKIE).cloned());
        }
    }
    let spent = stopwatch.elapsed();
    if path.logs_in() {
        stage.begin_anew(path, &logged_in).await?;
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
            Effort::Full => Self { visitors: 1_000, passes: 10, rounds: 21 },
            Effort::Smoke => Self { visitors: 20, passes: 1, rounds: 3 },
        }
    }
}

fn count(number: usize) -> f64 {
    u32::try_from(number).map_or(f64::INFINITY, f64::from)
}
