use std::time::Duration;

use portcullis::{session::SessionLayer, store::MemoryStore};
use portcullis_testkit::{Fault, FaultyStore, Operation};

use crate::inside::visited;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_the_store_hangs_nobody_is_logged_out() {
    let store = FaultyStore::new(MemoryStore::new());
    let sessions =
        SessionLayer::insecure_for_localhost(store.clone()).with_store_deadline(Duration::from_millis(100));
    visited(store.clone(), sessions, move |browser| {
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
    })
    .await;
}
