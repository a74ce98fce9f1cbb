use std::{
    convert::Infallible,
    fmt::Write,
    task::{Context, Poll},
};

use axum::http::{Request, Response};
use futures_util::future::BoxFuture;
use portcullis::identity::Principal;
use prost::Message;
use tonic::{
    Status,
    body::Body,
    server::{Grpc, NamedService},
};
use tonic_prost::ProstCodec;
use tower::service_fn;
use tower_service::Service;

/// A gRPC service with one method, which answers who calls; without a description, as its messages are common ones.
#[derive(Clone, Debug)]
pub(crate) struct Caller;

impl Caller {
    pub(crate) const METHOD: &str = "/interop.Caller/Who";

    /// Its answer to `subject` in hexadecimal.
    pub(crate) fn answer(subject: &str) -> String {
        subject.to_owned().encode_to_vec().iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
    }
}

impl NamedService for Caller {
    const NAME: &'static str = "interop.Caller";
}

impl Service<Request<Body>> for Caller {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Body>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(async {
            let who = service_fn(async |request: tonic::Request<()>| {
                let caller = Principal::of(request.extensions()).await?;
                Ok::<_, Status>(tonic::Response::new(caller.subject().to_owned()))
            });
            Ok(Grpc::new(ProstCodec::<String, ()>::default()).unary(who, request).await)
        })
    }
}
