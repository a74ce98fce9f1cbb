//! Operations of one request that meet each other, other requests, and a failing store.

use std::{cell::RefCell, time::Duration};

use axum::http::StatusCode;
use portcullis::{
    identity::Principal,
    session::{Session, SessionErrorKind, Timeouts},
    store::Clock,
};
use portcullis_core::{Draft, Freshness, Owner, Page, Space, Store, StoreErrorKind, Version};
use portcullis_testkit::{Fault, Operation};
use support::{Jar, Site};

fn owner() -> Owner {
    Owner::new(Principal::local("ada").issuer().as_str(), "ada")
}

async fn records_of_ada(site: &Site) -> usize {
    site.store.list(&owner(), Space::Session, Page::first(100)).await.unwrap().records.len()
}

#[tokio::test]
async fn s43_a_write_that_changes_nothing_is_activity_too() {
    let site = Site::new();
    let jar = site.begun().await;
    for _ in 0..7 {
        site.clock.advance(Duration::from_secs(600));
        site.visit(&jar.clone(), async |session| session.insert("a", 1)).await.said();
    }
    assert_eq!(site.read(&jar, "a").await, Some(1));
}

#[tokio::test]
async fn a_commit_by_hand_and_the_last_one_touch_once() {
    let site = Site::new();
    let jar = site.begun().await;
    site.clock.advance(Duration::from_secs(600));
    site.store.take_trips();
    site.visit(&jar, async |session: Session| {
        session.get::<u32>("a").await?;
        session.commit().await
    })
    .await
    .said();
    assert_eq!(site.store.take_trips().total(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_commit_that_ran_out_of_time_is_made_good_by_the_next() {
    let site = Site::new();
    let jar = site.begun().await;
    site.visit(&jar, async |session: Session| {
        session.insert("b", 2)?;
        site.store.fail_next(1, [Operation::Replace], Fault::hung());
        assert_eq!(session.commit().await.unwrap_err().kind(), SessionErrorKind::Unavailable);
        session.commit().await
    })
    .await
    .said();
    site.store.clear();
    assert_eq!(site.read(&jar, "b").await, Some(2));
}

#[tokio::test(start_paused = true)]
async fn an_update_given_up_by_its_handler_does_not_take_the_login_with_it() {
    let site = Site::new();
    let jar = site.begun().await;
    site.visit(&jar, async |session: Session| {
        session.log_in(Principal::local("ada")).await?;
        site.store.fail_next(1, [Operation::Replace], Fault::delayed(Duration::from_millis(100)));
        let update = session.update("n", |_: Option<u32>| 1);
        assert!(tokio::time::timeout(Duration::from_millis(50), update).await.is_err());
        Ok(())
    })
    .await
    .said();
    assert_eq!(site.who(&jar).await.as_deref(), Some("ada"));
}

#[tokio::test]
async fn an_update_after_a_login_is_part_of_it() {
    let site = Site::new();
    for jar in [Jar::new(), site.begun().await] {
        let log_in_and_update = async |session: Session| {
            session.log_in(Principal::local("ada")).await?;
            session.update("n", |n: Option<u32>| n.unwrap_or(0) + 1).await
        };
        let failed = jar.clone();
        site.visit_answering(&failed, StatusCode::INTERNAL_SERVER_ERROR, log_in_and_update).await.said();
        assert_eq!(site.who(&failed).await, None, "a second factor that failed must not log in");
        site.visit(&jar, log_in_and_update).await.said();
        assert_eq!(site.who(&jar).await.as_deref(), Some("ada"));
        assert!(site.read(&jar, "n").await.is_some());
    }
}

#[tokio::test]
async fn s48_a_logout_ends_what_came_of_two_renewals_at_once() {
    for seed in 0..100 {
        let site = Site::new();
        let jar = site.logged_in().await;
        let (before, one, two) = (jar.clone(), jar.clone(), jar.clone());
        site.store.interleave(seed, 3);
        let renew = async |session: Session| session.renew().await;
        let (first, second) = tokio::join!(site.visit(&one, renew), site.visit(&two, renew));
        site.store.clear();
        assert_eq!((first.status(), second.status()), (200, 200), "seed {seed}");
        site.visit(&before, async |session| session.log_out().await).await.said();
        assert_eq!((site.who(&one).await, site.who(&two).await), (None, None), "seed {seed}");
    }
}

/// A login that came when the old id was dead already is another matter: nothing links the two.
#[tokio::test]
async fn s48_a_logout_ends_what_came_of_two_logins_at_once() {
    let mut both = 0;
    for seed in 0..100 {
        let site = Site::new();
        let jar = site.logged_in().await;
        let (before, one, two) = (jar.clone(), jar.clone(), jar.clone());
        site.store.interleave(seed, 3);
        let log_in = async |session: Session| {
            let over_a_login = session.principal().await?.is_some();
            session.log_in(Principal::local("ada")).await?;
            Ok(over_a_login)
        };
        let renew = async |session: Session| session.renew().await.map(|()| true);
        let (first, second) = if seed % 2 == 0 {
            tokio::join!(site.visit(&one, log_in), site.visit(&two, log_in))
        } else {
            let (first, second) = tokio::join!(site.visit(&one, log_in), site.visit(&two, renew));
            (first, second)
        };
        site.store.clear();
        site.visit(&before, async |session| session.log_out().await).await.said();
        for (visit, jar) in [(first, &one), (second, &two)] {
            if visit.answer == Some(Ok(true)) {
                both += 1;
                assert_eq!(site.who(jar).await, None, "seed {seed}");
            }
        }
    }
    assert!(both > 120, "{both}: the seeds tried nothing");
}

#[tokio::test]
async fn a_renewal_that_failed_leaves_no_trace_for_the_next() {
    let site = Site::new();
    let jar = site.logged_in().await;
    site.store.fail([Operation::Replace], Fault::refused(StoreErrorKind::Unavailable));
    assert_eq!(site.visit(&jar, async |session| session.renew().await).await.status(), 503);
    site.store.clear();
    assert_eq!(records_of_ada(&site).await, 1);
    let before = jar.clone();
    site.visit(&jar, async |session| session.renew().await).await.said();
    site.visit(&before, async |session| session.log_out().await).await.said();
    assert_eq!(site.who(&jar).await, None);
}

#[tokio::test]
async fn a_login_tried_twice_counts_once() {
    let site = Site::new();
    let jar = site.begun().await;
    site.store.fail_next(1, [Operation::Replace], Fault::refused(StoreErrorKind::Unavailable));
    site.visit(&jar, async |session: Session| {
        session.log_in(Principal::local("ada")).await?;
        assert!(session.commit().await.is_err());
        Ok(())
    })
    .await
    .said();
    assert_eq!((site.who(&jar).await.as_deref(), records_of_ada(&site).await), (Some("ada"), 1));
}

#[tokio::test]
async fn a_write_under_way_goes_on_under_the_renewed_id() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let visit = site
        .visit(&jar.clone(), async |session: Session| {
            session.get::<u32>("a").await?;
            site.visit(&jar, async |other| other.renew().await).await.said();
            assert_eq!(session.update("a", |a: Option<u32>| a.unwrap_or(0) + 1).await?, 2);
            session.insert("b", 2)
        })
        .await;
    assert_eq!((visit.status(), visit.cookies()), (200, vec![]));
    assert_eq!((site.read(&jar, "a").await, site.read(&jar, "b").await), (Some(2), Some(2)));
}

/// What began under the id from before a login, whoever held it, must not reach what came of the login.
#[tokio::test]
async fn s33_a_write_under_way_does_not_follow_a_login() {
    let site = Site::new();
    for jar in [site.begun().await, site.logged_in().await] {
        let visit = site
            .visit(&jar.clone(), async |session: Session| {
                session.get::<u32>("a").await?;
                site.visit(&jar, async |other| other.log_in(Principal::local("ada")).await).await.said();
                session.insert("planted", 1)
            })
            .await;
        assert_eq!((visit.status(), visit.cookies()), (409, vec![]));
        assert_eq!(site.read(&jar, "planted").await, None);
    }
}

#[tokio::test]
async fn update_answers_what_is_stored_and_not_what_was_seen_earlier() {
    let site = Site::new();
    let jar = site.begun().await;
    let stored = site
        .visit(&jar, async |session: Session| {
            session.get::<u32>("a").await?;
            site.visit(&jar.clone(), async |other| other.update("a", |_: Option<u32>| 5).await).await.said();
            session.update("a", |a: Option<u32>| a.unwrap_or(0).max(1)).await
        })
        .await
        .said();
    assert_eq!((stored, site.read(&jar, "a").await), (5, Some(5)));
}

#[tokio::test]
async fn s48_an_update_that_changes_nothing_is_told_of_a_logout_too() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let visit = site
        .visit(&jar.clone(), async |session: Session| {
            session.get::<u32>("a").await?;
            site.visit(&jar, async |other| other.log_out().await).await.said();
            session.update("a", |a: Option<u32>| a.unwrap_or(0)).await
        })
        .await;
    assert_eq!(visit.failed(), SessionErrorKind::Gone);
}

#[tokio::test]
async fn s48_a_request_that_had_a_session_begins_no_other_in_its_place() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let visit = site
        .visit(&jar.clone(), async |session: Session| {
            session.get::<u32>("a").await?;
            site.visit(&jar, async |other| other.log_out().await).await.said();
            for _ in 0..2 {
                let told = session.update("cart", |_: Option<u32>| 1).await.unwrap_err().kind();
                assert_eq!(told, SessionErrorKind::Gone);
            }
            assert_eq!(session.insert("cart", 1).unwrap_err().kind(), SessionErrorKind::Gone);
            Ok(())
        })
        .await;
    assert_eq!((visit.status(), visit.cookies()), (200, vec![]));
}

