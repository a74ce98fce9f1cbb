//! What one Redis server is asked by each kind of request, as it counts that itself: what a script calls is counted beside the script.

use std::{collections::BTreeMap, panic::Location, time::Duration};

use libtest_mimic::Failed;
use portcullis::{
    identity::Principal,
    session::{Session, SessionError},
};
use portcullis_testkit::{
    TestClock,
    servers::{RedisNode, ServerTrial, on_a_runtime},
};
use support::{Jar, Site};

use crate::open_redis;

pub(crate) const TRIALS: [(&str, ServerTrial); 4] = trials![
    ServerTrial:
    s23_anonymous_and_untouched_requests_ask_redis_nothing,
    s50_reads_and_writes_ask_redis_as_often_as_promised,
    logins_and_logouts_ask_redis_as_often_as_promised,
    a_thousand_reads_ask_redis_a_thousand_times_and_nothing_else,
];

fn s23_anonymous_and_untouched_requests_ask_redis_nothing() -> Result<(), Failed> {
    counted(async |counted| {
        let jar = counted.site.begun().await;
        counted.asks(&Jar::new(), async |_| Ok(()), &[]).await;
        counted.asks(&Jar::new(), read, &[]).await;
        counted.asks(&Jar::with("__Host-Http-sid=AAAA"), read, &[]).await;
        counted.asks(&jar, async |_| Ok(()), &[]).await;
    })
}

fn s50_reads_and_writes_ask_redis_as_often_as_promised() -> Result<(), Failed> {
    counted(async |counted| {
        let begin = async |session: Session| session.insert("a", 1);
        let write = async |session: Session| session.insert("a", 2);
        let update = async |session: Session| session.update("a", |_: Option<u32>| 3).await.map(drop);
        // A write is a look and a script, which looks again before it sets.
        let written = [("evalsha", 1), ("get", 2), ("set", 1)];
        // A touch writes no data.
        let touched = [("evalsha", 1), ("get", 1), ("getrange", 1), ("pexpire", 1), ("setrange", 1)];

        let jar = Jar::new();
        counted.asks(&jar, begin, &[("set", 1)]).await;
        counted.asks(&jar, read, &[("get", 1)]).await;
        counted.asks(&jar, write, &written).await;
        counted.asks(&jar, write, &[("get", 1)]).await;
        counted.asks(&jar, update, &written).await;
        counted.site.clock.advance(Duration::from_secs(600));
        counted.asks(&jar, read, &touched).await;
        counted.asks(&jar, read, &[("get", 1)]).await;
    })
}

fn logins_and_logouts_ask_redis_as_often_as_promised() -> Result<(), Failed> {
    counted(async |counted| {
        // A process trims the index at its first login, and at each sixteenth from then on.
        let other = counted.site.logged_in().await;
        let log_in = async |session: Session| session.log_in(Principal::local("ada")).await;
        let renew = async |session: Session| session.renew().await;
        let log_out = async |session: Session| session.log_out().await;
        let everywhere = async |session: Session| session.log_out_everywhere().await;

        let jar = Jar::new();
        // A script looks whether the record is there, asks for the epoch, sets the record and lists it.
        counted.asks(&jar, log_in, &[("evalsha", 1), ("get", 1), ("hget", 1), ("set", 1), ("zadd", 1)]).await;
        // What was left behind says where it went.
        let moved = [("evalsha", 2), ("get", 3), ("hget", 1), ("set", 2), ("zadd", 1)];
        counted.asks(&jar, renew, &moved).await;
        let removed = [("del", 1), ("evalsha", 1), ("get", 2), ("zrem", 1)];
        counted.asks(&jar, log_out, &removed).await;
        // The look, the index, and one script for both spaces: it ends this session, and what was left of the other.
        let ended = [
            ("del", 2),
            ("evalsha", 1),
            ("get", 1),
            ("getrange", 2),
            ("hincrby", 2),
            ("hset", 2),
            ("zrange", 1),
            ("zrangebylex", 2),
            ("zrem", 2),
        ];
        counted.asks(&other, everywhere, &ended).await;
    })
}

fn a_thousand_reads_ask_redis_a_thousand_times_and_nothing_else() -> Result<(), Failed> {
    counted(async |counted| {
        let jars = [counted.site.begun().await, counted.site.logged_in().await];
        counted.node.command(&["CONFIG", "RESETSTAT"]).expect("a server");
        for _ in 0..500 {
            for jar in &jars {
                assert_eq!(counted.site.read(jar, "a").await, Some(1));
            }
        }
        assert_eq!(counted.calls(), BTreeMap::from([("get".to_owned(), 1_000)]));
    })
}

async fn read(session: Session) -> Result<(), SessionError> {
    session.get::<u32>("a").await.map(drop)
}

/// A site over a server of its own, which nobody else asks anything.
struct Counted {
    node: RedisNode,
    site: Site,
}

fn counted(trial: impl AsyncFnOnce(&Counted)) -> Result<(), Failed> {
    on_a_runtime(async {
        let node = RedisNode::start(&[])?;
        let clock = TestClock::new();
        let store = open_redis(&node.url(), clock.clone()).await?;
        trial(&Counted { node, site: Site::over(store, clock) }).await;
        Ok(())
    })
}

impl Counted {
    #[track_caller]
    fn asks(
        &self,
        jar: &Jar,
        handler: impl AsyncFnOnce(Session) -> Result<(), SessionError>,
        expected: &[(&str, u64)],
    ) -> impl Future<Output = ()> {
        let caller = Location::caller();
        async move {
            self.node.command(&["CONFIG", "RESETSTAT"]).expect("a server");
            self.site.visit(jar, handler).await.said();
            let expected = expected.iter().map(|(command, calls)| ((*command).to_owned(), *calls)).collect();
            assert_eq!(self.calls(), expected, "at {caller}");
        }
    }

    /// How often each command was called, but for those that look after the connection and those of this count.
    fn calls(&self) -> BTreeMap<String, u64> {
        let said = self.node.command(&["INFO", "commandstats"]).expect("a server");
        let lines = said.lines().filter_map(|line| line.strip_prefix("cmdstat_")?.split_once(":calls="));
        let calls = lines.map(|(command, rest)| {
            let calls = rest.split(',').next().and_then(|calls| calls.parse().ok());
            (command.to_owned(), calls.expect("a number"))
        });
        calls
            .filter(|(command, _)| !matches!(command.as_str(), "config|resetstat" | "info" | "ping"))
            .collect()
    }
}
