//! Linearizability: recorded concurrent histories, checked against the record they should have been.

mod recorder;
mod specification;

use portcullis_core::{Linearizability, RecordKey, Space};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester};

use self::{
    recorder::{Event, Place, Recorder},
    specification::{Held, Slot},
};
use super::{
    case::{Case, Verdict},
    contenders::at_once,
};

/// Threads load, create, replace, extend, remove and spare one record, somebody's or nobody's; some order of their calls,
/// each between its question and its answer, explains every answer, and what is there in the end.
///
/// Where the profile promises no more than best effort, every record that was seen must still be one that was written.
pub async fn concurrent_histories_are_linearizable(case: &Case) -> Verdict {
    let mut rng = case.rng();
    for round in 0..case.rounds() {
        let owner = rng.bool().then(|| case.owner());
        let key = owner.map_or(case.key(), |owner| RecordKey::owned(Space::Session, &owner, case.id()));
        let (place, recorder) = (Place { key, owner }, Recorder::default());
        let contenders = (0..THREADS).map(|thread| {
            recorder.clone().record(thread, case.store().clone(), place, case.now(), case.rng())
        });
        at_once(case.rng(), contenders).await;
        recorder.look(THREADS, case.store(), &key).await?;
        let events = recorder.in_order();
        if case.store().profile().linearizability == Linearizability::BestEffort {
            assert_nothing_made_up(&events);
        } else {
            assert_linearizable(round, &events);
        }
    }
    Ok(())
}

fn assert_linearizable(round: usize, events: &[(usize, Event)]) {
    let mut tester = LinearizabilityTester::new(Slot::default());
    for (thread, event) in events {
        let recorded = match event.clone() {
            Event::Asked(call) => tester.on_invoke(*thread, call).map(drop),
            Event::Answered(answer) => tester.on_return(*thread, answer).map(drop),
        };
        assert_eq!(recorded, Ok(()), "the recording is well formed");
    }
    assert!(tester.is_consistent(), "no order explains the history of round {round}: {events:#?}");
}

fn assert_nothing_made_up(events: &[(usize, Event)]) {
    let written: Vec<_> = events.iter().filter_map(|(_, event)| event.written()).collect();
    let is_written = |seen: &Held| written.contains(&seen.version) && written.contains(&seen.payload);
    let made_up: Vec<_> =
        events.iter().filter_map(|(_, event)| event.seen()).filter(|seen| !is_written(seen)).collect();
    assert_eq!(made_up, [], "records were seen that nobody wrote: {events:#?}");
}

const THREADS: usize = 3;
