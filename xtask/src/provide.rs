use std::{
    fs,
    process::{Command, Stdio},
};

use crate::{
    command_line::CommandLine,
    host::Supply,
    need::{self, NEEDS, Need, Remedy, Trial},
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
    need::missing(&NEEDS, |program, trial| {
        CommandLine::new(program, trial.arguments).succeeds() || starts_apart(program, trial)
    })
}

/// Debian keeps what only administrators start off the `PATH`, PostgreSQL's server in a folder for each version.
fn starts_apart(program: &str, trial: &Trial) -> bool {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().filter_map(Result::ok);
    let folders = versions.map(|version| version.path().join("bin")).chain(["/usr/sbin".into()]);
    folders.map(|folder| folder.join(program)).any(|path| {
        let quiet =
            Command::new(path).args(trial.arguments).stdout(Stdio::null()).stderr(Stdio::null()).status();
        quiet.is_ok_and(|status| status.success())
    })
}

fn all_there() -> Outcome {
    Outcome::Done(need::names(&NEEDS.iter().collect::<Vec<_>>()))
}
