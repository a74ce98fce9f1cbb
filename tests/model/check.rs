//! Searches all states of a scenario.

use stateright::{Checker, HasDiscoveries, Model, Path};

use crate::world::{Scenario, Step, World};

/// Every property holds, and all that is to be reached is.
pub fn holds(scenario: Scenario) {
    if let Err(why) = search(scenario) {
        panic!("{why}");
    }
}

/// What is wrong with a scenario, if anything is, with the shortest way there.
pub fn search(scenario: Scenario) -> Result<(), String> {
    let checker = scenario.clone().checker().spawn_bfs().join();
    println!("{:7} states, depth {:2}: {scenario:?}", checker.unique_state_count(), checker.max_depth());
    for property in scenario.properties() {
        let found = checker.discovery(property.name);
        match (property.expectation.discovery_is_failure(), found) {
            (true, Some(path)) => return Err(told(&scenario, property.name, path)),
            (false, None) => return Err(format!("never: {}\n{scenario:?}", property.name)),
            _ => {}
        }
    }
    Ok(())
}

/// The model says no, and it is this property that does not hold.
pub fn breaks(scenario: Scenario, property: &str) {
    let checker = scenario.clone().checker().finish_when(HasDiscoveries::AnyFailures).spawn_bfs().join();
    let found = checker.discoveries();
    let path = found.get(property).unwrap_or_else(|| panic!("{:?}: {scenario:?}", found.keys()));
    println!("{}", told(&scenario, property, path.clone()));
}

/// Whether there is time for all of it.
#[expect(clippy::disallowed_methods, reason = "a test program has no `main` of its own to read it in")]
pub fn long() -> bool {
    std::env::var("PORTCULLIS_LONG").is_ok_and(|value| value == "1")
}

fn told(scenario: &Scenario, property: &str, path: Path<World, Step>) -> String {
    let steps = path.into_vec().into_iter().filter_map(|(world, step)| scenario.format_step(&world, step?));
    let steps: Vec<String> = steps.enumerate().map(|(at, step)| format!("{:3}. {step}", at + 1)).collect();
    format!("not so: {property}\n{scenario:?}\n{}", steps.join("\n"))
}
