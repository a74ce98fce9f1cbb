//! The same over real sockets: a server on all cores, thousands of requests under way at once.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{Request, StatusCode, header::COOKIE},
    routing::{get, post},
};
use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper_util::rt::{TokioExecutor, TokioIo};
use portcullis::{
    identity::Principal,
    session::{Session, SessionError, SessionLayer},
    store::MemoryStore,
};
use support::{Connection, Jar, serve};
use tokio::{io::AsyncWriteExt, net::TcpStream, task::JoinSet};

fn app() -> Router {
    Router::new()
        .route("/login", post(async |session: Session| session.log_in(Principal::local("ada")).await))
        .route("/logout", post(async |session: Session| session.log_out().await))
        .route("/renew", post(async |session: Session| session.renew().await))
        .route("/me", get(async |principal: Principal| principal.subject().to_owned()))
        .route("/add", post(add))
        .route(
            "/count",
            get(async |session: Session| {
                session.get::<u64>("count").await.map(|count| count.unwrap_or(0).to_string())
            }),
        )
        .route(
            "/set/{key}",
            post(async |session: Session, Path(key): Path<String>| session.insert(&key, true)),
        )
        .route(
            "/has/{key}",
            get(async |session: Session, Path(key): Path<String>| {
                session.get::<bool>(&key).await.map(|value| value.is_some().to_string())
            }),
        )
        .route("/both/{value}", post(both))
        .route(
            "/both",
            get(async |session: Session| {
                Ok::<_, SessionError>(format!(
                    "{:?} {:?}",
                    session.get::<u64>("left").await?,
                    session.get::<u64>("right").await?
                ))
            }),
        )
        .route("/slow-save", post(slow_save))
        .route("/panic", post(panics))
        .layer(SessionLayer::insecure_for_localhost(MemoryStore::new()))
}

async fn add(session: Session) -> Result<String, SessionError> {
    let count = session.update("count", |count: Option<u64>| count.unwrap_or(0) + 1).await?;
    Ok(count.to_string())
}

/// Two keys that must always agree, and time for a client to go away in between.
async fn both(session: Session, Path(value): Path<u64>) -> Result<(), SessionError> {
    session.insert("left", value)?;
    tokio::task::yield_now().await;
    tokio::time::sleep(Duration::from_millis(value % 3)).await;
    session.insert("right", value)
}

async fn slow_save(session: Session) -> Result<(), SessionError> {
    session.get::<u64>("count").await?;
    tokio::time::sleep(Duration::from_millis(20)).await;
    session.insert("late", true)
}

async fn panics(session: Session) -> Result<(), SessionError> {
    session.insert("panicked", true)?;
    add(session).await?;
    panic!("the handler's own mistake")
}

async fn logged_in(connection: &mut Connection) -> Jar {
    let jar = Jar::new();
    assert_eq!(connection.send("POST", "/login", &jar).await.status, StatusCode::OK);
    jar
}

/// One HTTP/2 connection: a hundred requests under way on each.
async fn multiplexed(address: std::net::SocketAddr) -> SendRequest<Empty<Bytes>> {
    let stream = TcpStream::connect(address).await.expect("a connection");
    let (sender, connection) = handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2");
    tokio::spawn(connection);
    sender
}

