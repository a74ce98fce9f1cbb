use std::{net::TcpListener, time::Duration};

use gatehouse::{Site, app, serve};
use portcullis::{identity::IssuerId, session::SessionLayer, store::MemoryStore};
use portcullis_testkit::{Fault, FaultyStore, Operation};
use tokio::{sync::oneshot, task};

use crate::client::Browser;

/// Here the site runs inside of the test, as that is how one gets at its store.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_store_hangs_nobody_is_logged_out() {
    let store = FaultyStore::new(MemoryStore::new());
    let sessions =
        SessionLayer::insecure_for_localhost(store.clone()).with_store_deadline(Duration::from_millis(100));
    let site = Site::new(store.clone(), IssuerId::default()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let browser = Browser::new(&listener.local_addr().unwrap().to_string());
    let (stop, stopped) = oneshot::channel::<()>();
    let server = tokio::spawn(serve(listener, None, app(site, sessions).unwrap(), async {
        drop(stopped.await);
    }));

    let visit = task::spawn_blocking(move || {
        browser.log_in("ada", "lovelace");
        let cookie = browser.cookie();
        assert_eq!(browser.get("/readyz").status, 200);

        store.fail(Operation::ALL, Fault::hung());
        for path in ["/", "/account", "/api/me", "/api/cart", "/readyz"] {
            let answer = browser.get(path);
            assert_eq!((answer.status, answer.field("retry-after")), (503, Some("1")), "{path}");
            assert_eq!(answer.field("set-cookie"), None, "{path}");
        }
        assert!(browser.get("/account").body.contains("please try again soon"));
        assert_eq!(browser.post("/logout", "").status, 503);
        assert_eq!(browser.get("/healthz").status, 200);

        store.clear();
        assert_eq!(browser.get("/account").status, 200);
        assert_eq!(browser.cookie(), cookie);
    });
    visit.await.unwrap();
    drop(stop);
    server.await.unwrap().unwrap();
}
