use std::{net::TcpListener, time::Duration};

use gatehouse::{Site, TokenKeys, Tokens, app, serve};
use portcullis::{session::SessionLayer, store::SharedStore};
use tokio::{sync::oneshot, task};

use crate::client::Browser;

/// A site with keys of its own.
pub(crate) fn site(store: impl Into<SharedStore>) -> Site {
    let tokens =
        Tokens::new("http://127.0.0.1", &TokenKeys::generate().unwrap(), Duration::from_secs(600)).unwrap();
    Site::new(store, tokens).unwrap()
}

/// The site inside of the test, which is how one gets at its store and its clock, for as long as the visit lasts.
pub(crate) async fn visited(
    store: impl Into<SharedStore>,
    sessions: SessionLayer,
    visit: impl FnOnce(&Browser) + Send + 'static,
) {
    visited_site(site(store), sessions, visit).await;
}

/// The same with a site that is not like others.
pub(crate) async fn visited_site(
    site: Site,
    sessions: SessionLayer,
    visit: impl FnOnce(&Browser) + Send + 'static,
) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let browser = Browser::new(&listener.local_addr().unwrap().to_string());
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, None, app(site, sessions).unwrap(), async {
        drop(stopped.await);
    }));
    task::spawn_blocking(move || visit(&browser)).await.unwrap();
    drop(stop);
    server.await.unwrap().unwrap();
}
