//! What the program writes about itself, to its standard error.

use std::io::{self, IsTerminal};

use axum::{extract::Request, middleware::Next, response::Response};
use clap::ValueEnum;
use tokio::time::Instant;
use tracing::{info, level_filters::LevelFilter};
use tracing_subscriber::EnvFilter;

/// How a line of the log is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
#[non_exhaustive]
pub enum LogFormat {
    /// For programs.
    Json,
    /// For people.
    Text,
}

/// Begins to write; to be called once.
pub fn start(format: LogFormat) {
    let filter = EnvFilter::builder().with_default_directive(LevelFilter::INFO.into()).from_env_lossy();
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match format {
        LogFormat::Json => log.json().init(),
        LogFormat::Text => log.with_target(false).with_ansi(io::stderr().is_terminal()).init(),
    }
}

/// Writes a line for every request: never a header, a query or a body, so never a credential.
pub(crate) async fn request(request: Request, next: Next) -> Response {
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let began = Instant::now();
    let response = next.run(request).await;
    let (status, took) = (response.status().as_u16(), began.elapsed());
    info!(%method, path, status, ?took, "answered");
    response
}
