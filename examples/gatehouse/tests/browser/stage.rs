use std::{rc::Rc, time::Duration};

use tokio::time;

use crate::{
    driver::{Driver, Profile},
    programs::Programs,
    server::Server,
    visit::Visit,
};

/// What a trial has before anybody visits: a server, and which hosts browsers find it at.
pub(crate) struct Stage {
    programs: Programs,
    origin: &'static str,
    hosts: Vec<(&'static str, String)>,
    server: Option<Rc<Server>>,
}

impl Stage {
    /// The program with `arguments`, at [`Visit::ORIGIN`].
    pub(crate) fn of_program(programs: Programs, arguments: &[&str]) -> Self {
        let server = Server::start(&[&["--tls", "--public-origin", Visit::ORIGIN], arguments].concat());
        let address = |url: &str| url.strip_prefix("https://").unwrap().to_owned();
        let attacker = server.attacker().into_iter();
        let mut hosts: Vec<_> = attacker
            .flat_map(|url| [Visit::OTHER_SITE, Visit::SAME_SITE].map(|host| (host, address(url))))
            .collect();
        // The first rule that fits counts.
        hosts.push(("*.test", address(&server.url)));
        Self { programs, origin: Visit::ORIGIN, hosts, server: Some(Rc::new(server)) }
    }

    /// A server that the trial has started itself, which all of `*.test` is at `address`; visits begin at `origin`.
    pub(crate) fn of_own(programs: Programs, origin: &'static str, address: String) -> Self {
        Self { programs, origin, hosts: vec![("*.test", address)], server: None }
    }

    /// Somebody with a new browser.
    pub(crate) async fn visit(&self) -> Visit {
        self.visit_with(Rc::new(Profile::new())).await
    }

    /// Somebody whose browser has been open before.
    pub(crate) async fn visit_with(&self, profile: Rc<Profile>) -> Visit {
        let mut driver = Driver::start(&self.programs, profile);
        let browser = driver.browser(&self.programs, &self.hosts).await;
        Visit::new(browser, driver, self.origin, self.server.clone())
    }
}

/// What takes longer has hung.
pub(crate) async fn in_time(scenario: impl Future<Output = ()>) {
    time::timeout(LONGEST_TRIAL, scenario).await.expect("the browser still has not done what it was told");
}

const LONGEST_TRIAL: Duration = Duration::from_secs(90);
