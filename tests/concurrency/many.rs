//! Many sessions of one person at once, over real sockets: limits, and all others ended.

use std::{net::SocketAddr, time::Duration};

use axum::{
    Router,
    http::StatusCode,
    routing::{get, post},
};
use portcullis::{
    identity::Principal,
    session::{Session, SessionLayer, SessionLimit},
    store::MemoryStore,
};
use support::{Connection, Jar, serve};
use tokio::task::JoinSet;

fn layer() -> SessionLayer {
    SessionLayer::insecure_for_localhost(MemoryStore::new())
}

fn app(layer: SessionLayer) -> Router {
    Router::new()
        .route("/login", post(async |session: Session| session.log_in(Principal::local("ada")).await))
        .route("/logout", post(async |session: Session| session.log_out().await))
        .route("/renew", post(async |session: Session| session.renew().await))
        .route("/others", post(async |session: Session| session.log_out_others().await))
        .route("/everywhere", post(async |session: Session| session.log_out_everywhere().await))
        .route(
            "/add",
            post(async |session: Session| {
                session.update("n", |n: Option<u64>| n.unwrap_or(0) + 1).await.map(|n| n.to_string())
            }),
        )
        .route(
            "/devices",
            get(async |session: Session| session.devices().await.map(|devices| devices.len().to_string())),
        )
        .route("/me", get(async |principal: Principal| principal.subject().to_owned()))
        .layer(layer)
}

async fn logged_in(connection: &mut Connection) -> Jar {
    let jar = Jar::new();
    assert_eq!(connection.send("POST", "/login", &jar).await.status, StatusCode::OK);
    jar
}

/// Sends one request of each jar at once, each over a connection of its own; the jars obey the answers.
async fn at_once(
    address: SocketAddr,
    requests: Vec<(&'static str, Jar)>,
) -> Vec<(&'static str, StatusCode, Jar)> {
    let mut under_way = JoinSet::new();
    for (path, jar) in requests {
        under_way.spawn(async move {
            let mut connection = Connection::to(address).await;
            let answer = connection.send("POST", path, &jar).await;
            (path, answer.status, jar)
        });
    }
    under_way.join_all().await
}

async fn is_ada(connection: &mut Connection, jar: &Jar) -> bool {
    connection.send("GET", "/me", jar).await.status == StatusCode::OK
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s57_of_twice_as_many_logins_over_sockets_no_more_remain_than_may() {
    const MOST: usize = 4;
    for policy in [SessionLimit::evict_oldest, SessionLimit::evict_least_recent, SessionLimit::refuse] {
        for round in 0..15 {
            let layer = layer().with_session_limit(policy(MOST)).unwrap();
            let sessions = layer.sessions();
            let address = serve(app(layer)).await;
            let answers = at_once(address, vec![("/login", Jar::new()); 2 * MOST]).await;
            let left = sessions.list(&Principal::local("ada")).await.unwrap().len();
            let limit = policy(MOST);
            assert!(left <= MOST, "{limit:?}, round {round}: {left} are left");
            let mut connection = Connection::to(address).await;
            let mut living = 0;
            for (_, status, jar) in &answers {
                assert!(matches!(status.as_u16(), 200 | 403), "{limit:?}: {status}");
                living += usize::from(is_ada(&mut connection, jar).await);
                if limit == SessionLimit::refuse(MOST) {
                    let was_let_in = *status == StatusCode::OK;
                    assert_eq!(is_ada(&mut connection, jar).await, was_let_in, "round {round}");
                }
            }
            assert_eq!(living, left, "{limit:?}, round {round}: one lives whose cookie nobody holds");
        }
    }
}

/// Every other session renews its id, writes, and ends all others itself, while they are ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s59_no_renewal_over_sockets_survives_the_end_of_all_others() {
    let address = serve(app(layer())).await;
    let mut connection = Connection::to(address).await;
    for round in 0..40 {
        let jar = logged_in(&mut connection).await;
        let mut requests = Vec::new();
        for path in ["/renew", "/renew", "/add", "/renew"] {
            let other = logged_in(&mut connection).await;
            requests.push((path, other.clone()));
            requests.push(("/renew", other.clone()));
            requests.push(("/add", other));
        }
        let slower = tokio::spawn(at_once(address, requests));
        tokio::time::sleep(Duration::from_micros(round * 150)).await;
        let ended = connection.send("POST", "/others", &jar).await.status;
        assert_eq!(ended, StatusCode::OK, "round {round}");
        let answers = slower.await.unwrap();
        for (path, status, other) in &answers {
            assert!(matches!(status.as_u16(), 200 | 409), "round {round}: {path} {status}");
            assert!(!is_ada(&mut connection, other).await, "round {round}: {path} {status} survived");
        }
        assert!(is_ada(&mut connection, &jar).await, "round {round}");
        assert_eq!(connection.send("GET", "/devices", &jar).await.text(), "1", "round {round}");
        connection.send("POST", "/everywhere", &jar).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s59_nothing_over_sockets_survives_the_end_of_everything() {
    let address = serve(app(layer())).await;
    let mut connection = Connection::to(address).await;
    for round in 0..40 {
        let jar = logged_in(&mut connection).await;
        let mut requests = Vec::new();
        for path in ["/renew", "/add"] {
            let other = logged_in(&mut connection).await;
            requests.extend([(path, other.clone()), ("/renew", other), ("/renew", jar.clone())]);
        }
        let slower = tokio::spawn(at_once(address, requests));
        tokio::time::sleep(Duration::from_micros(round * 150)).await;
        // Renewed before, the caller had no session any more.
        let mut ended = connection.send("POST", "/everywhere", &jar).await.status;
        let answers = slower.await.unwrap();
        if ended == StatusCode::CONFLICT {
            let again = logged_in(&mut connection).await;
            ended = connection.send("POST", "/everywhere", &again).await.status;
        }
        assert_eq!(ended, StatusCode::OK, "round {round}");
        for (path, status, other) in &answers {
            assert!(matches!(status.as_u16(), 200 | 409), "round {round}: {path} {status}");
            assert!(!is_ada(&mut connection, other).await, "round {round}: {path} {status} survived");
        }
        assert!(!is_ada(&mut connection, &jar).await);
    }
}

/// Writes of the spared session, while all others are ended again and again: each is there once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s49_no_write_over_sockets_is_lost_to_the_end_of_all_others() {
    const WRITES: usize = 60;
    let address = serve(app(layer())).await;
    let mut connection = Connection::to(address).await;
    let jar = logged_in(&mut connection).await;
    let mut requests = vec![("/add", jar.clone()); WRITES];
    for at in 0..10 {
        requests.insert(at * 6, ("/others", jar.clone()));
    }
    let answers = at_once(address, requests).await;
    assert!(answers.iter().all(|(_, status, _)| *status == StatusCode::OK), "{answers:?}");
    let last = connection.send("POST", "/add", &jar).await.text();
    assert_eq!(last, (WRITES + 1).to_string());
}
