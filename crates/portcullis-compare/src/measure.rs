use std::{sync::Arc, thread, time::Duration};

use tokio::task::JoinSet;

use crate::{
    CompareError, Comparison, Progress, Row, Settings,
    contender::{self, Contend, Entry, Presented},
    prove::prove,
    sample::Sample,
    stopwatch::Stopwatch,
};

/// Measures all that `settings` ask for, and tells `progress` how far it is.
///
/// It keeps the task it runs in busy, and for some of the time all cores; give it a multi-threaded runtime of its own where other tasks are waiting. Dropped, it
/// stops at the end of a batch, and leaves a few sessions that nobody can use to expire.
///
/// # Errors
///
/// A credential cannot be made of the claims, or a store fails; or a credential is not refused after a letter was changed. Then nothing was measured.
pub async fn compare(
    settings: &Settings,
    mut progress: impl FnMut(Progress<'_>) + Send,
) -> Result<Comparison, CompareError> {
    let entries = contender::all(settings)?;
    let mut steps =
        Steps { done: 0, of: entries.len() as u64 * (u64::from(settings.rounds) + 1), tell: &mut progress };
    let outcome = measure(settings, &entries, &mut steps).await;
    // Whatever happened, no session stays behind.
    for entry in &entries {
        let ended = entry.contender.end().await;
        if outcome.is_ok() {
            ended?;
        }
    }
    outcome
}

async fn measure<F: FnMut(Progress<'_>) + Send>(
    settings: &Settings,
    entries: &[Entry],
    steps: &mut Steps<'_, F>,
) -> Result<Comparison, CompareError> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let mut stands = Vec::with_capacity(entries.len());
    for entry in entries {
        steps.tell(&entry.name);
        stands.push(Stand::new(entry).await?);
        steps.done += 1;
    }
    for round in 0..usize::from(settings.rounds) {
        // Each begins once, so that none has always the same neighbour.
        let first = round % stands.len().max(1);
        let (behind, ahead) = stands.split_at_mut(first);
        for stand in ahead.iter_mut().chain(behind) {
            steps.tell(&stand.entry.name);
            stand.round(cores).await?;
            steps.done += 1;
            tokio::task::yield_now().await;
        }
    }
    steps.tell("");
    let rows = stands.iter().map(|stand| stand.row(settings.rounds)).collect();
    Ok(Comparison::new(cores, rows))
}

struct Steps<'a, F> {
    done: u64,
    of: u64,
    tell: &'a mut F,
}

impl<F: FnMut(Progress<'_>)> Steps<'_, F> {
    fn tell(&mut self, row: &str) {
        (self.tell)(Progress { done: self.done, of: self.of, row });
    }
}

/// A contender with its credential, how much of it makes a batch, and what was measured.
struct Stand<'a> {
    entry: &'a Entry,
    presented: Presented,
    trips: u32,
    issued_at_once: u32,
    verified_at_once: u32,
    issue: Sample,
    verify: Sample,
    throughput: Sample,
}

impl<'a> Stand<'a> {
    async fn new(entry: &'a Entry) -> Result<Self, CompareError> {
        let presented = prove(entry).await?;
        let contender = &entry.contender;
        let trips = contender.trips().await?;
        let issued_at_once = batch(|times| contender.issue(times)).await?;
        let verified_at_once = batch(|times| contender.verify(&presented, times)).await?;
        contender.tidy().await?;
        Ok(Self {
            entry,
            presented,
            trips,
            issued_at_once,
            verified_at_once,
            issue: Sample::default(),
            verify: Sample::default(),
            throughput: Sample::default(),
        })
    }

    async fn round(&mut self, cores: usize) -> Result<(), CompareError> {
        let contender = &self.entry.contender;
        let took = contender.issue(self.issued_at_once).await?;
        self.issue.push(nanoseconds_each(took, self.issued_at_once));
        contender.tidy().await?;
        let took = contender.verify(&self.presented, self.verified_at_once).await?;
        self.verify.push(nanoseconds_each(took, self.verified_at_once));
        let tasks = cores * contender.in_flight();
        let times = self.verified_at_once.saturating_mul(BATCHES_ON_ALL_CORES);
        let took = on_all_cores(contender, &self.presented, tasks, times).await?;
        #[expect(clippy::cast_precision_loss, reason = "there are few tasks")]
        self.throughput.push(tasks as f64 * f64::from(times) / took.as_secs_f64());
        Ok(())
    }

    fn row(&self, repeats: u16) -> Row {
        Row {
            name: self.entry.name.clone(),
            kind: self.entry.kind,
            bytes: self.presented.line_bytes(),
            issue_ns: self.issue.median(),
            issue_spread: self.issue.spread(),
            verify_ns: self.verify.median(),
            spread: self.verify.spread(),
            verify_per_second: self.throughput.median(),
            verify_per_second_spread: self.throughput.spread(),
            repeats,
            store_trips: self.trips,
            facts: self.entry.facts.clone(),
        }
    }
}

/// How often `run` makes a batch, which takes as long as a batch should. Finding that out also warms up.
async fn batch<F>(run: impl Fn(u32) -> F) -> Result<u32, CompareError>
where
    F: Future<Output = Result<Duration, CompareError>>,
{
    let mut times = 1;
    loop {
        let took = run(times).await?;
        if took >= ENOUGH_TO_TELL {
            return Ok(in_a_batch(took, times));
        }
        times *= 2;
    }
}

fn in_a_batch(took: Duration, times: u32) -> u32 {
    let batch = BATCH.as_secs_f64() / took.as_secs_f64() * f64::from(times);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a cast of a float saturates, and no time is negative"
    )]
    let batch = batch as u32;
    batch.max(1)
}

/// `tasks` tasks verify `times` times each, at once.
async fn on_all_cores(
    contender: &Arc<dyn Contend>,
    presented: &Presented,
    tasks: usize,
    times: u32,
) -> Result<Duration, CompareError> {
    let mut all = JoinSet::new();
    let stopwatch = Stopwatch::start();
    for _ in 0..tasks {
        let (contender, presented) = (Arc::clone(contender), presented.clone());
        all.spawn(async move { contender.verify(&presented, times).await });
    }
    for outcome in all.join_all().await {
        outcome?;
    }
    Ok(stopwatch.elapsed())
}

fn nanoseconds_each(took: Duration, times: u32) -> f64 {
    took.as_secs_f64() * 1e9 / f64::from(times.max(1))
}

/// A thousand times what a clock can tell apart, and short beside what a scheduler gives a thread.
const BATCH: Duration = Duration::from_millis(6);
const ENOUGH_TO_TELL: Duration = Duration::from_millis(2);
/// Starting threads is to cost little beside what they do.
const BATCHES_ON_ALL_CORES: u32 = 3;
