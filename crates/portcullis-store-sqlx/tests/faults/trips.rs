use std::{fmt::Debug, time::Duration};

use portcullis_core::{
    CreateOutcome, ExtendOutcome, Freshness, Page, RemoveOutcome, ReplaceOutcome, Space, Version,
};
use portcullis_testkit::{
    Proxy,
    servers::{SqlEngine, SqlServer, on_a_runtime},
};

use super::support::{Verdict, any_owner, connect_with, draft, key_of};

/// The ceilings are those of the reference; where MySQL does not say what an `UPDATE` met, it is asked once more.
pub(crate) fn each_call_makes_no_more_trips_than_promised(engine: SqlEngine) -> Verdict {
    on_a_runtime(async {
        let server = SqlServer::start(engine, &[])?;
        let proxy = Proxy::start(server.address()).await?;
        let url = server.url_by(proxy.address());
        let store = connect_with(&url, |settings| settings.with_connections(1)).await?;
        let conflict = if engine == SqlEngine::Postgres { 1 } else { 2 };
        let (mut asked, connections) = (Vec::new(), proxy.connections());
        // The first time each statement is made known to the connection.
        for _ in 0..2 {
            asked.clear();
            let owner = any_owner();
            let (key, first, second) = (key_of(&owner), draft("1").owned_by(owner), draft("2"));
            let (made, changed) = (first.version, second.version);
            let later = second.expires_at + Duration::from_secs(60);
            macro_rules! count {
                ($what:literal, $call:expr, $is_right:expr) => {{
                    let before = proxy.trips();
                    let answer = $call.await?;
                    asked.push(($what, proxy.trips() - before));
                    assert_right($what, &answer, $is_right);
                }};
            }
            count!("create", store.create(&key, first.clone()), |made| *made == CreateOutcome::Created);
            count!("create, there", store.create(&key, first), |made| *made == CreateOutcome::Exists);
            count!("load", store.load(&key, Freshness::Strong), Option::is_some);
            count!("replace", store.replace(&key, made, second), |done| *done == ReplaceOutcome::Replaced);
            count!("replace, changed", store.replace(&key, made, draft("3")), |done| matches!(
                done,
                ReplaceOutcome::Conflict(_)
            ));
            count!("extend", store.extend(&key, later), |done| *done == ExtendOutcome::Extended);
            count!("extend, not needed", store.extend(&key, later), |done| *done == ExtendOutcome::NotNeeded);
            count!("list", store.list(&owner, Space::Session, Page::first(9)), |list| list.records.len()
                == 1);
            count!("remove, changed", store.remove(&key, Some(Version::unique())), |done| matches!(
                done,
                RemoveOutcome::Conflict(_)
            ));
            count!("remove", store.remove(&key, Some(changed)), |done| matches!(
                done,
                RemoveOutcome::Removed(_)
            ));
            count!("remove_all", store.remove_all(&owner, &[Space::Session, Space::Grant]), |done| done
                .epochs
                .len()
                == 2);
            count!("load, absent", store.load(&key, Freshness::Strong), Option::is_none);
        }
        let expected = [
            ("create", 1),
            ("create, there", conflict),
            ("load", 1),
            ("replace", 1),
            ("replace, changed", conflict),
            ("extend", 1),
            ("extend, not needed", 1),
            ("list", 1),
            ("remove, changed", 1),
            ("remove", 1),
            ("remove_all", 1),
            ("load, absent", 1),
        ];
        assert_eq!(asked, expected);
        assert_eq!(proxy.connections(), connections, "and all by one connection");
        Ok(())
    })
}

fn assert_right<T: Debug>(what: &str, answer: &T, is_right: impl Fn(&T) -> bool) {
    assert!(is_right(answer), "{what}: {answer:?}");
}
