//! Recorded histories: threads use one session at once, and `stateright` looks for an order of one after the other that explains
//! every answer. There must be one; a lost update, a revived session or a torn write has none.

use std::{
    collections::BTreeMap,
    sync::{Arc, Barrier, Mutex},
    thread,
};

use fastrand::Rng;
use portcullis::{
    identity::Principal,
    session::{Session, SessionErrorKind},
};
use stateright::semantics::{ConsistencyTester, LinearizabilityTester, SequentialSpec};
use support::{Jar, Site};

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Request {
    Get(u8),
    Insert(u8, u64),
    Add(u8),
    LogOut,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Reply {
    Done,
    Value(Option<u64>),
    /// The session is not there, or was ended meanwhile.
    Ended,
}

/// One session as a user thinks of it.
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
struct OneSession {
    ended: bool,
    data: BTreeMap<u8, u64>,
}

impl SequentialSpec for OneSession {
    type Op = Request;
    type Ret = Reply;

    fn invoke(&mut self, request: &Request) -> Reply {
        if self.ended {
            return if *request == Request::LogOut { Reply::Done } else { Reply::Ended };
        }
        match *request {
            Request::Get(key) => Reply::Value(self.data.get(&key).copied()),
            Request::Insert(key, value) => {
                self.data.insert(key, value);
                Reply::Done
            }
            Request::Add(key) => {
                let value = self.data.entry(key).or_default();
                *value += 1;
                Reply::Value(Some(*value))
            }
            Request::LogOut => {
                self.ended = true;
                Reply::Done
            }
        }
    }
}

#[test]
fn s48_s49_every_recorded_history_of_a_session_is_linearizable() {
    let seed = Rng::new().u64(..);
    println!("seed {seed}");
    let mut dice = Rng::with_seed(seed);
    for round in 0..ROUNDS {
        let history = record(&mut dice);
        assert!(history.is_consistent(), "seed {seed}, round {round}: {history:?}");
    }
}

/// The tester must be able to say no, or the test above says nothing.
#[test]
fn a_lost_update_and_a_revived_session_are_not_linearizable() {
    let lost = told(&[(Request::Add(0), Reply::Value(Some(1))), (Request::Add(0), Reply::Value(Some(1)))]);
    let revived = told(&[(Request::LogOut, Reply::Done), (Request::Get(0), Reply::Value(None))]);
    assert!(!lost.is_consistent() && !revived.is_consistent());
}

type History = LinearizabilityTester<usize, OneSession>;

fn told(steps: &[(Request, Reply)]) -> History {
    let mut history = History::new(OneSession::default());
    for (request, reply) in steps {
        history.on_invret(0, *request, *reply).expect("one after the other");
    }
    history
}

fn record(dice: &mut Rng) -> History {
    let site = Site::new();
    let jar = Jar::new();
    blocking(async {
        site.visit(&jar, async |session: Session| session.log_in(Principal::local("ada")).await).await.said();
    });
    let history = Arc::new(Mutex::new(History::new(OneSession::default())));
    let start = Barrier::new(THREADS);
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (site, history, start) = (site.clone(), Arc::clone(&history), &start);
            let (cookie, mut dice) = (jar.clone(), dice.fork());
            scope.spawn(move || {
                start.wait();
                for at in 0..REQUESTS {
                    let request = draw(&mut dice, thread, at);
                    history.lock().unwrap().on_invoke(thread, request).expect("one at a time");
                    let reply = blocking(send(&site, &cookie, request));
                    history.lock().unwrap().on_return(thread, reply).expect("asked before");
                }
            });
        }
    });
    Arc::into_inner(history).expect("all threads are done").into_inner().unwrap()
}

fn draw(dice: &mut Rng, thread: usize, at: usize) -> Request {
    let key = dice.u8(..2);
    match dice.u8(..20) {
        0 if at > 1 => Request::LogOut,
        0..=5 => Request::Get(key),
        6..=10 => Request::Insert(key, 1_000 * thread as u64 + 100 * at as u64),
        _ => Request::Add(key),
    }
}

/// A request of a browser that still has the cookie, whatever it was told since.
async fn send(site: &Site, cookie: &Jar, request: Request) -> Reply {
    let jar = cookie.clone();
    match request {
        Request::Get(key) => {
            let read = async |session: Session| {
                Ok((session.principal().await?.is_some(), session.get(&name(key)).await?))
            };
            let (alive, value) = site.visit(&jar, read).await.said();
            if alive { Reply::Value(value) } else { Reply::Ended }
        }
        Request::Insert(key, value) => {
            let visit = site.visit(&jar, async |session: Session| session.insert(&name(key), value)).await;
            // Begun after the end, the change began a session of its own.
            if visit.status() == 409 || !visit.cookies().is_empty() { Reply::Ended } else { Reply::Done }
        }
        Request::Add(key) => {
            let add = async |session: Session| {
                session.update(&name(key), |value: Option<u64>| value.unwrap_or(0) + 1).await
            };
            let visit = site.visit(&jar, add).await;
            match (&visit.answer, visit.cookies().is_empty()) {
                (Some(Ok(value)), true) => Reply::Value(Some(*value)),
                (Some(Ok(_)), false) | (Some(Err(SessionErrorKind::Gone)), _) => Reply::Ended,
                other => panic!("{other:?}"),
            }
        }
        Request::LogOut => {
            site.visit(&jar, async |session: Session| session.log_out().await).await.said();
            Reply::Done
        }
    }
}

fn name(key: u8) -> String {
    format!("key{key}")
}

fn blocking<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime").block_on(future)
}

const ROUNDS: usize = 200;
const THREADS: usize = 4;
const REQUESTS: usize = 5;
