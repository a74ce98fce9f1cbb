//! Sessions that move to another id: races with each other, with writes and with logouts, and what a failing store makes of them.

use std::{
    cell::RefCell,
    ops::Range,
    pin::Pin,
    task::{Context, Waker},
    time::Duration,
};

use axum::http::StatusCode;
use portcullis::{
    identity::Principal,
    session::{Session, SessionErrorKind, Timeouts},
};
use portcullis_core::{Clock, Draft, Freshness, RecordKey, Store, StoreErrorKind, Version};
use portcullis_testkit::{Fault, Operation};
use support::{Jar, Site, fuzz};

async fn log_out(site: &Site, jar: &Jar) -> u16 {
    site.visit(&jar.clone(), async |session| session.log_out().await).await.status()
}

#[tokio::test]
async fn one_lost_answer_of_a_removal_does_not_end_a_renewed_anonymous_session() {
    let site = Site::new();
    let jar = site.begun().await;
    site.store.fail_next(1, [Operation::Remove], Fault::answer_lost(StoreErrorKind::Timeout));
    let visit = site.visit(&jar, async |session| session.renew().await).await;
    assert_eq!((visit.status(), site.read(&jar, "a").await), (200, Some(1)));
}

#[tokio::test(start_paused = true)]
async fn a_renewal_retried_by_commit_hands_over_an_id_that_works() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let visit = site
        .visit(&jar, async |session: Session| {
            session.renew().await?;
            site.store.fail_next(1, [Operation::Replace], Fault::answer_hung());
            assert!(session.commit().await.is_err());
            session.commit().await
        })
        .await;
    site.store.clear();
    assert_eq!(
        (visit.status(), site.who(&jar).await.as_deref()),
        (200, Some("ada")),
        "{:?}",
        visit.cookies()
    );
}

#[tokio::test(start_paused = true)]
async fn the_same_when_the_handler_gives_up_and_the_response_commits() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let visit = site
        .visit(&jar, async |session: Session| {
            session.renew().await?;
            site.store.fail_next(1, [Operation::Replace], Fault::answer_delayed(Duration::from_millis(500)));
            assert!(tokio::time::timeout(Duration::from_millis(100), session.commit()).await.is_err());
            Ok(())
        })
        .await;
    site.store.clear();
    assert_eq!(
        (visit.status(), site.who(&jar).await.as_deref()),
        (200, Some("ada")),
        "{:?}",
        visit.cookies()
    );
}

#[tokio::test]
async fn a_tombstone_is_gone_after_five_minutes() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let before = jar.clone();
    site.clock.advance(Duration::from_secs(600));
    site.visit(&before.clone(), async |session: Session| {
        session.get::<u32>("a").await?;
        site.visit(&jar, async |other| other.renew().await).await.said();
        Ok(())
    })
    .await
    .said();
    site.clock.advance(Duration::from_secs(3_000));
    assert_eq!(site.who(&jar).await.as_deref(), Some("ada"));
    log_out(&site, &before).await;
    assert_eq!(site.who(&jar).await.as_deref(), Some("ada"), "50 minutes later");
}

#[tokio::test]
async fn who_planted_his_own_login_cannot_end_what_the_victim_logs_in_to() {
    let site = Site::new();
    let planted = Jar::new();
    site.visit(&planted, async |session| session.log_in(Principal::local("mallory")).await).await.said();
    let victim = planted.clone();
    site.visit(&victim, async |session| session.log_in(Principal::local("ada")).await).await.said();
    log_out(&site, &planted).await;
    assert_eq!(site.who(&victim).await.as_deref(), Some("ada"));
}

#[tokio::test]
async fn s48_a_logout_reaches_the_end_of_any_chain() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let before = jar.clone();
    for _ in 0..300 {
        site.visit(&jar, async |session| session.renew().await).await.said();
    }
    let statuses = (log_out(&site, &before).await, log_out(&site, &before).await);
    assert_eq!(site.who(&jar).await, None, "{statuses:?}");
}

