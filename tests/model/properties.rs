//! What holds in every state, and what must be reached in some.

use std::collections::BTreeSet;

use stateright::Property;

use crate::{
    programs::{Outcome, Program, Refused},
    store::{Id, Owner},
    world::{Progress, Scenario, World},
};

pub const ENDED_STAYS_ENDED: &str =
    "what was acknowledged as ended is never live under an id that a client knows";
pub const SWEPT: &str =
    "once everything of an owner was ended no older session has a live record, known or not";
pub const ONE_ID: &str = "a session is live under at most one id that a client knows";
pub const NO_LOST_WRITE: &str = "a live session holds every acknowledged write";
pub const TOLD_ALIVE: &str = "a client is never told a dead id unless somebody ended the session";
pub const LIVES_ON: &str = "a session that nobody ended is live under an id that a client knows";
pub const NO_ORPHAN: &str = "without an outage no record is left that no client knows";
pub const LIMIT: &str = "once all logins are done there are at most so many sessions";

pub const NO_MORE_THAN_MUST: &str = "a limit leaves a session in as many browsers as it allows";

/// What is so in some states.
pub type Fact = (&'static str, fn(&Scenario, &World) -> bool);

pub const ALL_SUCCEED: Fact =
    ("all succeed", |_, world: &World| world.is_quiet() && outcomes(world).all(Result::is_ok));
pub const ONE_IS_GONE: Fact = ("somebody is told that the session is gone", |_, world: &World| {
    outcomes(world).any(|outcome| *outcome == Err(Refused::Gone))
});
pub const ONE_IS_FENCED: Fact = ("somebody is stopped by the fence", |_, world: &World| {
    outcomes(world).any(|outcome| *outcome == Err(Refused::Fenced))
});
pub const ONE_IS_REFUSED: Fact = ("a login is refused", |_, world: &World| refused(world));
pub const A_WRITE_FOLLOWS: Fact = ("a write goes on under the new id", |_, world: &World| {
    outcomes(world).any(|outcome| outcome.as_ref().is_ok_and(|done| done.followed))
});
/// A renewal, acknowledged without an id: another one hands it over.
pub const RENEWED_ELSEWHERE: Fact =
    ("a renewal finds the session renewed", |scenario: &Scenario, world: &World| {
        let programs = scenario.requests.iter().map(|(_, program)| *program);
        programs.zip(&world.requests).any(|(program, progress)| {
            let Progress::Over(Ok(done)) = progress else { return false };
            program == Program::Renew && done.told.is_none()
        })
    });
pub const NOBODY_IS_LEFT: Fact = ("nobody is logged in at the end", |_, world: &World| {
    world.is_quiet() && !live(world).any(|(_, _, owner)| owner == Owner::Ada)
});
pub const SOMEBODY_IS_LEFT: Fact = ("somebody is logged in at the end", |_, world: &World| {
    world.is_quiet() && live(world).any(|(_, _, owner)| owner == Owner::Ada)
});
/// The login is the first request.
pub const LOGIN_STAYS: Fact = ("nobody ends what the first request logged in to", |_, world: &World| {
    world.told.ending.iter().all(|handle| handle.by != 1)
});

/// The caller is the first request.
pub const CALLER_STAYS: Fact = ("nobody ends the session of the first request", |scenario, world| {
    scenario.requests.first().is_some_and(|(browser, _)| !world.told.ending.contains(&browser.first_id()))
});
pub const LAST_STAYS: Fact = ("nobody ends the session of the last request", |scenario, world| {
    scenario.requests.last().is_some_and(|(browser, _)| !world.told.ending.contains(&browser.first_id()))
});
pub const ONLY_THE_CALLER_IS_LEFT: Fact =
    ("only the session of the first request is left", |scenario, world| {
        let caller = scenario.requests.iter().take(1).map(|(browser, _)| browser.first_id());
        world.is_quiet() && live(world).map(|(_, handle, _)| handle).eq(caller)
    });
pub const A_LOGIN_STAYS: Fact = ("a session that began in a request stays", |_, world: &World| {
    world.is_quiet() && known(world).any(|(_, handle)| handle.by > 0)
});
/// Whoever else was there before is gone, and each of those who log each other out may have been the last to be.
pub const AT_MOST_ONE_IS_LEFT: Fact =
    ("of the sessions from before at most one is left", |_, world: &World| {
        let outage = outcomes(world).any(|outcome| *outcome == Err(Refused::Outage));
        let before = known(world).filter(|(_, handle)| handle.by == 0);
        !world.is_quiet() || outage || before.count() <= 1
    });

pub fn of(scenario: &Scenario) -> Vec<Property<Scenario>> {
    let mut properties = vec![
        Property::always(ENDED_STAYS_ENDED, |_, world: &World| {
            known(world).all(|(_, handle)| !world.told.ended.contains(&handle))
        }),
        Property::always(SWEPT, |_, world: &World| {
            live(world).all(|(_, handle, _)| !world.told.swept.contains(&handle))
        }),
        Property::always(ONE_ID, |_, world: &World| {
            let mut handles = BTreeSet::new();
            known(world).all(|(_, handle)| handles.insert(handle))
        }),
        Property::always(NO_LOST_WRITE, |_, world: &World| {
            world
                .store
                .live()
                .filter(|(record, _)| world.told.ids.contains(&record.id))
                .all(|(_, session)| world.told.written(session.handle).all(|key| session.data.has(key)))
        }),
        Property::always(TOLD_ALIVE, |_, world: &World| world.told.told_dead.is_empty()),
    ];
    if scenario.losses == 0 {
        properties.push(Property::always(LIVES_ON, |_, world: &World| {
            let live: BTreeSet<Id> = known(world).map(|(_, handle)| handle).collect();
            let ought = world.told.all_handles();
            !world.is_quiet() || ought.difference(&world.told.ending).all(|handle| live.contains(handle))
        }));
        properties.push(Property::always(NO_ORPHAN, |_, world: &World| {
            !world.is_quiet() || live(world).all(|(id, _, _)| world.told.ids.contains(&id))
        }));
    }
    if scenario.at_most.is_some() {
        properties.push(Property::always(LIMIT, |scenario: &Scenario, world: &World| {
            let at_most = scenario.at_most.unwrap_or(usize::MAX);
            !world.is_quiet() || known(world).count() <= at_most
        }));
        properties.push(Property::always(NO_MORE_THAN_MUST, |scenario: &Scenario, world: &World| {
            let at_most = scenario.at_most.unwrap_or(usize::MAX);
            let refused = outcomes(world).filter(|outcome| **outcome == Err(Refused::TooMany));
            let ought = at_most.min(scenario.browsers().saturating_sub(refused.count()));
            let others_end_too = scenario.requests.iter().any(|(_, program)| program.only_ends());
            !world.is_quiet() || others_end_too || scenario.losses > 0 || known(world).count() >= ought
        }));
    }
    properties.extend(scenario.keeps.iter().map(|(name, condition)| Property::always(name, *condition)));
    properties.extend(scenario.reaches.iter().map(|(name, condition)| Property::sometimes(name, *condition)));
    properties
}

fn live(world: &World) -> impl Iterator<Item = (Id, Id, Owner)> {
    world.store.live().map(|(record, session)| (record.id, session.handle, record.owner))
}

/// What is live under an id that a client was told of, and its handle.
fn known(world: &World) -> impl Iterator<Item = (Id, Id)> {
    live(world).filter(|(id, _, _)| world.told.ids.contains(id)).map(|(id, handle, _)| (id, handle))
}

fn refused(world: &World) -> bool {
    outcomes(world).any(|outcome| *outcome == Err(Refused::TooMany))
}

fn outcomes(world: &World) -> impl Iterator<Item = &Outcome> {
    world.requests.iter().filter_map(|request| match request {
        Progress::Over(outcome) => Some(outcome),
        Progress::NotBegun | Progress::Running(..) => None,
    })
}
