//! Store trips per request, as architecture §4 promises them.

use std::time::Duration;

use portcullis::{
    identity::Principal,
    session::{Session, SessionError},
};
use portcullis_testkit::Operation;
use support::{Jar, Site};

async fn trips(
    site: &Site,
    jar: &Jar,
    handler: impl AsyncFnOnce(Session) -> Result<(), SessionError>,
) -> usize {
    site.store.take_trips();
    site.visit(jar, handler).await.said();
    site.store.take_trips().total()
}

async fn with_cart(site: &Site) -> Jar {
    let jar = Jar::new();
    site.visit(&jar, async |session| session.insert("cart", 1)).await.said();
    jar
}

#[tokio::test]
async fn s23_anonymous_and_untouched_cost_none() {
    let site = Site::new();
    let visit = site.visit(&Jar::new(), async |_| Ok(())).await;
    assert!(visit.cookies().is_empty());
    let read = async |session: Session| session.get::<u32>("cart").await.map(|_| ());
    assert_eq!(trips(&site, &Jar::new(), read).await, 0, "anonymous read");
    let jar = with_cart(&site).await;
    assert_eq!(trips(&site, &jar, async |_| Ok(())).await, 0, "untouched");
}

#[tokio::test]
async fn a_read_costs_one_and_a_second_read_none() {
    let site = Site::new();
    let jar = with_cart(&site).await;
    let read_twice = async |session: Session| {
        session.get::<u32>("cart").await?;
        session.get::<u32>("theme").await.map(|_| ())
    };
    assert_eq!(trips(&site, &jar, read_twice).await, 1);
}

#[tokio::test]
async fn a_write_costs_two_and_one_that_changes_nothing_one() {
    let site = Site::new();
    let jar = with_cart(&site).await;
    assert_eq!(trips(&site, &jar, async |session| session.insert("cart", 2)).await, 2);
    assert_eq!(trips(&site, &jar, async |session| session.insert("cart", 2)).await, 1, "s50 the same value");
    let update = async |session: Session| {
        session.update("cart", |cart: Option<u32>| cart.unwrap_or(0) + 1).await.map(|_| ())
    };
    assert_eq!(trips(&site, &jar, update).await, 2);
}

#[tokio::test]
async fn a_creation_costs_one() {
    let site = Site::new();
    assert_eq!(trips(&site, &Jar::new(), async |session| session.insert("cart", 1)).await, 1);
    let update = async |session: Session| session.update("cart", |_: Option<u32>| 1).await.map(|_| ());
    assert_eq!(trips(&site, &Jar::new(), update).await, 1);
}

#[tokio::test]
async fn s43_a_rolling_read_costs_one_and_two_once_per_touch_interval() {
    let site = Site::new();
    let jar = with_cart(&site).await;
    let read = async |session: Session| session.get::<u32>("cart").await.map(|_| ());
    site.clock.advance(Duration::from_secs(359));
    assert_eq!(trips(&site, &jar, read).await, 1, "within a tenth of an hour");
    site.clock.advance(Duration::from_secs(1));
    assert_eq!(trips(&site, &jar, read).await, 2, "a tenth of an hour later");
    assert_eq!(trips(&site, &jar, read).await, 1, "and then not again");
}

#[tokio::test]
async fn a_login_costs_one_without_an_earlier_session_and_three_with_one() {
    let site = Site::new();
    let log_in = async |session: Session| session.log_in(Principal::local("ada")).await;
    assert_eq!(trips(&site, &Jar::new(), log_in).await, 1);
    let jar = with_cart(&site).await;
    assert_eq!(trips(&site, &jar, log_in).await, 3);
}

#[tokio::test]
async fn a_renewal_and_a_login_over_a_login_cost_three() {
    let site = Site::new();
    let jar = site.logged_in().await;
    assert_eq!(trips(&site, &jar, async |session| session.renew().await).await, 3);
    assert_eq!(trips(&site, &jar, async |session| session.log_in(Principal::local("ada")).await).await, 3);
}

#[tokio::test]
async fn a_logout_costs_one_and_a_look() {
    let site = Site::new();
    let jar = site.logged_in().await;
    assert_eq!(trips(&site, &jar, async |session| session.log_out().await).await, 2, "load, remove");
    let jar = site.logged_in().await;
    let asked = async |session: Session| {
        session.principal().await?;
        session.log_out().await
    };
    assert_eq!(trips(&site, &jar, asked).await, 2, "the look was the handler's");
    assert_eq!(trips(&site, &Jar::new(), async |session| session.log_out().await).await, 0, "of nobody");
}

#[tokio::test]
async fn s50_a_touch_writes_no_data() {
    let site = Site::new();
    let jar = with_cart(&site).await;
    site.clock.advance(Duration::from_secs(600));
    site.store.take_trips();
    site.visit(&jar, async |session| session.get::<u32>("cart").await).await.said();
    let trips = site.store.take_trips();
    assert_eq!((trips.of(Operation::Extend), trips.of(Operation::Replace)), (1, 0));
}
