use std::{
    net::TcpListener,
    slice,
    sync::{Arc, Mutex},
    time::Duration,
};

use gatehouse::{Site, app, grpc, serve};
use portcullis::{identity::IssuerId, session::SessionLayer, store::MemoryStore};
use portcullis_core::StoreErrorKind;
use portcullis_testkit::{Fault, FaultyStore, Operation};
use proto::{WhoAmIReply, WhoAmIRequest, gate_client::GateClient};
use serde_json::{Value, json};
use tokio::{
    runtime::{Builder, Runtime},
    sync::watch,
    task,
};
use tonic::{
    Code, Request,
    body::Body,
    codegen::http::{self, HeaderMap, StatusCode},
    transport::{Certificate, ClientTlsConfig, Endpoint, Error},
};
use tower::{ServiceExt, util::BoxCloneService};

use crate::{client::Browser, server::Server, tls::Curl};

#[expect(clippy::allow_attributes, unreachable_pub, unused_qualifications, reason = "generated")]
mod proto {
    tonic::include_proto!("gatehouse.v1");
}

#[test]
fn the_cookie_of_a_web_login_says_the_same_over_grpc() {
    // With one end for both timeouts no request moves it.
    let timeouts = ["--idle-timeout", "600", "--absolute-timeout", "600"];
    let server = Server::start(&[&["--grpc-listen", "127.0.0.1:0"], &timeouts[..]].concat());
    let browser = server.browser();
    browser.log_in("ada", "lovelace");
    let me = browser.get("/api/me").json();
    let mut caller = Caller::of(server.grpc().unwrap());
    assert_eq!(caller.who(&[cookie_of(&browser)]).unwrap(), me);
    assert_eq!(me["subject"], "ada");
}

#[test]
fn s90_nobody_is_told_so_over_grpc_before_any_content() {
    let server = Server::start(&["--grpc-listen", "127.0.0.1:0"]);
    let browser = server.browser();
    browser.post("/cart/rope", "");
    let anonymous = cookie_of(&browser);
    browser.log_in("ada", "lovelace");
    let ada = cookie_of(&browser);
    let mut caller = Caller::of(server.grpc().unwrap());
    let planted = ("cookie", "sid=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned());
    // Who shows two credentials is not to be taken for either.
    let bearer = ("authorization", "Bearer x".to_owned());
    let rows: [(&str, &[(&'static str, String)]); 4] = [
        ("no cookie", &[]),
        ("the cookie of before the login", &[anonymous]),
        ("a cookie nobody was given", &[planted]),
        ("a token beside the cookie", &[bearer, ada.clone()]),
    ];
    for (name, fields) in rows {
        caller.refused(fields, Code::Unauthenticated, name);
    }

    assert!(caller.who(slice::from_ref(&ada)).is_ok());
    browser.post("/logout", "");
    caller.refused(&[ada], Code::Unauthenticated, "a logout at the site");
}

#[test]
fn over_tls_it_has_the_certificate_of_the_site() {
    let server = Server::start(&["--tls", "--grpc-listen", "127.0.0.1:0"]);
    let grpc = server.grpc().unwrap();
    assert!(grpc.starts_with("https://127.0.0.1:"), "{grpc}");
    let curl = Curl::new("grpc");
    let login = curl.run(&["--data", "username=ada&password=lovelace", &format!("{}/login", server.url)]);
    let cookie = login.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
    let cookie = ("cookie", cookie.split(';').next().unwrap().to_owned());
    assert!(cookie.1.starts_with("__Host-Http-sid="), "{login}");

    let presented = curl.run(&["--write-out", "%{certs}", &format!("{}/healthz", server.url)]);
    let begin = presented.find("-----BEGIN").unwrap_or_else(|| panic!("needs curl 7.88: {presented}"));
    let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&presented[begin..]));
    let endpoint = Endpoint::from_shared(grpc.to_owned()).unwrap().tls_config(tls).unwrap();
    let mut caller = Caller::at(endpoint);
    assert_eq!(caller.who(&[cookie]).unwrap()["subject"], "ada");
    caller.refused(&[], Code::Unauthenticated, "no cookie");
}

#[test]
fn one_store_for_all_nodes_is_the_store_of_grpc() {
    let nodes = ["--nodes", "2", "--store", "memory:shared"];
    let server = Server::start(&[&["--grpc-listen", "127.0.0.1:0"], &nodes[..]].concat());
    let mut caller = Caller::of(server.grpc().unwrap());
    for _ in 0..2 {
        let browser = server.browser();
        browser.log_in("ada", "lovelace");
        assert!(caller.who(&[cookie_of(&browser)]).is_ok());
    }
}

#[test]
fn it_stops_with_the_site_and_has_logged_no_credential() {
    let mut server = Server::start(&["--grpc-listen", "127.0.0.1:0"]);
    let browser = server.browser();
    browser.log_in("ada", "lovelace");
    let cookie = cookie_of(&browser);
    let mut caller = Caller::of(server.grpc().unwrap());
    assert!(caller.who(slice::from_ref(&cookie)).is_ok());
    // The client's connection is open still.
    server.terminate();
    assert_eq!(server.wait(), Some(0));

    let log = server.log();
    assert!(log.contains("/gatehouse.v1.Gate/WhoAmI"), "{log}");
    let secret = cookie.1.strip_prefix("sid=").unwrap();
    assert!(!log.contains(secret), "{log}");
}

#[test]
fn nobody_is_served_unasked() {
    assert_eq!(Server::start(&[]).grpc(), None);
}

/// Here the site runs inside of the test, as that is how one gets at its store.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn s54_an_outage_is_unavailable_over_grpc() {
    let store = FaultyStore::new(MemoryStore::new());
    let sessions =
        SessionLayer::insecure_for_localhost(store.clone()).with_store_deadline(Duration::from_millis(100));
    let site = Site::new(store.clone(), IssuerId::default()).unwrap();
    let (stop, stopped) = watch::channel(());
    let start = |app| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, mut stopped) = (listener.local_addr().unwrap().to_string(), stopped.clone());
        let server = serve(listener, None, app, async move { drop(stopped.changed().await) });
        (address, tokio::spawn(server))
    };
    let (shop_at, shop) = start(app(site, sessions.clone()).unwrap());
    let (grpc_at, programs) = start(grpc(sessions));

    let visit = task::spawn_blocking(move || {
        let browser = Browser::new(&shop_at);
        browser.log_in("ada", "lovelace");
        let cookie = [cookie_of(&browser)];
        let mut caller = Caller::of(&format!("http://{grpc_at}"));
        for fault in [Fault::hung(), Fault::refused(StoreErrorKind::Unavailable)] {
            store.fail(Operation::ALL, fault);
            let answer = caller.refused(&cookie, Code::Unavailable, "an outage");
            assert_eq!(answer["retry-after"], "1");
            assert!(!answer.contains_key("set-cookie"), "{answer:?}");
            store.clear();
            assert!(caller.who(&cookie).is_ok());
        }
    });
    visit.await.unwrap();
    drop(stop);
    shop.await.unwrap().unwrap();
    programs.await.unwrap().unwrap();
}

