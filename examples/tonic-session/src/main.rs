//! A login, a counter, a stream and a logout over gRPC, with a session behind them.
//!
//! No gRPC client keeps cookies by itself: `tests/calls.rs` shows one that does.

use futures_util::{StreamExt, stream};
use portcullis::{identity::Principal, session::*, store::MemoryStore};
use tokio::{net::TcpListener, sync::watch};
use tonic::{
    Request, Response, Status,
    codegen::BoxStream,
    transport::{Server, server::TcpIncoming},
};
use visits::{visits_server::*, *};

#[expect(clippy::allow_attributes, unreachable_pub, unused_qualifications, reason = "generated")]
pub(crate) mod visits {
    tonic::include_proto!("visits.v1");
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let sessions = SessionLayer::new(MemoryStore::new());
    Ok(serve(TcpListener::bind("127.0.0.1:50051").await?, sessions).await?)
}

pub(crate) async fn serve(
    listener: TcpListener,
    sessions: SessionLayer,
) -> Result<(), tonic::transport::Error> {
    Server::builder()
        .layer(sessions)
        .add_service(VisitsServer::new(Site::default()))
        .serve_with_incoming(TcpIncoming::from(listener))
        .await
}

#[derive(Default)]
struct Site {
    /// Everybody's.
    visits: watch::Sender<u64>,
}

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
        self.visits.send_modify(|all| *all += 1);
        Ok(Response::new(CountReply { visits }))
    }

    type WatchStream = BoxStream<Visit>;

    async fn watch(&self, request: Request<WatchRequest>) -> Result<Response<BoxStream<Visit>>, Status> {
        let caller = Principal::of(request.extensions()).await?;
        let mut visits = self.visits.subscribe();
        visits.mark_changed();
        let visits = stream::unfold(visits, async |mut visits| {
            visits.changed().await.ok()?;
            let number = *visits.borrow_and_update();
            Some((Ok(Visit { number }), visits))
        });
        // The layer has let in a request; that its session lives on is for the stream to ask.
        let over = async { Err(Status::unauthenticated("your session has ended")) };
        Ok(Response::new(visits.take_until(caller.ended()).chain(stream::once(over)).boxed()))
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
