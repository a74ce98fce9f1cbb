use std::any;

use libtest_mimic::Trial;
use tokio::runtime;

use crate::{
    programs::{Missing, Programs},
    stage::{Stage, in_time},
    visit::Visit,
};

/// The scenario as a trial under its own name, in a browser of its own.
pub(crate) fn trial<S>(programs: &Result<Programs, Missing>, scenario: S) -> Trial
where
    S: AsyncFnOnce(&Visit) + Send + 'static,
{
    trial_with(programs, &[], scenario)
}

/// The same with further `arguments` for the server.
pub(crate) fn trial_with<S>(
    programs: &Result<Programs, Missing>,
    arguments: &'static [&'static str],
    scenario: S,
) -> Trial
where
    S: AsyncFnOnce(&Visit) + Send + 'static,
{
    named::<S>(programs, async move |programs: Programs| {
        let visit = Stage::of_program(programs, arguments).visit().await;
        scenario(&visit).await;
    })
}

/// The scenario with as many browsers as it likes.
pub(crate) fn trial_of_several<S>(programs: &Result<Programs, Missing>, scenario: S) -> Trial
where
    S: AsyncFnOnce(&Stage) + Send + 'static,
{
    named::<S>(programs, async move |programs: Programs| {
        scenario(&Stage::of_program(programs, &[])).await;
    })
}

/// The scenario with a server of its own.
pub(crate) fn trial_of_own<S>(programs: &Result<Programs, Missing>, scenario: S) -> Trial
where
    S: AsyncFnOnce(Programs) + Send + 'static,
{
    named::<S>(programs, scenario)
}

/// A trial under the name of the scenario `S`.
fn named<S>(programs: &Result<Programs, Missing>, run: impl AsyncFnOnce(Programs) + Send + 'static) -> Trial {
    let path = any::type_name::<S>();
    let name = path.split_once("::").map_or(path, |(_, name)| name);
    let programs = programs.clone();
    let ignored = programs.is_err();
    Trial::test(name, move || {
        let programs = programs.map_err(|missing| missing.to_string())?;
        let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(in_time(run(programs)));
        Ok(())
    })
    .with_ignored_flag(ignored)
}
