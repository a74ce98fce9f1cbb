//! What goes on after the response's headers have left learns of the session's end. Time runs in tokio alone, and stands still for
//! the site.

use std::time::Duration;

use portcullis::{identity::Principal, session::Session};
use portcullis_core::StoreErrorKind;
use portcullis_testkit::{Fault, Operation};
use support::{Jar, Site};
use tokio::time::{Instant, timeout};

const RECHECK: Duration = Duration::from_secs(30);
const LONG: Duration = Duration::from_secs(600);

async fn caller(site: &Site, jar: &Jar) -> Principal {
    site.visit(jar, async |session| session.principal().await).await.said().expect("ada")
}

async fn log_out(site: &Site, jar: &Jar) {
    site.visit(jar, async |session| session.log_out().await).await.said();
}

#[tokio::test(start_paused = true)]
async fn s60_a_stream_ends_within_the_recheck_interval_of_a_logout_or_a_revocation() {
    for everywhere in [false, true] {
        let site = Site::new();
        let jar = site.logged_in().await;
        let caller = caller(&site, &jar).await;
        assert!(timeout(LONG, caller.ended()).await.is_err(), "it lives");
        if everywhere {
            site.layer.sessions().revoke_all(&caller).await.unwrap();
        } else {
            log_out(&site, &jar).await;
        }
        let since = Instant::now();
        timeout(LONG, caller.ended()).await.unwrap();
        assert!(since.elapsed() <= RECHECK + Duration::from_millis(1), "{:?}", since.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn s60_a_stream_goes_on_with_a_renewed_session_and_ends_with_it() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let caller = caller(&site, &jar).await;
    site.visit(&jar, async |session: Session| session.renew().await).await.said();
    let mut ended = std::pin::pin!(caller.ended());
    assert!(timeout(LONG, &mut ended).await.is_err(), "renewed, not ended");
    log_out(&site, &jar).await;
    timeout(LONG, ended).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn s60_a_stream_is_no_activity_and_ends_at_the_idle_timeout() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let ended = caller(&site, &jar).await.ended();
    site.clock.advance(Duration::from_secs(3_599));
    let mut ended = std::pin::pin!(ended);
    // The clock of the site stands still, so the session never ends by itself meanwhile.
    assert!(timeout(LONG, &mut ended).await.is_err(), "a second is left");
    site.clock.advance(Duration::from_secs(1));
    timeout(LONG, ended).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn s54_s60_an_outage_ends_no_stream_before_its_session_would_have_ended() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let caller = caller(&site, &jar).await;
    site.store.fail(Operation::ALL, Fault::refused(StoreErrorKind::Unavailable));
    let mut ended = std::pin::pin!(caller.ended());
    assert!(timeout(LONG, &mut ended).await.is_err(), "nothing is known");
    site.clock.advance(Duration::from_secs(3_600));
    timeout(LONG, ended).await.unwrap();
}