#[tokio::test]
async fn s48_a_logout_ends_what_came_of_many_logins_at_once() {
    let mut bad = Vec::new();
    for seed in 0..10 {
        let site = Site::new();
        let jar = site.logged_in().await;
        let before = jar.clone();
        let jars: Vec<Jar> = (0..16).map(|_| jar.clone()).collect();
        site.store.interleave(seed, 3);
        let site_ref = &site;
        let mut all: Vec<Pin<Box<dyn Future<Output = bool> + '_>>> = jars
            .iter()
            .map(|jar| {
                Box::pin(async move {
                    let over = site_ref
                        .visit(jar, async |session: Session| {
                            let over = session.principal().await?.is_some();
                            session.log_in(Principal::local("ada")).await?;
                            Ok(over)
                        })
                        .await;
                    over.answer == Some(Ok(true))
                }) as _
            })
            .collect();
        let mut over: Vec<Option<bool>> = vec![None; all.len()];
        std::future::poll_fn(|cx| {
            for (f, o) in all.iter_mut().zip(&mut over) {
                if o.is_none()
                    && let std::task::Poll::Ready(d) = f.as_mut().poll(cx)
                {
                    *o = Some(d);
                }
            }
            if over.iter().all(Option::is_some) {
                std::task::Poll::Ready(())
            } else {
                std::task::Poll::Pending
            }
        })
        .await;
        drop(all);
        site.store.clear();
        log_out(&site, &before).await;
        for (jar, over) in jars.iter().zip(over) {
            if over == Some(true) && site.who(jar).await.is_some() {
                bad.push(seed);
            }
        }
    }
    assert!(bad.is_empty(), "{} logins outlived the logout: {bad:?}", bad.len());
}

#[tokio::test(start_paused = true)]
async fn a_value_inserted_again_while_committing_is_written() {
    let site = Site::new();
    let jar = site.begun().await;
    site.visit(&jar, async |session: Session| {
        session.get::<u32>("a").await?;
        session.insert("a", 5)?;
        site.store.fail_next(1, [Operation::Replace], Fault::answer_delayed(Duration::from_millis(100)));
        let (committed, ()) = tokio::join!(session.commit(), async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            site.visit(&jar.clone(), async |other| other.insert("a", 7)).await.said();
            session.insert("a", 5).unwrap();
        });
        committed
    })
    .await
    .said();
    assert_eq!(site.read(&jar, "a").await, Some(5), "the last word was 5");
}

#[tokio::test(start_paused = true)]
async fn an_insert_after_an_update_took_effect_is_written() {
    let site = Site::new();
    let jar = site.begun().await;
    site.visit(&jar, async |session: Session| {
        session.get::<u32>("a").await?;
        session.insert("a", 100)?;
        site.store.fail_next(1, [Operation::Replace], Fault::answer_delayed(Duration::from_millis(100)));
        let (updated, ()) = tokio::join!(session.update("a", |a: Option<u32>| a.unwrap_or(0) + 1), async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            assert_eq!(site.read(&jar, "a").await, Some(101));
            session.insert("a", 100).unwrap();
        });
        updated
    })
    .await
    .said();
    assert_eq!(site.read(&jar, "a").await, Some(100), "the last word was 100");
}

#[tokio::test]
async fn s47_a_logout_ends_every_id_of_the_request_whether_loaded_or_not() {
    for loads in [false, true] {
        let site = Site::new();
        let jar = site.logged_in().await;
        let before = jar.clone();
        site.visit(&jar, async |session| session.renew().await).await.said();
        let other = site.begun().await;
        let both = Jar::with(format!("{}; {}", before.pair().unwrap(), other.pair().unwrap()));
        site.visit(&both, async |session: Session| {
            if loads {
                session.get::<u32>("a").await?;
            }
            session.log_out().await
        })
        .await
        .said();
        assert_eq!(site.who(&jar).await, None, "loads: {loads}");
    }
}

#[tokio::test]
async fn s39_nothing_is_renewed_past_the_absolute_end() {
    let timeouts = Timeouts::new(Duration::from_secs(1_000), Duration::from_secs(1_000)).unwrap();
    let site = Site::new().with(|layer| layer.with_timeouts(timeouts));
    let jar = site.logged_in().await;
    site.clock.advance(Duration::from_secs(900));
    site.visit(&jar, async |session| session.insert("b", 1)).await.said();
    let visit = site
        .visit(&jar, async |session: Session| {
            session.renew().await?;
            site.clock.advance(Duration::from_secs(200));
            session.insert("a", 9)
        })
        .await;
    assert_eq!((visit.status(), visit.cookies()), (409, vec![]));
}

