use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
};

use portcullis::store::{Clock, SystemClock};
use portcullis_compare::{Comparison, Settings, compare};
use tokio::runtime;
use tracing::{error, info};

use super::measurement::{Measurement, Press, Steps, View};

/// What was measured.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) comparison: Comparison,
    /// The same for people.
    pub(super) section: String,
}

/// Runs the one measurement of all who hold a clone.
#[derive(Clone, Debug)]
pub(crate) struct Measuring {
    clock: Arc<dyn Clock>,
    rounds: u16,
    measurement: Arc<Mutex<Measurement<Measured>>>,
}

impl Measuring {
    pub(crate) fn new() -> Self {
        Self { clock: Arc::new(SystemClock), rounds: ROUNDS, measurement: Arc::default() }
    }

    pub(crate) fn with_clock(self, clock: impl Clock) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }

    pub(crate) const fn with_rounds(mut self, rounds: u16) -> Self {
        self.rounds = rounds;
        self
    }

    pub(super) fn view(&self) -> View<Measured> {
        self.lock().view(self.clock.now())
    }

    pub(super) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// Begins a measurement, unless one runs or the last one is too new.
    pub(super) fn press(&self) -> Press {
        let settings = Settings::default().with_rounds(self.rounds);
        self.press_for(move |run| measure(&settings, run))
    }

    /// The thread is nobody's to wait for: a server that stops ends with it or before it.
    fn press_for(&self, measure: impl FnOnce(&Run) -> Result<Comparison, String> + Send + 'static) -> Press {
        let press = self.lock().press(self.clock.now());
        if press == Press::Begins {
            info!(rounds = self.rounds, "comparison began");
            let run = Run { measuring: self.clone(), outcome: Err(PANICKED.to_owned()) };
            let work = move || {
                let outcome = measure(&run).map(Measured::of);
                run.end(outcome);
            };
            // Where no thread is to be had, the work is dropped, and the run with it.
            if let Err(cause) = thread::Builder::new().name("compare".to_owned()).spawn(work) {
                error!(%cause, "there is no thread to compare on");
            }
        }
        press
    }

    /// A panic under the lock would be a defect here, and leaves a state as whole as before.
    fn lock(&self) -> MutexGuard<'_, Measurement<Measured>> {
        self.measurement.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Measured {
    fn of(comparison: Comparison) -> Self {
        Self { section: comparison.to_html_section(), comparison }
    }
}

/// The measurement that runs. It is over when this is dropped, whatever happened.
struct Run {
    measuring: Measuring,
    outcome: Result<Measured, String>,
}

impl Run {
    fn tell(&self, steps: Steps) {
        self.measuring.lock().advance(steps);
    }

    fn end(mut self, outcome: Result<Measured, String>) {
        self.outcome = outcome;
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let outcome = mem::replace(&mut self.outcome, Err(String::new()));
        match &outcome {
            Ok(_) => info!("comparison ended"),
            Err(why) => error!(why, "comparison failed"),
        }
        let now = self.measuring.clock.now();
        self.measuring.lock().end(outcome, now);
    }
}

/// Measures on a runtime of its own, so that no worker of the server's is kept from its requests.
fn measure(settings: &Settings, run: &Run) -> Result<Comparison, String> {
    let runtime = runtime::Builder::new_multi_thread()
        .enable_time()
        .build()
        .map_err(|error| format!("there is no thread to compare on: {error}"))?;
    let compared = runtime.block_on(compare(settings, |progress| {
        run.tell(Steps { done: progress.done, of: progress.of });
    }));
    compared.map_err(|error| error.to_string())
}

/// About five seconds where the compiler optimised; an odd number has a middle.
const ROUNDS: u16 = 9;
const PANICKED: &str = "it ended amid its work, which is a defect; the log may say more";

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, time::Duration};

    use portcullis_testkit::TestClock;

    use super::*;

    fn until_over(measuring: &Measuring) -> View<Measured> {
        for _ in 0..LONGEST_WAIT_MS {
            let view = measuring.view();
            if view.running.is_none() {
                return view;
            }
            thread::sleep(Duration::from_millis(1));
        }
        panic!("still running: {:?}", measuring.view());
    }

    #[test]
    fn clones_share_one_that_runs_and_its_outcome() {
        let clock = TestClock::new();
        let measuring = Measuring::new().with_clock(clock.clone()).with_rounds(1);
        let (go, wait) = mpsc::channel::<()>();
        let settings = Settings::default().with_rounds(1);
        let first = measuring.press_for(move |run| {
            run.tell(Steps { done: 1, of: 2 });
            wait.recv().unwrap();
            measure(&settings, run)
        });
        assert_eq!(first, Press::Begins);
        let other = measuring.clone();
        assert_eq!(other.press_for(|_| panic!("a second one began")), Press::Runs);
        go.send(()).unwrap();
        let view = until_over(&other);
        assert_eq!((view.failure, view.wait), (None, Some(Duration::from_secs(60))));
        assert!(view.last.unwrap().outcome.comparison.row("EdDSA").is_some());
        assert!(matches!(other.press(), Press::TooSoon(_)));
        clock.advance(Duration::from_secs(60));
        assert_eq!(other.press_for(|_| Err("no more".to_owned())), Press::Begins);
        assert_eq!(until_over(&measuring).failure.as_deref(), Some("no more"));
    }

    #[test]
    fn a_panic_is_a_failure_and_the_next_press_tries_again() {
        let measuring = Measuring::new();
        assert_eq!(measuring.press_for(|_| panic!("as the test wants it")), Press::Begins);
        assert_eq!(until_over(&measuring).failure.as_deref(), Some(PANICKED));
        assert_eq!(measuring.press_for(|_| Err("again".to_owned())), Press::Begins);
        assert_eq!(until_over(&measuring).failure.as_deref(), Some("again"));
    }

    const LONGEST_WAIT_MS: u32 = 60_000;
}
