use std::{any, net::SocketAddr, panic};

use libtest_mimic::Trial;
use portcullis::require::RequireLogin;
use portcullis_core::StoreErrorKind;
use portcullis_testkit::{Fault, Operation};
use serde_json::{Value, json};
use support::Site;
use tokio::{net::TcpListener, runtime, task};
use tonic::transport::{Server, server::TcpIncoming};

use crate::{caller::Caller, library::GRPCIO};

pub(crate) fn trials() -> Vec<Trial> {
    vec![trial(s90_a_session_and_the_lack_of_one)]
}

async fn s90_a_session_and_the_lack_of_one() {
    let site = Site::new();
    let cookie = site.logged_in().await.pair().unwrap();
    let (listener, address) = listener().await;
    let server = Server::builder().layer(site.layer.clone()).layer(RequireLogin::new()).add_service(Caller);
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));

    let answers =
        call(address, &[&[("cookie", &cookie)], &[], &[("cookie", "__Host-Http-sid=unknown")]]).await;
    assert_eq!(answers[0]["code"], "OK", "{answers}");
    assert_eq!(answers[0]["answer"], Caller::answer("ada"), "{answers}");
    for nobody in [&answers[1], &answers[2]] {
        assert_eq!(nobody["code"], "UNAUTHENTICATED", "{answers}");
        assert_ne!(nobody["details"], "", "{answers}");
    }

    site.store.fail(Operation::ALL, Fault::refused(StoreErrorKind::Unavailable));
    let outage = call(address, &[&[("cookie", &cookie)]]).await;
    assert_eq!(outage[0]["code"], "UNAVAILABLE", "{outage}");
    assert_eq!(outage[0]["metadata"]["retry-after"], "1", "{outage}");
}

/// How calls with this metadata each end for grpcio.
async fn call(address: SocketAddr, calls: &[&[(&str, &str)]]) -> Value {
    let calls: Vec<_> =
        calls.iter().map(|metadata| json!({ "method": Caller::METHOD, "metadata": metadata })).collect();
    let request = json!({ "address": address.to_string(), "calls": calls });
    task::spawn_blocking(move || GRPCIO.ask(&request))
        .await
        .unwrap_or_else(|failed| panic::resume_unwind(failed.into_panic()))
}

async fn listener() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

/// A trial under the name of the scenario.
fn trial<S: AsyncFnOnce() + Send + 'static>(scenario: S) -> Trial {
    let path = any::type_name::<S>();
    let name = path.split_once("::").map_or(path, |(_, name)| name);
    GRPCIO.trial(name.to_owned(), move || {
        runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(scenario());
    })
}