#[tokio::test]
async fn s46_the_remaining_time_is_reckoned_from_now() {
    let site = Site::new();
    let jar = site.begun().await;
    let left = site
        .visit(&jar, async |session: Session| {
            session.get::<u32>("a").await?;
            site.clock.advance(Duration::from_secs(600));
            session.expires_in().await
        })
        .await
        .said()
        .unwrap();
    assert_eq!((left.idle.as_secs(), left.absolute.as_secs()), (3_000, 24 * 3_600 - 600));
}

#[tokio::test(start_paused = true)]
async fn a_response_outlives_a_future_that_nobody_polls() {
    let site = Site::new();
    let jar = site.begun().await;
    let kept: RefCell<Option<Pin<Box<dyn Future<Output = ()>>>>> = RefCell::new(None);
    let visit = site
        .visit(&jar, async |session: Session| {
            session.get::<u32>("a").await?;
            site.store.fail_next(1, [Operation::Replace], Fault::delayed(Duration::from_millis(10)));
            let clone = session.clone();
            let mut update =
                Box::pin(async move { clone.update("a", |_: Option<u32>| 9).await.map(drop).unwrap_or(()) })
                    as Pin<Box<dyn Future<Output = ()>>>;
            assert!(update.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
            *kept.borrow_mut() = Some(update);
            Ok(())
        })
        .await;
    assert_eq!(visit.status(), 200);
}

#[tokio::test]
async fn s51_a_request_that_comes_under_a_moved_id_does_not_replace_the_cookie_of_the_renewal() {
    let site = Site::new();
    let browser = site.logged_in().await;
    let late = browser.clone();
    site.visit(&browser, async |session| session.renew().await).await.said();
    let visit = site.visit(&late, async |session| session.insert("theme", "dark")).await;
    // The slower answer arrives after the renewal's.
    browser.take_from(visit.response.headers());
    assert_eq!(site.who(&browser).await.as_deref(), Some("ada"), "{} {:?}", visit.status(), visit.cookies());
}

#[tokio::test]
async fn a_login_stands_on_its_own_proof_with_an_update_too() {
    for updates in [false, true] {
        let site = Site::new();
        let jar = site.begun().await;
        let visit = site
            .visit(&jar, async |session: Session| {
                session.log_in(Principal::local("ada")).await?;
                log_out(&site, &jar).await;
                if updates {
                    session.update("n", |n: Option<u32>| n.unwrap_or(0) + 1).await?;
                } else {
                    session.insert("n", 1)?;
                }
                Ok(())
            })
            .await;
        assert_eq!(
            (visit.status(), site.who(&jar).await.as_deref()),
            (200, Some("ada")),
            "updates: {updates}"
        );
    }
}

#[tokio::test]
async fn a_record_without_an_idle_timeout_does_not_keep_a_response() {
    let site = Site::new().with(|layer| layer.with_store_deadline(Duration::from_millis(300)));
    let jar = site.begun().await;
    let key = crate::cookies::key_of(jar.pair().unwrap().split_once('=').unwrap().1);
    let record = site.store.load(&key, Freshness::Strong).await.unwrap().unwrap();
    let mut payload = record.payload.to_vec();
    payload[IDLE_TIMEOUT].fill(0);
    site.store
        .replace(&key, record.version, Draft::new(payload, Version::unique(), record.expires_at))
        .await
        .unwrap();
    site.store.interleave(1, 2);
    site.store.take_trips();
    let visit = site.visit(&jar, async |session| session.get::<u32>("a").await).await;
    assert_eq!(visit.status(), 200, "{:?}", site.store.take_trips());
}

/// Nothing of ours writes one, but a handler must not ask the store for ever because of what is in it.
#[tokio::test]
async fn tombstones_that_lead_to_each_other_do_not_keep_a_response() {
    let site = Site::new().with(|layer| layer.with_store_deadline(Duration::from_millis(200)));
    let session = site.plant(1, None, fuzz::ANONYMOUS).await;
    let tombstone = |successor: &RecordKey| {
        let until = (site.clock.now() + Duration::from_secs(60)).unix_millis().to_be_bytes();
        let partition = successor.partition().number().to_be_bytes();
        [&[0x81, 1][..], &until, &partition, successor.id().bytes()].concat()
    };
    let other = site.plant(2, None, &tombstone(&session.key)).await;
    let visit = site
        .visit(&session.jar, async |handle| {
            handle.get::<u32>("visits").await?;
            site.replace(&session.key, &tombstone(&other.key)).await;
            // Calls that yield, so that the deadline ends what would go on for ever.
            site.store.interleave(1, 1);
            handle.insert("visits", 4)
        })
        .await;
    assert_eq!(visit.status(), 409);
}

#[tokio::test]
async fn an_insert_between_reading_and_storing_is_not_lost() {
    let site = Site::new();
    let jar = site.begun().await;
    site.visit(&jar, async |session: Session| {
        session
            .update("a", |a: Option<u32>| {
                session.insert("a", 100).unwrap();
                a.unwrap_or(0) + 1
            })
            .await
    })
    .await
    .said();
    assert_eq!(site.read(&jar, "a").await, Some(100));
}

#[tokio::test]
async fn a_login_that_was_committed_outlives_a_5xx_and_a_later_one_does_not() {
    let site = Site::new();
    let jar = site.begun().await;
    let visit = site
        .visit_answering(&jar, StatusCode::INTERNAL_SERVER_ERROR, async |session: Session| {
            session.log_in(Principal::local("ada")).await?;
            session.commit().await?;
            session.log_in(Principal::local("alan")).await
        })
        .await;
    assert_eq!((visit.status(), site.who(&jar).await.as_deref()), (500, Some("ada")));
}

#[tokio::test]
async fn every_call_after_gone_has_its_meaning() {
    let site = Site::new();
    let jar = site.logged_in().await;
    site.visit(&jar, async |session: Session| {
        session.get::<u32>("a").await?;
        site.visit(&jar.clone(), async |other| other.log_out().await).await.said();
        assert_eq!(session.update("a", |_: Option<u32>| 1).await.unwrap_err().kind(), SessionErrorKind::Gone);
        session.log_in(Principal::local("alan")).await?;
        assert_eq!(session.update("n", |n: Option<u32>| n.unwrap_or(0) + 1).await?, 1);
        session.log_out().await?;
        session.insert("flash", 3)?;
        session.log_in(Principal::local("bob")).await?;
        session.update("n", |n: Option<u32>| n.unwrap_or(0) + 5).await
    })
    .await
    .said();
    assert_eq!(
        (site.who(&jar).await.as_deref(), site.read(&jar, "n").await, site.read(&jar, "flash").await),
        (Some("bob"), Some(5), Some(3))
    );
}

#[tokio::test]
async fn a_principal_recorded_anew_does_not_carry_the_old_expiry() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let seen = site
        .visit(&jar, async |session: Session| {
            let before = session.principal().await?.unwrap();
            site.clock.advance(Duration::from_secs(1_000));
            session.log_in(before.clone()).await?;
            Ok((before.expires_at(), session.principal().await?.unwrap().expires_at()))
        })
        .await
        .said();
    assert_ne!(seen.0, seen.1, "expires_at of the session that this login ends");
}