#[tokio::test]
async fn s48_nor_after_its_own_login_was_revoked() {
    let site = Site::new();
    let jar = site.begun().await;
    let visit = site
        .visit(&jar, async |session: Session| {
            session.log_in(Principal::local("ada")).await?;
            session.commit().await?;
            site.store.remove_all(&owner(), &[Space::Session]).await.expect("no fault is set");
            session.insert("b", 1)
        })
        .await;
    assert_eq!(visit.status(), 409);
}

#[tokio::test(start_paused = true)]
async fn s52_the_response_waits_for_what_the_handler_left_running() {
    for jar in [Jar::new(), Site::new().logged_in().await] {
        let site = Site::new();
        let jar = if jar.pair().is_some() { site.logged_in().await } else { jar };
        let renews = jar.pair().is_some();
        site.store.fail_next(1, [Operation::Create], Fault::delayed(Duration::from_millis(100)));
        let left_running = RefCell::new(None);
        site.visit(&jar, async |session: Session| {
            let spawned = session.clone();
            *left_running.borrow_mut() = Some(tokio::spawn(async move {
                if renews {
                    spawned.renew().await?;
                    spawned.commit().await?;
                }
                spawned.update("n", |_: Option<u32>| 1).await
            }));
            tokio::time::sleep(Duration::from_millis(50)).await;
            Ok(())
        })
        .await
        .said();
        let told = left_running.into_inner().unwrap().await.unwrap();
        assert!(told.is_err() || site.read(&jar, "n").await == Some(1), "told {told:?}");
        assert_eq!(site.who(&jar).await.is_some(), renews);
    }
}

