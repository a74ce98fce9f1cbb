use std::net::SocketAddr;

use axum::{
    body::Body,
    http::{HeaderMap, Request, header::CONTENT_TYPE},
};
use http_body_util::BodyExt;
use hyper::{body::Body as _, client::conn::http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use libtest_mimic::Trial;
use portcullis::bearer::BearerLayer;
use support::{Answer, Connection};
use tokio::net::TcpStream;
use tonic::transport::Server;

use crate::{
    caller::Caller,
    grpc::{Nobodys, listen},
    library::block_on,
};

/// What clients hide: how a refusal is written.
pub(crate) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("wire::t71_a_grpc_refusal_is_one_frame_of_headers", || {
            block_on(t71_a_grpc_refusal_is_one_frame_of_headers());
            Ok(())
        }),
        Trial::test("wire::t71_a_grpc_web_refusal_is_headers_of_the_type_that_was_asked_in", || {
            block_on(t71_a_grpc_web_refusal_is_headers_of_the_type_that_was_asked_in());
            Ok(())
        }),
    ]
}

async fn t71_a_grpc_refusal_is_one_frame_of_headers() {
    let address = serve().await;
    let stream = TokioIo::new(TcpStream::connect(address).await.unwrap());
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), stream).await.unwrap();
    tokio::spawn(connection);
    for asked in ["application/grpc", "application/grpc+proto", "application/grpc;charset=utf-8"] {
        for (token, status) in TOKENS {
            let uri = format!("http://{address}{}", Caller::METHOD);
            let response = sender.send_request(request(&uri, asked, token)).await.unwrap();
            let row = format!("{asked} {token:?}");
            assert_eq!(response.status(), 200, "{row}");
            assert_refusal(response.headers(), status, "application/grpc", &row);
            assert!(response.body().is_end_stream(), "{row}: the headers end the stream");
            let rest = response.into_body().collect().await.unwrap();
            assert!(rest.trailers().is_none() && rest.to_bytes().is_empty(), "{row}");
        }
    }
}

async fn t71_a_grpc_web_refusal_is_headers_of_the_type_that_was_asked_in() {
    let address = serve().await;
    let types = [
        ("application/grpc-web", "application/grpc-web"),
        ("application/grpc-web+proto", "application/grpc-web"),
        ("application/grpc-web-text", "application/grpc-web-text"),
        ("application/grpc-web-text+proto", "application/grpc-web-text"),
    ];
    for (asked, answered) in types {
        for (token, status) in TOKENS {
            // As a browser's script sends it.
            let request = request(Caller::METHOD, asked, token);
            let Answer { status: over_http, headers, body } =
                Connection::to(address).await.send_raw(request).await;
            let row = format!("{asked} {token:?}");
            assert_eq!(over_http, 200, "{row}");
            assert_refusal(&headers, status, answered, &row);
            assert!(body.is_empty(), "{row}: all is among the headers");
        }
    }
}

fn assert_refusal(headers: &HeaderMap, status: &str, content_type: &str, row: &str) {
    let field = |name: &str| headers.get(name).map_or("", |value| value.to_str().unwrap());
    assert_eq!((field("grpc-status"), field("content-type")), (status, content_type), "{row}");
    assert_ne!(field("grpc-message"), "", "{row}");
    assert_eq!(field("retry-after") == "1", status == "14", "{row}");
    assert_eq!(field("cache-control"), "no-store", "{row}");
}

/// A call with a message of no bytes.
fn request(uri: &str, content_type: &str, token: Option<&str>) -> Request<Body> {
    let mut request = Request::post(uri).header("host", "127.0.0.1").header(CONTENT_TYPE, content_type);
    if let Some(token) = token {
        request = request.header("authorization", token);
    }
    let message = if content_type.contains("text") { "AAAAAAA=" } else { "\0\0\0\0\0" };
    request.body(Body::from(message)).unwrap()
}

/// A service behind a bearer layer, over HTTP/2 and as gRPC-Web over HTTP/1.1.
async fn serve() -> SocketAddr {
    let (incoming, address) = listen().await;
    let server = Server::builder().accept_http1(true).layer(BearerLayer::new(Nobodys)).add_service(Caller);
    tokio::spawn(server.serve_with_incoming(incoming));
    address
}

/// And the gRPC status each comes to.
const TOKENS: [(Option<&str>, &str); 3] =
    [(None, "16"), (Some("Bearer nobodys"), "16"), (Some("Bearer outage"), "14")];
