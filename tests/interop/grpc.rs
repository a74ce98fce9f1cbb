use std::net::SocketAddr;

use libtest_mimic::Trial;
use portcullis::{
    bearer::{BearerLayer, TokenErrorKind, Verification, VerifyToken},
    require::RequireLogin,
};
use portcullis_core::StoreErrorKind;
use portcullis_testkit::{Fault, Operation};
use serde_json::{Value, json};
use support::Site;
use tokio::net::TcpListener;
use tonic::transport::{Server, server::TcpIncoming};

use crate::{caller::Caller, library::GRPCIO};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        GRPCIO.trial("grpc::s90_a_session_and_the_lack_of_one", s90_a_session_and_the_lack_of_one),
        GRPCIO.trial("grpc::t71_tokens_that_are_not_accepted", t71_tokens_that_are_not_accepted),
    ]
}

async fn s90_a_session_and_the_lack_of_one() {
    let site = Site::new();
    let cookie = site.logged_in().await.pair().unwrap();
    let (incoming, address) = listen().await;
    let server = Server::builder().layer(site.layer.clone()).layer(RequireLogin::new()).add_service(Caller);
    tokio::spawn(server.serve_with_incoming(incoming));

    let answers =
        call(address, &[&[("cookie", &cookie)], &[], &[("cookie", "__Host-Http-sid=unknown")]]).await;
    assert_eq!(answers[0]["code"], "OK", "{answers:?}");
    assert_eq!(answers[0]["answer"], Caller::answer("ada"), "{answers:?}");
    for nobody in [&answers[1], &answers[2]] {
        assert_eq!(nobody["code"], "UNAUTHENTICATED", "{answers:?}");
        assert_eq!(nobody["details"], "log in first", "{answers:?}");
    }

    site.store.fail(Operation::ALL, Fault::refused(StoreErrorKind::Unavailable));
    let outage = call(address, &[&[("cookie", &cookie)]]).await;
    assert_eq!(outage[0]["code"], "UNAVAILABLE", "{outage:?}");
    assert_eq!(outage[0]["metadata"]["retry-after"], "1", "{outage:?}");
}

async fn t71_tokens_that_are_not_accepted() {
    let (incoming, address) = listen().await;
    let server = Server::builder().layer(BearerLayer::new(Nobodys)).add_service(Caller);
    tokio::spawn(server.serve_with_incoming(incoming));

    let twice = [("authorization", "Bearer a"), ("authorization", "Bearer b")];
    let one = |field| [("authorization", field)];
    let rows = [
        ("none", &[][..], "UNAUTHENTICATED", "unauthenticated"),
        ("another scheme", &one("Basic YTpi"), "UNAUTHENTICATED", "unauthenticated"),
        ("two", &twice, "UNAUTHENTICATED", "invalid_request"),
        ("no token", &one("Bearer"), "UNAUTHENTICATED", "invalid_request"),
        ("nobody's", &one("Bearer nobodys"), "UNAUTHENTICATED", "invalid_token"),
        ("nobody's, by another spelling", &one("bEARER nobodys"), "UNAUTHENTICATED", "invalid_token"),
        ("in an outage", &one("Bearer outage"), "UNAVAILABLE", "unavailable"),
    ];
    let calls: Vec<_> = rows.iter().map(|(_, metadata, ..)| *metadata).collect();
    let answers = call(address, &calls).await;
    for ((name, _, code, rejection), answer) in rows.iter().zip(&answers) {
        let metadata = &answer["metadata"];
        assert_eq!(
            (&answer["code"], &metadata["x-rejection"]),
            (&json!(code), &json!(rejection)),
            "{name}: {answer}"
        );
        assert_ne!(answer["details"], "", "{name}: it says what to do");
        let challenge = metadata["www-authenticate"].as_str();
        assert_eq!(
            challenge.is_some_and(|challenge| challenge.starts_with("Bearer")),
            *code == "UNAUTHENTICATED",
            "{name}: {answer}"
        );
        assert_eq!(metadata["retry-after"] == "1", *code == "UNAVAILABLE", "{name}: {answer}");
    }
}

/// Accepts nothing.
#[derive(Debug)]
pub(crate) struct Nobodys;

impl VerifyToken for Nobodys {
    fn verify(&self, token: &str) -> Verification {
        match token {
            "outage" => Verification::Pending(Box::pin(async { Err(TokenErrorKind::Unavailable.into()) })),
            _ => Verification::Ready(Err(TokenErrorKind::Signature.into())),
        }
    }
}

/// How calls with this metadata each end for grpcio.
async fn call(address: SocketAddr, calls: &[&[(&str, &str)]]) -> Vec<Value> {
    let call = |metadata: &&[_]| json!({ "address": address.to_string(), "method": Caller::METHOD, "metadata": metadata });
    GRPCIO.ask(calls.iter().map(call).collect()).await
}

pub(crate) async fn listen() -> (TcpIncoming, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (TcpIncoming::from(listener), address)
}
