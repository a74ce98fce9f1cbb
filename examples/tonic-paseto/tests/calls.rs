//! The program's service over a real socket, called by a stock client.

#![expect(clippy::expect_used, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the program's own file: its `main` is not used, but its service")]
#[path = "../src/main.rs"]
mod program;

use portcullis::{
    issue::{TokenIssuer, TokenRequest},
    paseto::{Kind, PasetoKey, PasetoKeys},
};
use program::{
    AUDIENCE, ISSUER,
    orders::{orders_client::OrdersClient, *},
};
use tokio::net::TcpListener;
use tonic::{
    Code, Request,
    transport::{Channel, Endpoint},
};

#[tokio::test]
async fn t71_each_method_wants_a_scope_of_its_own() {
    let mut caller = Caller::start().await;
    for (scope, list, place) in [
        ("", Some(Code::PermissionDenied), Some(Code::PermissionDenied)),
        ("orders:read", None, Some(Code::PermissionDenied)),
        ("orders:write", Some(Code::PermissionDenied), None),
        ("orders:write orders:read", None, None),
        ("orders:readall", Some(Code::PermissionDenied), Some(Code::PermissionDenied)),
    ] {
        let token = caller.token("ada", scope).await;
        assert_eq!(caller.list(&token).await.err(), list, "{scope:?}");
        assert_eq!(caller.place(&token, "rope").await.err(), place, "{scope:?}");
        assert_eq!(caller.forget(&token).await.err(), Some(Code::PermissionDenied), "{scope:?}");
    }
}

#[tokio::test]
async fn whom_the_token_names_is_who_calls() {
    let mut caller = Caller::start().await;
    let (ada, alan) = (caller.token("ada", BOTH).await, caller.token("alan", BOTH).await);
    assert_eq!(caller.place(&ada, "rope").await, Ok(()));
    assert_eq!(caller.place(&alan, "key").await, Ok(()));
    assert_eq!(caller.list(&ada).await, Ok(vec!["rope".to_owned()]));
    assert_eq!(caller.list(&alan).await, Ok(vec!["key".to_owned()]));
}

#[tokio::test]
async fn t71_whoever_proves_nothing_is_refused_before_any_content() {
    let mut caller = Caller::start().await;
    let strange = Caller::start().await.token("ada", BOTH).await;
    let good = caller.token("ada", BOTH).await;
    for (name, token) in [
        ("none", String::new()),
        ("none that is one", "stolen".to_owned()),
        ("of other keys", strange),
        ("changed", format!("{good}A")),
    ] {
        assert_eq!(caller.place(&token, "rope").await, Err(Code::Unauthenticated), "{name}");
        assert_eq!(caller.forget(&token).await, Err(Code::Unauthenticated), "{name}");
    }
    assert_eq!(caller.list(&good).await, Ok(Vec::new()), "nothing was ordered");
}

/// A client of the program's service, which is in this process, over loopback; it can also make tokens that the service accepts.
struct Caller {
    orders: OrdersClient<Channel>,
    issuer: TokenIssuer,
}

impl Caller {
    async fn start() -> Self {
        let keys = PasetoKeys::from(PasetoKey::generate(Kind::V4Public).expect("randomness"));
        let issuer = TokenIssuer::paseto(keys.clone(), ISSUER, AUDIENCE).expect("a key that signs");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        tokio::spawn(async { program::serve(listener, keys).await.expect("it serves") });
        let endpoint = Endpoint::from_shared(format!("http://{address}")).expect("an address");
        Self { orders: OrdersClient::new(endpoint.connect().await.expect("the service listens")), issuer }
    }

    async fn token(&self, subject: &str, scope: &str) -> String {
        let request = TokenRequest::for_subject(subject).with_scope(scope).expect("scopes");
        self.issuer.issue(request).await.expect("a token").token().to_owned()
    }

    async fn list(&mut self, token: &str) -> Result<Vec<String>, Code> {
        let answer = self.orders.list(with(token, ListRequest {})).await;
        answer.map(|reply| reply.into_inner().items).map_err(|status| status.code())
    }

    async fn place(&mut self, token: &str, item: &str) -> Result<(), Code> {
        let answer = self.orders.place(with(token, PlaceRequest { item: item.to_owned() })).await;
        answer.map(drop).map_err(|status| status.code())
    }

    async fn forget(&mut self, token: &str) -> Result<(), Code> {
        let answer = self.orders.forget(with(token, ForgetRequest {})).await;
        answer.map(drop).map_err(|status| status.code())
    }
}

fn with<T>(token: &str, content: T) -> Request<T> {
    let mut request = Request::new(content);
    if !token.is_empty() {
        let value = format!("Bearer {token}").parse().expect("visible letters");
        request.metadata_mut().insert("authorization", value);
    }
    request
}

const BOTH: &str = "orders:read orders:write";