type Actor<'a> = Pin<Box<dyn Future<Output = (Jar, bool, u16)> + 'a>>;

async fn all(mut actors: Vec<Actor<'_>>) -> Vec<(Jar, bool, u16)> {
    let mut done: Vec<Option<(Jar, bool, u16)>> = actors.iter().map(|_| None).collect();
    std::future::poll_fn(|cx| {
        for (f, o) in actors.iter_mut().zip(&mut done) {
            if o.is_none()
                && let std::task::Poll::Ready(d) = f.as_mut().poll(cx)
            {
                *o = Some(d);
            }
        }
        if done.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}

fn actor<'a>(site: &'a Site, jar: &Jar, kind: u8, name: usize) -> Actor<'a> {
    let jar = jar.clone();
    Box::pin(async move {
        let visit = site
            .visit(&jar, async |session: Session| {
                let over = session.principal().await?.is_some();
                if !over {
                    return Ok(false);
                }
                match kind {
                    0 => session.log_in(Principal::local("ada")).await?,
                    1 => session.renew().await?,
                    3 => {
                        session.update("n", |n: Option<u32>| n.unwrap_or(0) + 1).await?;
                    }
                    _ => {
                        for i in 0..10 {
                            session.insert(&format!("k{name}"), i)?;
                            session.commit().await?;
                        }
                    }
                }
                Ok(over)
            })
            .await;
        (jar, visit.answer == Some(Ok(true)), visit.response.status().as_u16())
    })
}

