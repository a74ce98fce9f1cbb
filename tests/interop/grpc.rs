use std::net::SocketAddr;

use libtest_mimic::Trial;
use portcullis::{
    bearer::{AnyOf, BearerLayer, TokenErrorKind, Verification, VerifyToken},
    identity::IssuerId,
    issue::{TokenIssuer, TokenRequest},
    jwt::{Algorithm, JwtKey, JwtKeys, JwtVerifier},
    paseto::{Kind, PasetoKey, PasetoKeys, PasetoVerifier},
    require::{RequireLogin, RequireScope},
    revocation::Revocations,
    store::MemoryStore,
};
use portcullis_core::StoreErrorKind;
use portcullis_testkit::{Fault, FaultyStore, Operation};
use serde_json::{Value, json};
use support::Site;
use tokio::net::TcpListener;
use tonic::transport::{Server, server::TcpIncoming};

use crate::{
    caller::Caller,
    claims::{self, AUDIENCE, ISSUER},
    library::{GRPCIO, text},
};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        GRPCIO.trial("grpc::s90_a_session_and_the_lack_of_one", s90_a_session_and_the_lack_of_one),
        GRPCIO.trial("grpc::t71_tokens_that_are_not_accepted", t71_tokens_that_are_not_accepted),
        GRPCIO.trial("grpc::t71_a_token_and_what_it_grants", t71_a_token_and_what_it_grants),
        GRPCIO.trial("grpc::t72_an_outage_of_revocations", t72_an_outage_of_revocations),
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

async fn t71_a_token_and_what_it_grants() {
    let (jwt, paseto) =
        (JwtKey::generate(Algorithm::Es256).unwrap(), PasetoKey::generate(Kind::V4Local).unwrap());
    let issuers = [
        TokenIssuer::jwt(JwtKeys::from(jwt.clone()), ISSUER, AUDIENCE).unwrap(),
        TokenIssuer::paseto(PasetoKeys::from(paseto.clone()), ISSUER, AUDIENCE).unwrap(),
    ];
    let verifier = AnyOf::new()
        .or("jwt", JwtVerifier::new(jwt, claims::policy()))
        .or("paseto", PasetoVerifier::new(paseto, claims::policy()));
    let (incoming, address) = listen().await;
    let server = Server::builder()
        .layer(BearerLayer::new(verifier))
        .layer(RequireScope::for_method([(Caller::METHOD, "who:ask")]).unwrap())
        .add_service(Caller);
    tokio::spawn(server.serve_with_incoming(incoming));

    for issuer in issuers {
        let token = async |scope: &str| {
            let request = TokenRequest::for_subject("ada").with_scope(scope).unwrap();
            format!("Bearer {}", issuer.issue(request).await.unwrap().token())
        };
        let (granted, other) = (token("more who:ask").await, token("more").await);
        let answers = call(address, &[&[("authorization", &granted)], &[("authorization", &other)]]).await;
        assert_eq!(answers[0]["code"], "OK", "{answers:?}");
        assert_eq!(answers[0]["answer"], Caller::answer("ada"), "{answers:?}");
        assert_eq!(answers[1]["code"], "PERMISSION_DENIED", "{answers:?}");
        assert_ne!(answers[1]["details"], "", "{answers:?}");
        let challenge = text(&answers[1]["metadata"]["www-authenticate"]);
        assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
        assert!(challenge.contains("scope=\"who:ask\""), "{challenge}");
    }
}

async fn t72_an_outage_of_revocations() {
    let store = FaultyStore::new(MemoryStore::new());
    let revocations = Revocations::new(store.clone());
    let key = JwtKey::generate(Algorithm::EdDsa).unwrap();
    let issuer = TokenIssuer::jwt(JwtKeys::from(key.clone()), ISSUER, AUDIENCE).unwrap();
    let layer =
        BearerLayer::new(JwtVerifier::new(key, claims::policy())).with_revocations(revocations.clone());
    let (incoming, address) = listen().await;
    tokio::spawn(Server::builder().layer(layer).add_service(Caller).serve_with_incoming(incoming));
    let issued = issuer.issue(TokenRequest::for_subject("ada")).await.unwrap();
    let token = format!("Bearer {}", issued.token());
    let calls: &[&[(&str, &str)]] = &[&[("authorization", &token)], &[("authorization", "Bearer nobodys")]];

    let before = call(address, calls).await;
    assert_eq!([&before[0]["code"], &before[1]["code"]], ["OK", "UNAUTHENTICATED"], "{before:?}");

    store.fail(Operation::ALL, Fault::refused(StoreErrorKind::Unavailable));
    let outage = call(address, calls).await;
    let codes = [&outage[0]["code"], &outage[1]["code"]];
    assert_eq!(codes, ["UNAVAILABLE", "UNAUTHENTICATED"], "nobody's token needs no store: {outage:?}");
    assert_eq!(outage[0]["metadata"]["retry-after"], "1", "{outage:?}");
    assert_eq!(outage[0]["metadata"]["www-authenticate"], Value::Null, "{outage:?}");
    store.clear();

    let id = issued.token_id();
    revocations.revoke_token_id(&IssuerId::new(ISSUER), id, issued.expires_at()).await.unwrap();
    let revoked = call(address, calls).await;
    assert_eq!(revoked[0]["code"], "UNAUTHENTICATED", "{revoked:?}");
    assert_eq!(revoked[0]["details"], revoked[1]["details"], "t70: in the same words: {revoked:?}");
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
    let address = address.to_string();
    let call = |metadata| json!({ "address": address, "method": Caller::METHOD, "metadata": metadata });
    GRPCIO.ask(calls.iter().map(call).collect()).await
}

pub(crate) async fn listen() -> (TcpIncoming, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (TcpIncoming::from(listener), address)
}
