//! Logout stays logged out.

use portcullis::{
    identity::Principal,
    session::{Session, SessionErrorKind},
};
use support::{Jar, Site};

async fn log_out(site: &Site, jar: &Jar) {
    site.visit(jar, async |session| session.log_out().await).await.said();
}

#[tokio::test]
async fn s47_a_logout_ends_the_session_at_once_and_deletes_the_cookie() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let other_tab = jar.clone();
    let visit = site
        .visit(&jar, async |session: Session| {
            session.log_out().await?;
            assert!(site.who(&other_tab).await.is_none(), "before the response");
            Ok(())
        })
        .await;
    assert!(visit.cookies()[0].contains("Max-Age=0"), "{:?}", visit.cookies());
    assert_eq!(jar.pair(), None);
}

#[tokio::test]
async fn s48_a_late_save_never_revives_a_session() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let slow = jar.clone();
    let visit = site
        .visit(&slow, async |session: Session| {
            session.get::<u32>("cart").await?;
            log_out(&site, &jar).await;
            session.insert("cart", 1)
        })
        .await;
    assert_eq!((visit.status(), visit.cookies()), (409, vec![]));
    assert!(site.who(&slow).await.is_none());
}

#[tokio::test]
async fn s48_a_late_update_is_told_and_begins_nothing_anew() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let slow = jar.clone();
    let visit = site
        .visit(&slow, async |session: Session| {
            session.insert("pending", 1)?;
            session.get::<u32>("cart").await?;
            log_out(&site, &jar).await;
            session.update("cart", |_: Option<u32>| 1).await
        })
        .await;
    assert_eq!((visit.status(), visit.cookies()), (409, vec![]));
    assert_eq!(visit.failed(), SessionErrorKind::Gone);
}

#[tokio::test]
async fn s48_a_late_renewal_is_undone() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let slow = jar.clone();
    let visit = site
        .visit(&slow, async |session: Session| {
            session.renew().await?;
            log_out(&site, &jar).await;
            Ok(())
        })
        .await;
    assert_eq!((visit.status(), visit.cookies()), (409, vec![]));
}

/// The renewal is done, and its answer is slow: the user logs out with the cookie the browser still has.
#[tokio::test]
async fn s48_a_logout_with_the_cookie_from_before_a_renewal_ends_what_the_renewal_hands_over() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let before = jar.clone();
    for _ in 0..3 {
        site.visit(&jar, async |session| session.renew().await).await.said();
    }
    log_out(&site, &before).await;
    assert!(site.who(&jar).await.is_none(), "through three renewals");
}

#[tokio::test]
async fn s48_the_same_after_a_second_login() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let before = jar.clone();
    site.visit(&jar, async |session| session.log_in(Principal::local("ada")).await).await.said();
    log_out(&site, &before).await;
    assert!(site.who(&jar).await.is_none());
}

/// Somebody who planted an anonymous id cannot end the session that its victim logged in to.
#[tokio::test]
async fn the_id_from_before_a_first_login_ends_nothing() {
    let site = Site::new();
    let planted = Jar::new();
    site.visit(&planted, async |session| session.insert("cart", 1)).await.said();
    let victim = planted.clone();
    site.visit(&victim, async |session| session.log_in(Principal::local("ada")).await).await.said();
    log_out(&site, &planted).await;
    assert!(site.who(&victim).await.is_some());
}

/// Logout against every kind of slower request, in a random order of all their steps.
#[tokio::test]
async fn s48_no_interleaving_undoes_a_logout() {
    for seed in 0..400 {
        let site = Site::new();
        let jar = site.logged_in().await;
        let slow = jar.clone();
        site.store.interleave(seed, 3);
        let mut dice = fastrand::Rng::with_seed(seed);
        let kind = dice.u8(..4);
        let (_slower, logout) = tokio::join!(
            site.visit(&slow, async |session: Session| {
                match kind {
                    0 => session.insert("a", 1),
                    1 => session.update("a", |_: Option<u32>| 1).await.map(|_| ()),
                    2 => session.renew().await,
                    _ => session.get::<u32>("a").await.map(|_| ()),
                }
            }),
            site.visit(&jar, async |session| session.log_out().await),
        );
        logout.said();
        site.store.clear();
        assert!(site.who(&slow).await.is_none(), "seed {seed}, kind {kind}");
        assert_eq!(jar.pair(), None);
    }
}

#[tokio::test]
async fn what_comes_after_a_logout_begins_a_new_anonymous_session() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let before = jar.clone();
    let visit = site
        .visit(&jar, async |session: Session| {
            session.insert("dropped", 1)?;
            session.log_out().await?;
            session.insert("flash", "bye")
        })
        .await;
    assert_eq!(visit.cookies().len(), 1);
    assert_ne!(jar.pair(), before.pair());
    let seen = site
        .visit(&jar, async |session| {
            Ok((session.get::<u32>("dropped").await?, session.get::<String>("flash").await?))
        })
        .await
        .said();
    assert_eq!(seen, (None, Some("bye".to_owned())));
    assert!(site.who(&jar).await.is_none());
}

#[tokio::test]
async fn a_login_of_the_same_request_can_be_logged_out() {
    let site = Site::new();
    let jar = Jar::new();
    let visit = site
        .visit(&jar, async |session: Session| {
            session.log_in(Principal::local("ada")).await?;
            session.log_out().await
        })
        .await;
    assert!(visit.cookies().is_empty());
    let visit = site
        .visit(&jar, async |session: Session| {
            session.log_in(Principal::local("ada")).await?;
            session.commit().await?;
            session.log_out().await
        })
        .await;
    assert!(visit.cookies()[0].contains("Max-Age=0"));
}

/// A double click on *log in again*: the second request comes when the first is done, and before its answer has arrived.
#[tokio::test]
async fn s48_a_logout_ends_what_came_of_a_login_made_after_another_with_the_same_cookie() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let (first, second) = (jar.clone(), jar.clone());
    for again in [&first, &second] {
        site.visit(again, async |session| session.log_in(Principal::local("ada")).await).await.said();
    }
    log_out(&site, &jar).await;
    assert!(site.who(&first).await.is_none());
    assert!(site.who(&second).await.is_none(), "the second login outlives the logout");
}
