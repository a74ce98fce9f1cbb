use std::{
    future::{pending, poll_fn},
    task::Poll,
};

use fastrand::Rng;
use portcullis_core::StoreError;
use tokio::{sync::watch, time::sleep};

use super::{
    Fault, Operation, Trips,
    fault::{Mishap, Moment, error},
};

/// What will go wrong, and what was asked so far.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) trips: Trips,
    rules: Vec<Rule>,
    interleaving: Option<Interleaving>,
    cleared: watch::Sender<()>,
}

#[derive(Debug)]
pub(super) struct Rule {
    pub(super) operations: Vec<Operation>,
    pub(super) fault: Fault,
    pub(super) when: When,
}

#[derive(Debug)]
pub(super) enum When {
    UntilCleared,
    Next(usize),
    AtRandom { rng: Rng, probability: f64 },
}

#[derive(Debug)]
struct Interleaving {
    rng: Rng,
    most_yields: usize,
}

impl Script {
    pub(super) fn new() -> Self {
        Self {
            trips: Trips::default(),
            rules: Vec::new(),
            interleaving: None,
            cleared: watch::Sender::new(()),
        }
    }

    pub(super) fn add(&mut self, rule: Rule) {
        self.rules.push(rule);
    }

    pub(super) fn interleave(&mut self, seed: u64, most_yields: usize) {
        self.interleaving = Some(Interleaving { rng: Rng::with_seed(seed), most_yields });
    }

    pub(super) fn clear(&mut self) {
        self.rules.clear();
        self.interleaving = None;
        self.cleared.send_replace(());
    }

    /// Whether a load may not be answered at once, because something is to happen to it on the way.
    pub(super) fn concerns_loads(&self) -> bool {
        self.interleaving.is_some()
            || self.rules.iter().any(|rule| rule.operations.contains(&Operation::Load))
    }

    /// Decides the course of a call that is being made.
    pub(super) fn plan(&mut self, operation: Operation) -> Plan {
        self.trips.count(operation);
        let fault = self.rules.iter_mut().find_map(|rule| rule.draw(operation));
        self.rules.retain(|rule| !matches!(rule.when, When::Next(0)));
        let mut yields = || self.interleaving.as_mut().map_or(0, |mode| mode.rng.usize(0..=mode.most_yields));
        Plan { fault, yields_before: yields(), yields_after: yields(), cleared: self.cleared.subscribe() }
    }
}

impl Rule {
    fn draw(&mut self, operation: Operation) -> Option<Fault> {
        if !self.operations.contains(&operation) {
            return None;
        }
        let strikes = match &mut self.when {
            When::UntilCleared => true,
            When::Next(0) => false,
            When::Next(left) => {
                *left -= 1;
                true
            }
            When::AtRandom { rng, probability } => rng.f64() < *probability,
        };
        strikes.then_some(self.fault)
    }
}

/// The course of one call.
#[derive(Debug)]
pub(super) struct Plan {
    fault: Option<Fault>,
    yields_before: usize,
    yields_after: usize,
    /// Subscribed when the call is made, so that a clearing before it hangs is not missed.
    cleared: watch::Receiver<()>,
}

impl Plan {
    pub(super) async fn before(&mut self) -> Result<(), StoreError> {
        yield_times(self.yields_before).await;
        self.strike(Moment::Before).await
    }

    pub(super) async fn after(&mut self) -> Result<(), StoreError> {
        let struck = self.strike(Moment::After).await;
        yield_times(self.yields_after).await;
        struck
    }

    async fn strike(&mut self, moment: Moment) -> Result<(), StoreError> {
        match self.fault.filter(|fault| fault.moment == moment).map(|fault| fault.mishap) {
            None => {}
            Some(Mishap::Error(kind, effect)) => return Err(error(kind, effect)),
            Some(Mishap::Delay(delay)) => sleep(delay).await,
            Some(Mishap::Hang) => self.until_cleared().await,
        }
        Ok(())
    }

    async fn until_cleared(&mut self) {
        // An error says that nobody is left who could clear the fault.
        if self.cleared.changed().await.is_err() {
            pending::<()>().await;
        }
    }
}

/// Lets everything else that is ready go first, so many times.
async fn yield_times(times: usize) {
    for _ in 0..times {
        let mut yielded = false;
        poll_fn(|context| {
            if yielded {
                return Poll::Ready(());
            }
            yielded = true;
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
    }
}
