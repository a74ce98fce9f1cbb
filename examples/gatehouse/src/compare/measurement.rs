use std::{sync::Arc, time::Duration};

use portcullis::store::Timestamp;

/// The one measurement that there is: whether it runs, and what came of it last.
#[derive(Debug)]
pub(super) struct Measurement<T> {
    state: State,
    last: Option<Last<T>>,
}

#[derive(Debug)]
enum State {
    AtRest,
    Running(Steps),
    Failed(String),
}

/// What a measurement came to, and when.
#[derive(Debug)]
pub(super) struct Last<T> {
    pub(super) outcome: Arc<T>,
    pub(super) at: Timestamp,
}

/// How far it is.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Steps {
    pub(super) done: u64,
    pub(super) of: u64,
}

/// What becomes of a press of the button.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Press {
    /// A measurement begins.
    Begins,
    /// One runs already, and its outcome will be everybody's.
    Runs,
    /// The last one is too new for another.
    TooSoon(Duration),
}

/// All that a page shows of it.
#[derive(Debug)]
pub(super) struct View<T> {
    pub(super) running: Option<Steps>,
    /// Why the last one came to nothing.
    pub(super) failure: Option<String>,
    pub(super) last: Option<Last<T>>,
    /// How long no other one begins.
    pub(super) wait: Option<Duration>,
}

impl<T> Measurement<T> {
    /// Decides what a press at `now` does; where it is [`Press::Begins`], one runs from now on.
    pub(super) fn press(&mut self, now: Timestamp) -> Press {
        if matches!(self.state, State::Running(_)) {
            return Press::Runs;
        }
        if let Some(wait) = self.wait(now) {
            return Press::TooSoon(wait);
        }
        self.state = State::Running(Steps::default());
        Press::Begins
    }

    /// Notes how far the running one is.
    pub(super) fn advance(&mut self, steps: Steps) {
        self.state = State::Running(steps);
    }

    /// Notes what the running one came to. What was measured before stays where nothing new was.
    pub(super) fn end(&mut self, outcome: Result<T, String>, now: Timestamp) {
        self.state = match outcome {
            Ok(outcome) => {
                self.last = Some(Last { outcome: Arc::new(outcome), at: now });
                State::AtRest
            }
            Err(why) => State::Failed(why),
        };
    }

    pub(super) fn view(&self, now: Timestamp) -> View<T> {
        let (running, failure) = match &self.state {
            State::AtRest => (None, None),
            State::Running(steps) => (Some(steps.clone()), None),
            State::Failed(why) => (None, Some(why.clone())),
        };
        View { running, failure, last: self.last.clone(), wait: self.wait(now) }
    }

    /// How much of the rest after the last one is left. A clock that was set back must not stretch it.
    fn wait(&self, now: Timestamp) -> Option<Duration> {
        let last = self.last.as_ref()?;
        let wait = REST.checked_sub(now.since(last.at))?;
        (now >= last.at && !wait.is_zero()).then_some(wait)
    }
}

impl<T> Default for Measurement<T> {
    fn default() -> Self {
        Self { state: State::AtRest, last: None }
    }
}

impl<T> Clone for Last<T> {
    fn clone(&self) -> Self {
        Self { outcome: Arc::clone(&self.outcome), at: self.at }
    }
}

/// How long the machine is left alone after a measurement.
pub(super) const REST: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = Timestamp::from_unix_seconds(1_000);
    const SECOND: Duration = Duration::from_secs(1);

    /// One that ended at the start.
    fn ended() -> Measurement<&'static str> {
        let mut measurement = Measurement::default();
        assert_eq!(measurement.press(START), Press::Begins);
        measurement.end(Ok("first"), START);
        measurement
    }

    #[test]
    fn the_first_press_begins_one_and_no_other_does_while_it_runs() {
        let mut measurement = Measurement::<()>::default();
        assert_eq!(measurement.press(START), Press::Begins);
        assert_eq!(measurement.press(START), Press::Runs);
        let steps = Steps { done: 3, of: 10 };
        measurement.advance(steps.clone());
        assert_eq!(measurement.press(START + REST * 2), Press::Runs);
        assert_eq!(measurement.view(START).running, Some(steps));
    }

    #[test]
    fn after_one_the_machine_is_left_alone_for_a_minute() {
        let mut measurement = ended();
        assert_eq!(measurement.press(START), Press::TooSoon(REST));
        assert_eq!(measurement.press(START + SECOND), Press::TooSoon(REST - SECOND));
        assert_eq!(measurement.view(START + SECOND).wait, Some(REST - SECOND));
        assert_eq!(measurement.view(START + REST).wait, None);
        assert_eq!(measurement.press(START + REST), Press::Begins);
    }

    #[test]
    fn what_was_measured_stays_until_there_is_something_new() {
        let mut measurement = ended();
        let last =
            |measurement: &Measurement<&'static str>| measurement.view(START).last.map(|last| *last.outcome);
        measurement.press(START + REST);
        assert_eq!(last(&measurement), Some("first"));
        measurement.end(Err("no thread".to_owned()), START + REST);
        assert_eq!(last(&measurement), Some("first"));
        measurement.press(START + REST);
        measurement.end(Ok("second"), START + REST);
        assert_eq!(last(&measurement), Some("second"));
    }

    #[test]
    fn a_clock_that_was_set_back_does_not_stretch_the_minute() {
        assert_eq!(ended().press(START.before(SECOND)), Press::Begins);
    }

    #[test]
    fn a_failure_is_told_and_the_next_press_tries_again() {
        let mut measurement = Measurement::<()>::default();
        measurement.press(START);
        measurement.end(Err("no thread".to_owned()), START);
        assert_eq!(measurement.view(START).failure.as_deref(), Some("no thread"));
        assert_eq!(measurement.press(START), Press::Begins);
        assert_eq!(measurement.view(START).failure, None);
    }
}
