use std::{
    net::TcpListener,
    slice,
    sync::{Arc, Mutex},
    time::Duration,
};

use gatehouse::{app, grpc, serve};
use portcullis::{session::SessionLayer, store::MemoryStore};
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

use crate::{client::Browser, inside::site, server::Server, tls::Curl, token::token};

#[expect(clippy::allow_attributes, unreachable_pub, unused_qualifications, reason = "generated")]
mod proto {
    tonic::include_proto!("gatehouse.v1");
}

#[test]
fn the_cookie_of_a_web_login_says_the_same_over_grpc() {
    let server = Server::start(&["--grpc-listen", "127.0.0.1:0", "--idle-timeout", "600"]);
    let browser = server.browser();
    browser.log_in("ada", "lovelace");
    let mut caller = Caller::of(server.grpc().unwrap());
    assert_same_person(&server, &mut caller, cookie_of(&browser), "session");
}

#[test]
fn t80_a_token_of_either_format_says_the_same_over_grpc() {
    let server = Server::start(&["--grpc-listen", "127.0.0.1:0"]);
    let mut caller = Caller::of(server.grpc().unwrap());
    for format in ["jwt", "paseto"] {
        let token = bearer_of(&server.browser(), format);
        assert_same_person(&server, &mut caller, token.clone(), format);

        // Whose cookie comes along does not matter.
        let alan = server.browser();
        alan.log_in("alan", "turing");
        assert_eq!(caller.who(&[cookie_of(&alan), token.clone()]).unwrap()["subject"], "ada", "{format}");

        let revoked = server.browser().send(
            "POST",
            "/api/token/revoke",
            &format!("Authorization: {}\r\n", token.1),
            "",
        );
        assert_eq!(revoked.status, 204, "{format}");
        caller.refused(&[token], Code::Unauthenticated, format);
    }
}

fn assert_same_person(server: &Server, caller: &mut Caller, credential: (&'static str, String), kind: &str) {
    let mut who = caller.who(&[credential]).unwrap();
    let (since, until) = (who["authenticated_at"].take(), who["expires_at"].take());
    let lasts = until.as_u64().unwrap() - since.as_u64().unwrap();
    assert!((590..=630).contains(&lasts), "{kind} lasts {lasts}");
    let expected = json!({
        "issuer": server.url, "subject": "ada", "roles": ["customer"], "credential": kind, "amr": ["pwd"],
        "authenticated_at": null, "expires_at": null,
    });
    assert_eq!(who, expected);
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
    let site = site(store.clone());
    let (stop, stopped) = watch::channel(());
    let start = |app| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (address, mut stopped) = (listener.local_addr().unwrap().to_string(), stopped.clone());
        let server = serve(listener, None, app, async move { drop(stopped.changed().await) });
        (address, tokio::spawn(server))
    };
    let (grpc_at, programs) = start(grpc(&site, sessions.clone()));
    let (shop_at, shop) = start(app(site, sessions).unwrap());

    let visit = task::spawn_blocking(move || {
        let browser = Browser::new(&shop_at);
        browser.log_in("ada", "lovelace");
        let cookie = cookie_of(&browser);
        let token = bearer_of(&browser, "jwt");
        let mut caller = Caller::of(&format!("http://{grpc_at}"));
        for fault in [Fault::hung(), Fault::refused(StoreErrorKind::Unavailable)] {
            store.fail(Operation::ALL, fault);
            for credential in [&cookie, &token] {
                let answer = caller.refused(slice::from_ref(credential), Code::Unavailable, "an outage");
                assert_eq!(answer["retry-after"], "1");
                assert!(!answer.contains_key("set-cookie"), "{answer:?}");
            }
            store.clear();
            for credential in [&cookie, &token] {
                assert!(caller.who(slice::from_ref(credential)).is_ok());
            }
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

/// A token of ada's, as a field of metadata.
fn bearer_of(browser: &Browser, format: &str) -> (&'static str, String) {
    ("authorization", format!("Bearer {}", token(browser, format, "")))
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

    /// What the server says of a caller with these fields of metadata.
    fn who(&mut self, fields: &[(&'static str, String)]) -> Result<Value, Code> {
        let mut request = Request::new(WhoAmIRequest {});
        for (name, value) in fields {
            request.metadata_mut().insert(*name, value.parse().unwrap());
        }
        let answer = self.runtime.block_on(self.gate.who_am_i(request));
        let WhoAmIReply { issuer, subject, credential, amr, authenticated_at, expires_at, roles } =
            answer.map_err(|status| status.code())?.into_inner();
        Ok(json!({
            "issuer": issuer, "subject": subject, "roles": roles, "credential": credential, "amr": amr,
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
