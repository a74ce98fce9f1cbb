//! The program's service over a real socket, called by a stock client that keeps its cookie itself.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[expect(
    dead_code,
    reason = "the program's own file: its `main` is not used, but its service over another store"
)]
#[path = "../src/main.rs"]
mod program;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use portcullis::{
    identity::Principal,
    session::SessionLayer,
    store::{MemoryStore, SharedStore},
};
use portcullis_core::StoreErrorKind;
use portcullis_testkit::{Fault, FaultyStore, Operation};
use program::visits::{visits_client::VisitsClient, *};
use tokio::{net::TcpListener, time::timeout};
use tonic::{
    Code, Streaming,
    body::Body,
    codegen::http::{
        HeaderMap, Request, Response,
        header::{COOKIE, SET_COOKIE},
    },
    transport::{Channel, Endpoint, Error},
};
use tower::{ServiceBuilder, util::BoxCloneService};

#[tokio::test]
async fn a_login_keeps_what_was_counted_before_it() {
    let mut caller = Caller::of(MemoryStore::new()).await;
    assert_eq!(caller.count().await, Ok(1));
    let anonymous = caller.jar.cookie();
    assert!(anonymous.is_some(), "the first count began a session");
    assert_eq!(caller.who().await, Err(Code::Unauthenticated));

    let reply = caller.log_in("lovelace").await.expect("the right password");
    assert!(reply.metadata().contains_key("set-cookie"));
    assert_ne!(caller.jar.cookie(), anonymous, "a login changes the id");
    assert_eq!(caller.who().await.as_deref(), Ok("ada"));
    assert_eq!(caller.count().await, Ok(2));
    assert!(!caller.jar.answer().contains_key(SET_COOKIE), "the cookie is set once");
}

#[tokio::test]
async fn s90_a_caller_without_a_cookie_is_refused_before_any_content() {
    let mut caller = Caller::of(MemoryStore::new()).await;
    caller.log_in("lovelace").await.expect("the right password");
    caller.jar.clear();
    assert_eq!(caller.who().await, Err(Code::Unauthenticated));
    assert_eq!(caller.jar.answer()["grpc-status"], "16", "trailers-only: among the headers");
    assert_eq!(caller.log_in("byron").await.err(), Some(Code::Unauthenticated));
    assert_eq!(caller.jar.cookie(), None, "a login that failed");
}

#[tokio::test]
async fn s54_an_outage_is_unavailable_and_leaves_the_cookie_alone() {
    let store = FaultyStore::new(MemoryStore::new());
    let mut caller = Caller::of(store.clone()).await;
    caller.log_in("lovelace").await.expect("the right password");
    let cookie = caller.jar.cookie();

    store.fail(Operation::ALL, Fault::refused(StoreErrorKind::Unavailable));
    let answers = [
        ("a principal", caller.who().await.err(), caller.jar.answer()),
        ("an update", caller.count().await.err(), caller.jar.answer()),
        ("a login", caller.log_in("lovelace").await.err(), caller.jar.answer()),
        ("a logout", caller.log_out().await.err(), caller.jar.answer()),
    ];
    store.clear();
    store.fail([Operation::Replace], Fault::refused(StoreErrorKind::Unavailable));
    let commit = ("a commit", caller.rename("Ada").await.err(), caller.jar.answer());
    store.clear();
    for (name, code, answer) in answers.into_iter().chain([commit]) {
        assert_eq!(code, Some(Code::Unavailable), "{name}");
        assert_eq!(answer["grpc-status"], "14", "{name}: trailers-only");
        assert_eq!(answer["retry-after"], "1", "{name}");
    }

    assert_eq!(caller.jar.cookie(), cookie);
    assert_eq!(caller.who().await.as_deref(), Ok("ada"));
}

#[tokio::test]
async fn after_a_logout_the_old_cookie_is_nobodys() {
    let mut caller = Caller::of(MemoryStore::new()).await;
    caller.log_in("lovelace").await.expect("the right password");
    let old = caller.jar.cookie();
    assert_eq!(caller.log_out().await, Ok(()));
    assert_eq!(caller.jar.cookie(), None, "the client is told to forget it");
    caller.jar.kept().cookie = old;
    assert_eq!(caller.who().await, Err(Code::Unauthenticated));
}

#[tokio::test]
async fn an_error_of_a_method_drops_what_it_changed() {
    let mut caller = Caller::of(MemoryStore::new()).await;
    caller.log_in("lovelace").await.expect("the right password");
    assert_eq!(caller.rename("Countess").await, Ok(()));
    assert_eq!(caller.who().await.as_deref(), Ok("Countess"));
    assert_eq!(caller.rename("").await, Err(Code::InvalidArgument));
    assert_eq!(caller.jar.answer()["grpc-status"], "3");
    assert_eq!(caller.who().await.as_deref(), Ok("Countess"));
}

