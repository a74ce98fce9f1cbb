//! Linearizability: recorded concurrent histories, checked against the record they should have been.

mod recorder;
mod specification;

use portcullis_core::{Linearizability, Record};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester};

use self::{
    recorder::{Event, Recorder},
    specification::Slot,
};
use super::{
    case::{Case, Verdict},
    contenders::at_once,
};

/// Threads load, create, replace, extend and remove one record; some order of their calls, each between its question and
/// its answer, explains every answer.
///
/// Where the profile promises no more than best effort, every record that was seen must still be one that was written.
pub async fn concurrent_histories_are_linearizable(case: &Case) -> Verdict {
    for round in 0..case.rounds() {
        let (key, recorder) = (case.key(), Recorder::default());
        let contenders = (0..THREADS)
            .map(|thread| recorder.clone().record(thread, case.store().clone(), key, case.now(), case.rng()));
        at_once(case.rng(), contenders).await;
        let events = recorder.in_order();
        if case.store().profile().linearizability == Linearizability::BestEffort {
            assert_nothing_made_up(&events);
        } else {
            assert_linearizable(round, &events);
        }
        // What is there in the end is wholly one write.
        if let Some(Record { key: named, payload, version, .. }) = case.load(&key).await? {
            assert_eq!((named, &payload[..]), (key, &version.bits().to_be_bytes()[..]));
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
    let made_up: Vec<_> =
        events.iter().filter_map(|(_, event)| event.seen()).filter(|seen| !written.contains(seen)).collect();
    assert_eq!(made_up, [], "records were seen that nobody wrote: {events:#?}");
}

const THREADS: usize = 3;
