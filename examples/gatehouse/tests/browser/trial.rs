use std::any;

use libtest_mimic::Trial;
use tokio::{runtime, time};

use crate::{
    driver::Driver,
    programs::{Missing, Programs},
    server::Server,
    visit::{LONGEST_TRIAL, Visit},
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
    let path = any::type_name::<S>();
    let name = path.split_once("::").map_or(path, |(_, name)| name);
    let programs = programs.clone();
    let ignored = programs.is_err();
    Trial::test(name, move || {
        let programs = programs.map_err(|missing| missing.to_string())?;
        run(&programs, arguments, scenario);
        Ok(())
    })
    .with_ignored_flag(ignored)
}

fn run(programs: &Programs, arguments: &[&str], scenario: impl AsyncFnOnce(&Visit)) {
    let server = Server::start(&[&["--tls", "--public-origin", Visit::ORIGIN], arguments].concat());
    let address = |url: &str| url.strip_prefix("https://").unwrap().to_owned();
    let attacker = server.attacker().into_iter();
    let mut hosts: Vec<_> = attacker
        .flat_map(|url| [Visit::OTHER_SITE, Visit::SAME_SITE].map(|host| (host, address(url))))
        .collect();
    // The first rule that fits counts.
    hosts.push(("*.test", address(&server.url)));
    let mut driver = Driver::start(programs);
    let runtime = runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let whole = async {
            let browser = driver.browser(programs, &hosts).await;
            let visit = Visit::new(browser, driver, server);
            scenario(&visit).await;
        };
        time::timeout(LONGEST_TRIAL, whole).await.expect("the browser still has not done what it was told");
    });
}
