//! PASETOs before a tonic server: each method wants a scope of its own.

use std::{error::Error, sync::Mutex};

use orders::{orders_server::*, *};
use portcullis::{
    bearer::*, claims::ClaimsPolicy, identity::Principal, issue::*, paseto::*, require::RequireScope,
};
use tokio::net::TcpListener;
use tonic::{
    Request, Response, Status,
    transport::{Server, server::TcpIncoming},
};

#[expect(clippy::allow_attributes, unreachable_pub, unused_qualifications, reason = "generated")]
pub(crate) mod orders {
    tonic::include_proto!("orders.v1");
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    // Who only verifies has `k4.public.…` in a file, for `PasetoKeys::from_paserk_file`.
    let keys = PasetoKeys::from(PasetoKey::generate(Kind::V4Public)?);
    let request = TokenRequest::for_subject("ada").with_scope("orders:read orders:write")?;
    let token = TokenIssuer::paseto(keys.clone(), ISSUER, AUDIENCE)?.issue(request).await?;
    eprintln!("authorization: Bearer {}", token.token());
    serve(TcpListener::bind("127.0.0.1:50052").await?, keys).await
}

pub(crate) async fn serve(
    listener: TcpListener,
    keys: PasetoKeys,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let verifier = PasetoVerifier::new(keys, ClaimsPolicy::new(ISSUER, AUDIENCE));
    let scopes = RequireScope::for_method([
        ("/orders.v1.Orders/List", "orders:read"),
        ("/orders.v1.Orders/Place", "orders:write"),
    ])?;
    // The first is the outermost.
    let server = Server::builder()
        .layer(BearerLayer::new(verifier))
        .layer(scopes)
        .add_service(OrdersServer::new(Book::default()))
        .serve_with_incoming(TcpIncoming::from(listener));
    Ok(server.await?)
}

/// Who ordered what.
#[derive(Default)]
struct Book(Mutex<Vec<(String, String)>>);

#[tonic::async_trait]
impl Orders for Book {
    async fn list(&self, request: Request<ListRequest>) -> Result<Response<ListReply>, Status> {
        let caller = Principal::of(request.extensions()).await?;
        let orders = self.0.lock().map_err(|_poisoned| Status::internal("the book is torn"))?;
        let own = orders.iter().filter(|(by, _)| by == caller.subject());
        Ok(Response::new(ListReply { items: own.map(|(_, item)| item.clone()).collect() }))
    }

    async fn place(&self, request: Request<PlaceRequest>) -> Result<Response<PlaceReply>, Status> {
        let caller = Principal::of(request.extensions()).await?;
        let mut orders = self.0.lock().map_err(|_poisoned| Status::internal("the book is torn"))?;
        orders.push((caller.subject().to_owned(), request.into_inner().item));
        Ok(Response::new(PlaceReply {}))
    }

    async fn forget(&self, _: Request<ForgetRequest>) -> Result<Response<ForgetReply>, Status> {
        Err(Status::internal("nobody gets here"))
    }
}

pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const AUDIENCE: &str = "https://orders.example";
