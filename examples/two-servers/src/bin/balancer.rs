//! Sends each request to the next server in turn, whoever it is from: nobody sticks to one.

#![expect(clippy::print_stdout, reason = "a server says where it listens")]

use std::{
    env,
    error::Error,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use hyper_util::{client::legacy::Client, rt::TokioExecutor};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut addresses = env::args().skip(1);
    let address = addresses.next().ok_or("usage: balancer ADDRESS SERVER...")?;
    let servers: Arc<[String]> = addresses.collect();
    if servers.is_empty() {
        return Err("name the servers, too".into());
    }

    let listener = TcpListener::bind(address).await?;
    println!("at {}", listener.local_addr()?);
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let turn = Arc::new(AtomicUsize::new(0));
    let forward = async move |mut request: Request| -> Response {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        let Some(server) = servers.get(turn.fetch_add(1, Ordering::Relaxed) % servers.len()) else {
            return StatusCode::BAD_GATEWAY.into_response();
        };
        match format!("http://{server}{path}").parse::<Uri>() {
            // The rest, `Host` among it, stays as the browser sent it: by it a server knows its own site.
            Ok(uri) => *request.uri_mut() = uri,
            Err(error) => return (StatusCode::BAD_REQUEST, format!("{error}\n")).into_response(),
        }
        match client.request(request).await {
            Ok(response) => response.into_response(),
            Err(error) => (StatusCode::BAD_GATEWAY, format!("{server}: {error}\n")).into_response(),
        }
    };
    axum::serve(listener, Router::new().fallback(forward)).await?;
    Ok(())
}
