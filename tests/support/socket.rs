use std::net::SocketAddr;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header::COOKIE},
};
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};

use crate::Jar;

/// Serves `app` on a free loopback port for as long as the runtime lives.
pub async fn serve(app: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move { axum::serve(listener, app).await });
    address
}

/// A client's connection, kept open over its requests.
#[derive(Debug)]
pub struct Connection(SendRequest<Body>);

/// What a server sent.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The header fields.
    pub headers: HeaderMap,
    /// The content.
    pub body: Bytes,
}

impl Connection {
    /// Connects to `address`.
    pub async fn to(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.expect("a connection");
        let (sender, connection) = handshake(TokioIo::new(stream)).await.expect("HTTP/1.1");
        tokio::spawn(connection);
        Self(sender)
    }

    /// Sends a request as whoever holds `jar` and obeys the answer's cookies.
    pub async fn send(&mut self, method: &str, path: &str, jar: &Jar) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header("host", "127.0.0.1");
        if let Some(pair) = jar.pair() {
            request = request.header(COOKIE, pair);
        }
        let answer = self.send_raw(request.body(Body::empty()).expect("a request")).await;
        jar.take_from(&answer.headers);
        answer
    }

    /// Sends any request.
    pub async fn send_raw(&mut self, request: Request<Body>) -> Answer {
        self.0.ready().await.expect("an open connection");
        let response = self.0.send_request(request).await.expect("an answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("the whole content").to_bytes();
        Answer { status: parts.status, headers: parts.headers, body }
    }
}

impl Answer {
    /// The content as text.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}
