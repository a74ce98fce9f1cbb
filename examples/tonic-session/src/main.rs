//! A login, a counter and a logout over gRPC, with a session behind them.
//!
//! No gRPC client keeps cookies by itself: `tests/calls.rs` shows one that does.

use portcullis::{identity::Principal, session::*, store::*};
use tokio::net::TcpListener;
use tonic::{
    Request, Response, Status,
    transport::{Server, server::TcpIncoming},
};
use visits::{visits_server::*, *};

#[expect(clippy::allow_attributes, unreachable_pub, unused_qualifications, reason = "generated")]
pub(crate) mod visits {
    tonic::include_proto!("visits.v1");
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    Ok(serve(TcpListener::bind("127.0.0.1:50051").await?, MemoryStore::new()).await?)
}

pub(crate) async fn serve(
    listener: TcpListener,
    store: impl Into<SharedStore>,
) -> Result<(), tonic::transport::Error> {
    Server::builder()
        .layer(SessionLayer::new(store))
        .add_service(VisitsServer::new(Site))
        .serve_with_incoming(TcpIncoming::from(listener))
        .await
}

struct Site;

#[tonic::async_trait]
impl Visits for Site {
    async fn log_in(&self, request: Request<LogInRequest>) -> Result<Response<LogInReply>, Status> {
        let session = Session::from_extensions(request.extensions())?;
        let LogInRequest { username, password } = request.into_inner();
        // Your own check goes here: a password hash, a passkey, a sign-in with somebody else.
        if (username.as_str(), password.as_str()) != ("ada", "lovelace") {
            return Err(Status::unauthenticated("no such user and password"));
        }
        session.log_in(Principal::local(username)).await?;
        Ok(Response::new(LogInReply {}))
    }

    async fn log_out(&self, request: Request<LogOutRequest>) -> Result<Response<LogOutReply>, Status> {
        Session::from_extensions(request.extensions())?.log_out().await?;
        Ok(Response::new(LogOutReply {}))
    }

    async fn count(&self, request: Request<CountRequest>) -> Result<Response<CountReply>, Status> {
        let session = Session::from_extensions(request.extensions())?;
        let visits = session.update("visits", |visits: Option<u64>| visits.unwrap_or(0) + 1).await?;
        Ok(Response::new(CountReply { visits }))
    }

    async fn who_am_i(&self, request: Request<WhoAmIRequest>) -> Result<Response<WhoAmIReply>, Status> {
        let caller = Principal::of(request.extensions()).await?;
        let chosen = Session::from_extensions(request.extensions())?.get("name").await?;
        Ok(Response::new(WhoAmIReply { name: chosen.unwrap_or_else(|| caller.subject().to_owned()) }))
    }

    async fn rename(&self, request: Request<RenameRequest>) -> Result<Response<RenameReply>, Status> {
        Principal::of(request.extensions()).await?;
        let session = Session::from_extensions(request.extensions())?;
        let name = request.into_inner().name;
        session.insert("name", &name)?;
        // After the insert or before it, an error is the same: what is not committed yet is dropped.
        if name.is_empty() {
            return Err(Status::invalid_argument("a name has letters"));
        }
        Ok(Response::new(RenameReply {}))
    }
}
