use std::{
    io,
    net::{SocketAddr, TcpListener},
    time::Duration,
};

use axum::Router;
use axum_server::{Handle, Server, tls_rustls::RustlsConfig};
use tokio::signal;
use tracing::info;

/// Serves `app` until `stop`; over TLS if there is a certificate.
///
/// Then no more connections are taken, requests in flight get their answer (and their sessions are stored), and after ten
/// seconds whatever still runs is cut off.
///
/// # Errors
///
/// The listener cannot be used.
pub async fn serve(
    listener: TcpListener,
    certificate: Option<RustlsConfig>,
    app: Router,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let handle = Handle::new();
    let stopping = tokio::spawn({
        let handle = handle.clone();
        async move {
            stop.await;
            info!("stopping");
            handle.graceful_shutdown(Some(LONGEST_STOP));
        }
    });
    let app = app.into_make_service_with_connect_info::<SocketAddr>();
    let served = match certificate {
        None => patient(axum_server::from_tcp(listener)?, handle).serve(app).await,
        Some(certificate) => {
            let server = axum_server::from_tcp_rustls(listener, certificate)?;
            patient(server, handle).serve(app).await
        }
    };
    stopping.abort();
    info!("stopped");
    served
}

/// Waits for a client's headers, but not for ever.
fn patient<A>(mut server: Server<SocketAddr, A>, handle: Handle<SocketAddr>) -> Server<SocketAddr, A> {
    server.http_builder().http1().header_read_timeout(LONGEST_HEADERS);
    server.handle(handle).first_request_timeout(LONGEST_HEADERS)
}

/// Resolves at SIGINT (Ctrl-C) or SIGTERM.
///
/// # Errors
///
/// The operating system does not let us listen for signals.
pub fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    #[cfg(unix)]
    {
        use signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    Ok(async {
        // Without a handler Ctrl-C ends the program by itself.
        if signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    })
}

const LONGEST_HEADERS: Duration = Duration::from_secs(30);
const LONGEST_STOP: Duration = Duration::from_secs(10);
