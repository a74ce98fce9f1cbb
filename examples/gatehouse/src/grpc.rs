use axum::{Router, middleware};
use portcullis::{identity::Principal, session::SessionLayer};
use proto::{
    WhoAmIReply, WhoAmIRequest,
    gate_server::{Gate, GateServer},
};
use tonic::{Request, Response, Status, service::Routes};

use crate::{account::Me, logs};

/// The site for programs that speak gRPC: the cookie of a login at the site says who they are, as `sessions` are the site's own.
///
/// The layer is the one that pages have, and refuses in gRPC's words what is asked in them.
pub fn grpc(sessions: SessionLayer) -> Router {
    Routes::new(GateServer::new(Door))
        .into_axum_router()
        .layer(sessions)
        .layer(middleware::from_fn(logs::request))
}

#[derive(Debug)]
struct Door;

#[tonic::async_trait]
impl Gate for Door {
    async fn who_am_i(&self, request: Request<WhoAmIRequest>) -> Result<Response<WhoAmIReply>, Status> {
        let caller = Principal::of(request.extensions()).await?;
        Ok(Response::new(Me::of(&caller).into()))
    }
}

impl From<Me> for WhoAmIReply {
    fn from(me: Me) -> Self {
        let Me { issuer, subject, credential, amr, authenticated_at, expires_at } = me;
        Self { issuer, subject, credential: credential.to_owned(), amr, authenticated_at, expires_at }
    }
}

#[expect(clippy::allow_attributes, unreachable_pub, unused_qualifications, reason = "generated")]
mod proto {
    tonic::include_proto!("gatehouse.v1");
}