#[tokio::test]
async fn an_insert_during_an_update_of_its_key_is_not_lost() {
    let site = Site::new();
    let jar = site.begun().await;
    site.store.interleave(1, 6);
    site.visit(&jar, async |session: Session| {
        session.get::<u32>("a").await?;
        let (updated, inserted) =
            tokio::join!(session.update("a", |a: Option<u32>| a.unwrap_or(0) + 1), async {
                tokio::task::yield_now().await;
                session.insert("a", 100)
            });
        inserted.and(updated.map(|_| ()))
    })
    .await
    .said();
    site.store.clear();
    assert!(matches!(site.read(&jar, "a").await, Some(100 | 101)));
}

#[tokio::test]
async fn a_request_sees_its_own_insert_while_it_is_committed() {
    let site = Site::new();
    let jar = site.begun().await;
    site.store.interleave(1, 6);
    site.visit(&jar, async |session: Session| {
        session.get::<u32>("a").await?;
        session.insert("a", 100)?;
        let (committed, seen) = tokio::join!(session.commit(), async {
            tokio::task::yield_now().await;
            session.get::<u32>("a").await
        });
        assert_eq!(seen?, Some(100));
        committed
    })
    .await
    .said();
}

#[tokio::test]
async fn s35_what_failed_to_be_written_for_one_subject_never_lands_with_another() {
    for seed in 0..20 {
        let site = Site::new();
        let jar = site.logged_in().await;
        site.store.interleave(seed, 6);
        site.store.fail_next(1, [Operation::Replace], Fault::refused(StoreErrorKind::Unavailable));
        site.visit(&jar, async |session: Session| {
            session.get::<u32>("a").await?;
            session.insert("adas", 7)?;
            let (_committed, logged_in) = tokio::join!(session.commit(), async {
                tokio::task::yield_now().await;
                session.log_in(Principal::local("alan")).await
            });
            logged_in
        })
        .await
        .said();
        site.store.clear();
        assert_eq!(
            (site.who(&jar).await.as_deref(), site.read(&jar, "adas").await),
            (Some("alan"), None),
            "seed {seed}"
        );
    }
}