#[tokio::test]
async fn s60_a_grpc_stream_ends_with_its_session() {
    for way in ["a logout", "a revocation"] {
        let recheck = Duration::from_millis(200);
        let sessions = SessionLayer::new(MemoryStore::new()).with_recheck_interval(recheck);
        let mut caller = Caller::before(sessions.clone()).await;
        assert_eq!(caller.watch().await.err(), Some(Code::Unauthenticated));
        caller.log_in("lovelace").await.expect("the right password");
        let mut watched = caller.watch().await.expect("somebody");
        let mut other = caller.beside();
        other.log_in("lovelace").await.expect("the right password");
        let mut others = other.watch().await.expect("somebody");
        for stream in [&mut watched, &mut others] {
            assert_eq!(told(stream).await, Ok(Some(0)), "{way}");
        }
        assert_eq!(caller.count().await, Ok(1));
        for stream in [&mut watched, &mut others] {
            assert_eq!(told(stream).await, Ok(Some(1)), "{way}");
        }

        match way {
            "a logout" => assert_eq!(caller.log_out().await, Ok(())),
            _ => sessions.sessions().revoke_all(&Principal::local("ada")).await.expect("a list of sessions"),
        }
        // What came before went as content, so this is a trailer.
        assert_eq!(told(&mut watched).await, Err(Code::Unauthenticated), "{way}");
        if way == "a logout" {
            assert_eq!(other.count().await, Ok(1));
            assert_eq!(told(&mut others).await, Ok(Some(2)), "hers elsewhere goes on");
        } else {
            assert_eq!(told(&mut others).await, Err(Code::Unauthenticated), "{way}");
        }
    }
}

/// What a stream tells next, long before a session ends by itself or an interval of the default is over.
async fn told(stream: &mut Streaming<Visit>) -> Result<Option<u64>, Code> {
    let next = timeout(Duration::from_secs(10), stream.message()).await.expect("it says something, or ends");
    next.map(|visit| visit.map(|visit| visit.number)).map_err(|status| status.code())
}

/// A client of the program's service, which is in this process, over loopback.
struct Caller {
    channel: Channel,
    jar: Jar,
    visits: VisitsClient<BoxCloneService<Request<Body>, Response<Body>, Error>>,
}

impl Caller {
    async fn of(store: impl Into<SharedStore>) -> Self {
        Self::before(SessionLayer::new(store)).await
    }

    async fn before(sessions: SessionLayer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        tokio::spawn(program::serve(listener, sessions));
        let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("an address");
        Self::over(endpoint.connect().await.expect("the service listens"))
    }

    /// Another one with a jar of its own.
    fn beside(&self) -> Self {
        Self::over(self.channel.clone())
    }

    fn over(channel: Channel) -> Self {
        let jar = Jar::default();
        let visits = VisitsClient::new(jar.around(channel.clone()));
        Self { channel, jar, visits }
    }

    async fn log_in(&mut self, password: &str) -> Result<tonic::Response<LogInReply>, Code> {
        let request = LogInRequest { username: "ada".to_owned(), password: password.to_owned() };
        self.visits.log_in(request).await.map_err(|status| status.code())
    }

    async fn log_out(&mut self) -> Result<(), Code> {
        answered(self.visits.log_out(LogOutRequest {}).await, |_| ())
    }

    async fn count(&mut self) -> Result<u64, Code> {
        answered(self.visits.count(CountRequest {}).await, |reply| reply.visits)
    }

    async fn watch(&mut self) -> Result<Streaming<Visit>, Code> {
        answered(self.visits.watch(WatchRequest {}).await, |visits| visits)
    }

    async fn who(&mut self) -> Result<String, Code> {
        answered(self.visits.who_am_i(WhoAmIRequest {}).await, |reply| reply.name)
    }

    async fn rename(&mut self, name: &str) -> Result<(), Code> {
        answered(self.visits.rename(RenameRequest { name: name.to_owned() }).await, |_| ())
    }
}

fn answered<R, T>(answer: Result<tonic::Response<R>, tonic::Status>, take: fn(R) -> T) -> Result<T, Code> {
    answer.map(|reply| take(reply.into_inner())).map_err(|status| status.code())
}

/// What a client keeps between its calls, as no gRPC client does by itself.
#[derive(Clone, Default)]
struct Jar(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    /// `name=value`
    cookie: Option<String>,
    /// The headers of the last answer, as they came over the wire before the content.
    answer: HeaderMap,
}

impl Jar {
    /// A channel that sends what is in the jar, and keeps what it is told to.
    fn around(&self, channel: Channel) -> BoxCloneService<Request<Body>, Response<Body>, Error> {
        let (sent, taken) = (self.clone(), self.clone());
        let channel = ServiceBuilder::new()
            .map_request(move |request| sent.add_to(request))
            .map_response(move |response| taken.take_from(response))
            .service(channel);
        BoxCloneService::new(channel)
    }

    fn add_to<B>(&self, mut request: Request<B>) -> Request<B> {
        if let Some(cookie) = self.cookie() {
            request.headers_mut().insert(COOKIE, cookie.parse().expect("visible letters"));
        }
        request
    }

    fn take_from<B>(&self, response: Response<B>) -> Response<B> {
        assert_eq!(response.status(), 200, "whatever a gRPC service answers");
        let mut kept = self.kept();
        for field in response.headers().get_all(SET_COOKIE) {
            let field = field.to_str().expect("visible letters");
            let pair = field.split(';').next().map(str::to_owned);
            kept.cookie = pair.filter(|_| !field.contains("Max-Age=0"));
        }
        kept.answer = response.headers().clone();
        drop(kept);
        response
    }

    fn cookie(&self) -> Option<String> {
        self.kept().cookie.clone()
    }

    fn answer(&self) -> HeaderMap {
        self.kept().answer.clone()
    }

    fn clear(&self) {
        self.kept().cookie = None;
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
