use crate::{
    command_line::CommandLine,
    host::Supply,
    need::{self, NEEDS, Need, Remedy},
    summary::Outcome,
};

/// Installs what the tests need where that is possible, else says what is missing. Never a failure by itself: the
/// tests that need a missing program are ignored, or fail by its name.
pub(crate) fn run() -> Outcome {
    let missing = missing();
    if missing.is_empty() {
        return all_there();
    }
    let supply = Supply::here();
    match need::remedy(&missing, supply) {
        Remedy::Nothing => all_there(),
        Remedy::Tell(advice) => {
            eprintln!("xtask: {advice}");
            Outcome::Incomplete(format!("missing: {}", need::names(&missing)))
        }
        Remedy::Install(packages) => install(&packages, supply),
    }
}

fn install(packages: &[&'static str], supply: Supply) -> Outcome {
    let apt_get =
        || CommandLine::new("env", &["DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet", "--yes"]);
    let update = apt_get().and(["update"]);
    let install = apt_get().and(["install", "--no-install-recommends"]).and(packages);
    // A stale list may still hold the packages, so a failed update does not end the attempt; what counts is whether
    // the programs work afterwards.
    for step in [update, install] {
        if let Outcome::Failed(why) = step.run() {
            eprintln!("xtask: {why}");
        }
    }
    let missing = missing();
    if missing.is_empty() {
        return Outcome::Done(format!("installed {}", packages.join(", ")));
    }
    eprintln!("xtask: {}", need::advice(&missing, supply));
    Outcome::Incomplete(format!("missing: {}", need::names(&missing)))
}

fn missing() -> Vec<&'static Need> {
    need::missing(&NEEDS, |program, trial| CommandLine::new(program, trial.arguments).succeeds())
}

fn all_there() -> Outcome {
    Outcome::Done(need::names(&NEEDS.iter().collect::<Vec<_>>()))
}