#[tokio::test]
async fn s39_recording_an_old_login_anew_does_not_move_the_absolute_end() {
    let timeouts = Timeouts::new(Duration::from_secs(1_000), Duration::from_secs(5_000)).unwrap();
    let site = Site::new().with(|layer| layer.with_timeouts(timeouts));
    let jar = site.logged_in().await;
    for _ in 0..20 {
        site.clock.advance(Duration::from_secs(500));
        site.visit(&jar, async |session: Session| match session.principal().await? {
            Some(principal) => session.log_in(principal).await,
            None => Ok(()),
        })
        .await
        .said();
    }
    assert_eq!(site.who(&jar).await, None);
}

#[tokio::test]
async fn s39_a_login_older_than_the_absolute_timeout_is_refused() {
    let site = Site::new();
    let long_ago = site.clock.now().before(Duration::from_secs(24 * 3_600));
    let stale = Principal::local("ada").with_authenticated_at(long_ago);
    let visit = site.visit(&Jar::new(), async |session| session.log_in(stale).await).await;
    assert_eq!((visit.status(), visit.failed()), (401, SessionErrorKind::AuthenticationTooOld));
}

#[tokio::test]
async fn s39_nothing_is_written_past_the_absolute_end() {
    let timeouts = Timeouts::new(Duration::from_secs(1_000), Duration::from_secs(1_000)).unwrap();
    let site = Site::new().with(|layer| layer.with_timeouts(timeouts));
    let jar = site.begun().await;
    site.clock.advance(Duration::from_secs(900));
    site.visit(&jar, async |session| session.insert("b", 1)).await.said();
    let visit = site
        .visit(&jar, async |session: Session| {
            session.get::<u32>("a").await?;
            site.clock.advance(Duration::from_secs(200));
            session.update("a", |_: Option<u32>| 9).await
        })
        .await;
    assert_eq!(visit.failed(), SessionErrorKind::Gone);
}

#[tokio::test]
async fn what_is_too_large_takes_nothing_else_with_it() {
    let site = Site::new();
    let jar = site.begun().await;
    site.visit(&jar, async |session: Session| {
        session.log_in(Principal::local("ada")).await?;
        session.insert("big", "x".repeat(2 << 20))?;
        assert_eq!(session.commit().await.unwrap_err().kind(), SessionErrorKind::TooLarge);
        session.remove("big")?;
        session.commit().await
    })
    .await
    .said();
    assert_eq!(site.who(&jar).await.as_deref(), Some("ada"));
}

#[tokio::test]
async fn s35_a_record_whose_principal_cannot_be_read_is_not_nobodys() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let key = crate::cookies::key_of(jar.pair().unwrap().split_once('=').unwrap().1);
    let record = site.store.load(&key, Freshness::Strong).await.unwrap().unwrap();
    let mut payload = record.payload.to_vec();
    let issuer = payload.windows(4).position(|window| window == b"urn:").unwrap();
    payload[issuer] = 0xff;
    site.store
        .replace(&key, record.version, Draft::new(payload, Version::unique(), record.expires_at))
        .await
        .unwrap();
    site.visit(&jar, async |session| session.log_in(Principal::local("alan")).await).await.said();
    assert_eq!(site.read(&jar, "a").await, None, "ada's data went to nobody");
}

#[tokio::test]
async fn s29_an_error_does_not_quote_the_value() {
    let site = Site::new();
    site.visit(&Jar::new(), async |session: Session| {
        session.insert("totp", "JBSWY3DPEHPK3PXP")?;
        let error = session.get::<u32>("totp").await.unwrap_err();
        assert!(!format!("{error:?}").contains("JBSW"), "{error:?}");
        Ok(())
    })
    .await
    .said();
}

#[tokio::test]
async fn s46_the_remaining_time_of_a_login_can_be_read_at_once() {
    let site = Site::new();
    let left = site
        .visit(&Jar::new(), async |session: Session| {
            session.log_in(Principal::local("ada")).await?;
            session.expires_in().await
        })
        .await
        .said()
        .unwrap();
    assert_eq!((left.idle.as_secs(), left.absolute.as_secs()), (3_600, 24 * 3_600));
}

/// A creation whose answer was lost may arrive late, after the user logged out: its id must be one that nobody was given.
#[tokio::test]
async fn s48_a_creation_that_arrives_late_revives_nothing() {
    let site = Site::new();
    let jar = Jar::new();
    site.store.fail_next(1, [Operation::Create], Fault::answer_lost(StoreErrorKind::Timeout));
    site.visit(&jar, async |session| session.log_in(Principal::local("ada")).await).await.said();
    assert_eq!(records_of_ada(&site).await, 2, "the first is an orphan under an id that was never sent");
    site.visit(&jar, async |session| session.log_out().await).await.said();
    assert_eq!(records_of_ada(&site).await, 1);
}