/// The session's cookie of a browser, as a field of metadata.
fn cookie_of(browser: &Browser) -> (&'static str, String) {
    ("cookie", browser.cookie().unwrap())
}

/// A stock client, and the head of the last answer as it came over the wire.
struct Caller {
    gate: GateClient<BoxCloneService<http::Request<Body>, http::Response<Body>, Error>>,
    head: Arc<Mutex<(StatusCode, HeaderMap)>>,
    runtime: Runtime,
}

impl Caller {
    fn of(url: &str) -> Self {
        Self::at(Endpoint::from_shared(url.to_owned()).unwrap())
    }

    fn at(endpoint: Endpoint) -> Self {
        // A thread of its own answers the server also between two calls.
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let channel = runtime.block_on(endpoint.connect()).unwrap();
        let head = Arc::new(Mutex::default());
        let seen = Arc::clone(&head);
        let channel = channel.map_response(move |response| {
            *seen.lock().unwrap() = (response.status(), response.headers().clone());
            response
        });
        Self { gate: GateClient::new(channel.boxed_clone()), head, runtime }
    }

    /// What the server says of a caller with these fields of metadata, as `/api/me` would.
    fn who(&mut self, fields: &[(&'static str, String)]) -> Result<Value, Code> {
        let mut request = Request::new(WhoAmIRequest {});
        for (name, value) in fields {
            request.metadata_mut().insert(*name, value.parse().unwrap());
        }
        let answer = self.runtime.block_on(self.gate.who_am_i(request));
        let WhoAmIReply { issuer, subject, credential, amr, authenticated_at, expires_at } =
            answer.map_err(|status| status.code())?.into_inner();
        Ok(json!({
            "issuer": issuer, "subject": subject, "credential": credential, "amr": amr,
            "authenticated_at": authenticated_at, "expires_at": expires_at,
        }))
    }

    /// Trailers-only: the status is among the headers, which it returns.
    fn refused(&mut self, fields: &[(&'static str, String)], code: Code, why: &str) -> HeaderMap {
        assert_eq!(self.who(fields), Err(code), "{why}");
        let (status, headers) = self.head.lock().unwrap().clone();
        let told = headers.get("grpc-status").and_then(|told| told.to_str().ok()?.parse().ok());
        assert_eq!((status, told), (StatusCode::OK, Some(code as i32)), "{why}");
        headers
    }
}
