use axum::{Router, middleware};
use portcullis::{identity::Principal, session::SessionLayer, store::Timestamp};
use proto::{
    WhoAmIReply, WhoAmIRequest,
    gate_server::{Gate, GateServer},
};
use tonic::{Request, Response, Status, service::Routes};

use crate::{logs, site::Site};

/// The site for programs that speak gRPC: a token says who they are, or the cookie of a login at the site, as `sessions` are the site's
/// own.
///
/// The layers are those that pages have, and refuse in gRPC's words what is asked in them.
pub fn grpc(site: &Site, sessions: SessionLayer) -> Router {
    Routes::new(GateServer::new(Door))
        .into_axum_router()
        .layer(sessions)
        .layer(site.bearer())
        .layer(middleware::from_fn(logs::request))
}

#[derive(Debug)]
struct Door;

#[tonic::async_trait]
impl Gate for Door {
    async fn who_am_i(&self, request: Request<WhoAmIRequest>) -> Result<Response<WhoAmIReply>, Status> {
        let caller = Principal::of(request.extensions()).await?;
        Ok(Response::new(WhoAmIReply {
            issuer: caller.issuer().to_string(),
            subject: caller.subject().to_owned(),
            credential: caller.credential().to_string(),
            amr: caller.amr().iter().map(|amr| amr.as_str().to_owned()).collect(),
            authenticated_at: caller.authenticated_at().map(Timestamp::unix_seconds),
            expires_at: caller.expires_at().map(Timestamp::unix_seconds),
            roles: caller.roles().iter().map(|role| role.to_string()).collect(),
        }))
    }
}

#[expect(clippy::allow_attributes, unreachable_pub, unused_qualifications, reason = "generated")]
mod proto {
    tonic::include_proto!("gatehouse.v1");
}