#[tokio::test(start_paused = true)]
async fn s48_no_few_requests_at_once_outlive_a_logout() {
    let mut bad = Vec::new();
    for seed in 0..400_u64 {
        let site = Site::new();
        let jar = site.logged_in().await;
        let before = jar.clone();
        let mut dice = fastrand::Rng::with_seed(seed);
        let kinds: Vec<u8> = (0..dice.usize(2..5)).map(|_| *dice.choice(&[0, 1, 3]).unwrap()).collect();
        site.store.interleave(seed, 3);
        let lossy = seed % 2 == 1;
        if lossy {
            site.store.fail_at_random(
                seed,
                0.1,
                [Operation::Replace, Operation::Create],
                Fault::answer_lost(StoreErrorKind::Timeout),
            );
        }
        let done =
            all(kinds.iter().enumerate().map(|(n, kind)| actor(&site, &jar, *kind, n)).collect()).await;
        site.store.clear();
        log_out(&site, &before).await;
        for ((jar, over, status), kind) in done.iter().zip(&kinds) {
            if *over && *kind < 3 && site.who(jar).await.is_some() {
                bad.push((seed, kinds.clone(), *kind, *status));
            }
        }
    }
    assert!(bad.is_empty(), "{}: {:?}", bad.len(), &bad[..bad.len().min(12)]);
}

#[tokio::test(start_paused = true)]
async fn s33_login_and_renewal_amid_writers_do_not_both_live() {
    let mut bad = Vec::new();
    for seed in 0..150_u64 {
        let site = Site::new();
        let jar = site.logged_in().await;
        let mut kinds = vec![0, 1];
        kinds.extend([4; 6]);
        site.store.interleave(seed, 2);
        let done =
            all(kinds.iter().enumerate().map(|(n, kind)| actor(&site, &jar, *kind, n)).collect()).await;
        site.store.clear();
        let (login, renewal) = (&done[0], &done[1]);
        if login.1
            && renewal.1
            && renewal.2 == 200
            && login.2 == 200
            && site.who(&login.0).await.is_some()
            && site.who(&renewal.0).await.is_some()
            && login.0.pair() != renewal.0.pair()
        {
            bad.push(seed);
        }
    }
    assert!(bad.is_empty(), "{}: {:?}", bad.len(), &bad[..bad.len().min(12)]);
}

#[tokio::test(start_paused = true)]
async fn a_logout_makes_one_trip_for_each_login() {
    let mut most = (0, 0);
    let mut survivors = Vec::new();
    for seed in 0..60_u64 {
        let site = Site::new();
        let jar = site.logged_in().await;
        let before = jar.clone();
        site.store.interleave(seed, 1);
        let done = all((0..8).map(|n| actor(&site, &jar, 0, n)).collect()).await;
        site.store.clear();
        site.store.take_trips();
        let status = log_out(&site, &before).await;
        most = most.max((site.store.take_trips().of(Operation::Remove), seed));
        for (jar, over, _) in &done {
            if *over && site.who(jar).await.is_some() {
                survivors.push((seed, status));
            }
        }
    }
    assert!(most.0 <= 9 && survivors.is_empty(), "{most:?} {} {:?}", survivors.len(), survivors.first());
}

/// Where a session record has it: behind format, flags, handle and two instants.
const IDLE_TIMEOUT: Range<usize> = 42..50;