async fn request(
    sender: &SendRequest<Empty<Bytes>>,
    method: &str,
    path: &str,
    jar: &Jar,
) -> (StatusCode, String) {
    let request = Request::builder()
        .method(method)
        .uri(format!("http://127.0.0.1{path}"))
        .header(COOKIE, jar.pair().unwrap_or_default());
    let response =
        sender.clone().send_request(request.body(Empty::new()).expect("a request")).await.expect("an answer");
    let status = response.status();
    let body = response.into_body().collect().await.expect("the whole content").to_bytes();
    (status, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s49_thousands_of_requests_at_once_lose_no_update() {
    const CONNECTIONS: usize = 30;
    const EACH: usize = 100;
    const KEYS: usize = 200;
    let address = serve(app()).await;
    let mut connection = Connection::to(address).await;
    let jar = Arc::new(logged_in(&mut connection).await);
    let mut under_way = JoinSet::new();
    for at in 0..CONNECTIONS {
        let sender = multiplexed(address).await;
        for stream in 0..EACH {
            let (sender, jar) = (sender.clone(), Arc::clone(&jar));
            let path = if stream % 2 == 0 {
                "/add".to_owned()
            } else {
                format!("/set/{}", (at * EACH + stream) % KEYS)
            };
            under_way.spawn(async move { request(&sender, "POST", &path, &jar).await.0 });
        }
    }
    let statuses = under_way.join_all().await;
    assert!(statuses.iter().all(|status| *status == StatusCode::OK), "{statuses:?}");
    let count = connection.send("GET", "/count", &jar).await.text();
    assert_eq!(count, (CONNECTIONS * EACH / 2).to_string());
    for key in (1..KEYS).step_by(2) {
        assert_eq!(connection.send("GET", &format!("/has/{key}"), &jar).await.text(), "true");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s48_no_slower_request_undoes_a_logout() {
    let address = serve(app()).await;
    let mut connection = Connection::to(address).await;
    let sender = multiplexed(address).await;
    for round in 0..60 {
        let jar = Arc::new(logged_in(&mut connection).await);
        let mut slower = JoinSet::new();
        for path in ["/slow-save", "/slow-save", "/add", "/add", "/set/x", "/renew", "/renew", "/both/1"] {
            let jar = jar.as_ref().clone();
            slower.spawn(async move {
                let mut connection = Connection::to(address).await;
                let answer = connection.send("POST", path, &jar).await;
                assert_ne!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
                jar
            });
        }
        tokio::time::sleep(Duration::from_millis(round % 12)).await;
        let (status, _) = request(&sender, "POST", "/logout", &jar).await;
        assert_eq!(status, StatusCode::OK);
        for handed_over in slower.join_all().await.iter().chain([jar.as_ref()]) {
            let (status, _) = request(&sender, "GET", "/me", handed_over).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "round {round}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s55_a_client_that_disconnects_leaves_nothing_half_written() {
    let address = serve(app()).await;
    let mut connection = Connection::to(address).await;
    let jar = logged_in(&mut connection).await;
    let mut gone = JoinSet::new();
    for value in 1..=400_u64 {
        let pair = jar.pair().expect("logged in");
        gone.spawn(async move {
            let mut stream = TcpStream::connect(address).await.expect("a connection");
            let request = format!("POST /both/{value} HTTP/1.1\r\nhost: x\r\ncookie: {pair}\r\n\r\n");
            stream.write_all(request.as_bytes()).await.expect("sent");
            tokio::time::sleep(Duration::from_micros(value * 7 % 3_000)).await;
        });
        if value % 20 == 0 {
            let seen = connection.send("GET", "/both", &jar).await.text();
            assert_agree(&seen);
        }
    }
    gone.join_all().await;
    assert_agree(&connection.send("GET", "/both", &jar).await.text());
    assert_eq!(connection.send("GET", "/me", &jar).await.status, StatusCode::OK);
}

fn assert_agree(seen: &str) {
    let (left, right) = seen.split_once(' ').expect("two values");
    assert_eq!(left, right, "half of a request was written");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s55_a_handler_that_panics_leaves_only_what_it_did_at_once() {
    let address = serve(app()).await;
    let mut connection = Connection::to(address).await;
    let jar = logged_in(&mut connection).await;
    for _ in 0..20 {
        let mut stream = TcpStream::connect(address).await.expect("a connection");
        let pair = jar.pair().expect("logged in");
        let request = format!("POST /panic HTTP/1.1\r\nhost: x\r\ncookie: {pair}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = Vec::new();
        let closed = tokio::io::AsyncReadExt::read_to_end(&mut stream, &mut answer).await;
        assert!(closed.is_err() || answer.is_empty(), "the connection ends without an answer");
    }
    assert_eq!(connection.send("GET", "/count", &jar).await.text(), "20", "updates stay");
    assert_eq!(connection.send("GET", "/has/panicked", &jar).await.text(), "false", "inserts do not");
}

/// Any bytes as `Cookie` over a real socket: hyper refuses what is no HTTP, we answer all the rest, and never with a 5xx.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s21_no_cookie_is_answered_with_a_5xx() {
    let address = serve(app()).await;
    let seed = fastrand::u64(..);
    println!("seed {seed}");
    let mut dice = fastrand::Rng::with_seed(seed);
    let mut connection = Connection::to(address).await;
    for _ in 0..300 {
        let mut request = Request::builder().uri("/count").header("host", "x");
        for _ in 0..dice.usize(..5) {
            let bytes: Vec<u8> = (0..dice.usize(..200))
                .map(|_| *dice.choice(b"sid=;, \t\"\\A\x80\xff-_%").expect("some"))
                .collect();
            if let Ok(value) = axum::http::HeaderValue::from_bytes(&bytes) {
                request = request.header(COOKIE, value);
            }
        }
        let answer = connection.send_raw(request.body(Body::empty()).expect("a request")).await;
        assert_eq!((answer.status, answer.text().as_str()), (StatusCode::OK, "0"), "seed {seed}");
    }
}
