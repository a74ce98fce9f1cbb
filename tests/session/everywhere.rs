//! All others and all: what ends, what is spared, and what it races with.

use std::{pin::Pin, task::Poll};

use axum::http::StatusCode;
use portcullis::{
    cookie::CookieSettings,
    event::EventKind,
    identity::{IssuerId, Principal, Subjects},
    session::{Session, SessionErrorKind},
};
use portcullis_core::StoreErrorKind;
use portcullis_testkit::{Fault, Operation};
use support::{Jar, Site};

fn ada() -> Principal {
    Principal::local("ada")
}

async fn log_in(site: &Site, principal: Principal) -> Jar {
    let jar = Jar::new();
    site.visit(&jar, async |session| session.log_in(principal).await).await.said();
    jar
}

async fn log_out_others(site: &Site, jar: &Jar) -> u16 {
    site.visit(jar, async |session| session.log_out_others().await).await.status()
}

async fn log_out_everywhere(site: &Site, jar: &Jar) -> u16 {
    site.visit(jar, async |session| session.log_out_everywhere().await).await.status()
}

async fn renew(site: &Site, jar: &Jar) -> u16 {
    site.visit(jar, async |session| session.renew().await).await.status()
}

async fn is_ada(site: &Site, jar: &Jar) -> bool {
    site.who(jar).await.as_deref() == Some("ada")
}

/// How many sessions of ada are left.
async fn left(site: &Site) -> usize {
    site.layer.sessions().list(&ada()).await.unwrap().len()
}

#[tokio::test]
async fn s59_others_end_and_the_caller_keeps_its_id_and_its_data() {
    let site = Site::new();
    let (jar, others) = (site.logged_in().await, [log_in(&site, ada()).await, log_in(&site, ada()).await]);
    let alan = log_in(&site, Principal::local("alan")).await;
    let elsewhere = log_in(&site, Principal::new(IssuerId::new("https://id.example"), "ada")).await;
    let before = jar.clone();
    let visit = site
        .visit_answering(&jar, StatusCode::INTERNAL_SERVER_ERROR, async |session: Session| {
            session.log_out_others().await?;
            for other in &others {
                assert!(site.who(other).await.is_none(), "before the response, and whatever it is");
            }
            Ok(())
        })
        .await;
    assert!(visit.cookies().is_empty());
    assert_eq!(jar.pair(), before.pair());
    assert_eq!((site.who(&jar).await.as_deref(), site.read(&jar, "a").await), (Some("ada"), Some(1)));
    assert!(site.who(&alan).await.is_some() && site.who(&elsewhere).await.is_some());
    assert_eq!(left(&site).await, 1);
    for other in &others {
        assert_eq!((renew(&site, &other.clone()).await, site.who(other).await), (200, None));
    }
}

#[tokio::test]
async fn s59_what_the_request_changed_beside_it_is_written() {
    let site = Site::new();
    let (jar, other) = (site.logged_in().await, log_in(&site, ada()).await);
    site.visit(&jar, async |session: Session| {
        session.insert("b", 2)?;
        session.update("c", |_: Option<u32>| 3).await?;
        session.log_out_others().await?;
        session.update("d", |_: Option<u32>| 4).await?;
        session.log_out_others().await?;
        session.insert("e", 5)
    })
    .await
    .said();
    for (key, value) in [("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5)] {
        assert_eq!(site.read(&jar, key).await, Some(value), "{key}");
    }
    assert!(site.who(&other).await.is_none());
}

/// A password was changed: others end, and this session gets a new id.
#[tokio::test]
async fn s59_a_renewal_or_a_login_beside_it_survives_in_either_order() {
    for (name, logs_in, others_first) in
        [("renew", false, true), ("renew", false, false), ("login", true, true), ("login", true, false)]
    {
        let site = Site::new();
        let (jar, other) = (site.logged_in().await, log_in(&site, ada()).await);
        let before = jar.clone();
        let visit = site
            .visit(&jar, async |session: Session| {
                if others_first {
                    session.log_out_others().await?;
                }
                if logs_in {
                    session.log_in(ada()).await?
                } else {
                    session.renew().await?
                }
                if others_first { Ok(()) } else { session.log_out_others().await }
            })
            .await;
        assert_eq!((visit.status(), visit.cookies().len()), (200, 1), "{name}");
        assert_ne!(jar.pair(), before.pair());
        assert!(is_ada(&site, &jar).await && !is_ada(&site, &before).await, "{name}, {others_first}");
        assert_eq!(site.read(&jar, "a").await, Some(1));
        assert!(site.who(&other).await.is_none(), "{name}, {others_first}");
        assert_eq!(left(&site).await, 1);
    }
}

#[tokio::test]
async fn s59_others_of_whom_the_request_logs_in_end_with_a_session_of_nobody_or_of_somebody_else_before_it() {
    let site = Site::new();
    for jar in [Jar::new(), site.begun().await, log_in(&site, Principal::local("alan")).await] {
        let others = [log_in(&site, ada()).await, log_in(&site, ada()).await];
        let alan = log_in(&site, Principal::local("alan")).await;
        site.visit(&jar, async |session: Session| {
            session.log_in(ada()).await?;
            session.log_out_others().await
        })
        .await
        .said();
        assert!(is_ada(&site, &jar).await);
        assert!(!is_ada(&site, &others[0]).await && !is_ada(&site, &others[1]).await);
        assert_eq!(site.who(&alan).await.as_deref(), Some("alan"));
    }
}

#[tokio::test]
async fn s59_everywhere_ends_all_and_deletes_the_cookie() {
    let site = Site::new();
    let (jar, other) = (site.logged_in().await, log_in(&site, ada()).await);
    let alan = log_in(&site, Principal::local("alan")).await;
    let before = jar.clone();
    let visit = site
        .visit(&jar, async |session: Session| {
            session.insert("dropped", 1)?;
            session.log_out_everywhere().await?;
            assert!(site.who(&other).await.is_none() && site.who(&before).await.is_none());
            Ok(())
        })
        .await;
    assert_eq!((visit.status(), visit.cookies().len()), (200, 1));
    assert!(visit.cookies()[0].contains("Max-Age=0"), "{:?}", visit.cookies());
    assert!(site.who(&alan).await.is_some());
    assert_eq!(left(&site).await, 0);
    let again = log_in(&site, ada()).await;
    assert!(is_ada(&site, &again).await, "a later login is another matter");
}

/// Whoever logs in somebody and then ends everything of theirs means them, whatever session there was before.
#[tokio::test]
async fn s59_everywhere_ends_all_of_whom_the_request_logs_in() {
    let site = Site::new();
    for (name, jar) in [
        ("no session", Jar::new()),
        ("nobody's", site.begun().await),
        ("somebody else's", log_in(&site, Principal::local("alan")).await),
        ("the same", log_in(&site, ada()).await),
    ] {
        let (before, other) = (jar.clone(), log_in(&site, ada()).await);
        site.visit(&jar, async |session: Session| {
            session.log_in(ada()).await?;
            session.log_out_everywhere().await
        })
        .await
        .said();
        assert!(!is_ada(&site, &jar).await, "{name}: the login is dropped");
        assert!(site.who(&before).await.is_none(), "{name}: the session is ended");
        assert!(!is_ada(&site, &other).await, "{name}: so is every other");
    }
}

#[tokio::test]
async fn s59_everywhere_of_nobody_logs_out() {
    let site = Site::new();
    let (jar, other) = (site.begun().await, site.begun().await);
    let before = jar.clone();
    assert_eq!(log_out_everywhere(&site, &jar).await, 200);
    assert_eq!((jar.pair(), site.read(&before, "a").await), (None, None));
    assert_eq!(site.read(&other, "a").await, Some(1));
    assert_eq!(log_out_everywhere(&site, &Jar::new()).await, 200);
    assert_eq!((log_out_others(&site, &other).await, site.read(&other, "a").await), (200, Some(1)));
}

#[tokio::test]
async fn s59_the_cookie_of_an_ended_session_ends_nothing_else() {
    let site = Site::new();
    let (jar, other) = (site.logged_in().await, log_in(&site, ada()).await);
    let stolen = jar.clone();
    site.visit(&jar, async |session| session.log_out().await).await.said();
    for ends in [log_out_others(&site, &stolen).await, log_out_everywhere(&site, &stolen).await] {
        assert!(matches!(ends, 200 | 409), "{ends}");
        assert!(is_ada(&site, &other).await);
    }
    let moved = other.clone();
    renew(&site, &other).await;
    assert_eq!((log_out_others(&site, &moved).await, log_out_everywhere(&site, &moved).await), (409, 409));
    assert!(is_ada(&site, &other).await);
}

#[tokio::test]
async fn s59_both_end_the_sessions_of_two_layers_on_one_store_and_so_does_the_store_by_subject() {
    let calls: [(&str, bool); 4] =
        [("others", true), ("everywhere", false), ("revoke_all", false), ("subjects", false)];
    for (name, is_spared) in calls {
        let one = Site::new();
        let two = one.clone().with(|layer| {
            layer.with_cookie(CookieSettings::named("staff").unwrap()).with_realm("back office")
        });
        let (jar, here, there) =
            (log_in(&one, ada()).await, log_in(&one, ada()).await, log_in(&two, ada()).await);
        let alan = log_in(&two, Principal::local("alan")).await;
        match name {
            "others" => assert_eq!(log_out_others(&one, &jar.clone()).await, 200),
            "everywhere" => assert_eq!(log_out_everywhere(&one, &jar.clone()).await, 200),
            "revoke_all" => two.layer.sessions().revoke_all(&ada()).await.unwrap(),
            _ => Subjects::new(one.store.clone()).log_out_everywhere(&ada()).await.unwrap(),
        }
        assert_eq!(is_ada(&one, &jar).await, is_spared, "{name}");
        assert!(!is_ada(&one, &here).await && !is_ada(&two, &there).await, "{name}");
        assert!(two.who(&alan).await.is_some(), "{name}");
    }
}

/// Somebody else's session is renewed, twice, while it is ended with all others.
#[tokio::test]
async fn s59_no_interleaving_lets_a_renewal_of_another_session_survive() {
    for seed in 0..400 {
        let site = Site::new();
        let (jar, thief) = (site.logged_in().await, log_in(&site, ada()).await);
        let (before, one, two) = (thief.clone(), thief.clone(), thief);
        site.store.interleave(seed, 3);
        let everywhere = seed % 4 == 0;
        let ends = async {
            match seed % 4 {
                0 => log_out_everywhere(&site, &jar.clone()).await,
                1 => site.layer.sessions().revoke_all(&ada()).await.map_or(503, |()| 200),
                _ => log_out_others(&site, &jar.clone()).await,
            }
        };
        let twice = async {
            renew(&site, &one).await;
            renew(&site, &one).await
        };
        let (_, _, ended) = in_dice_order(seed, twice, renew(&site, &two), ends).await;
        site.store.clear();
        assert_eq!(ended, 200, "seed {seed}");
        for handed_over in [&before, &one, &two] {
            assert!(site.who(handed_over).await.is_none(), "seed {seed}");
        }
        let spared = !everywhere && seed % 4 != 1;
        assert_eq!(
            (is_ada(&site, &jar).await, left(&site).await),
            (spared, usize::from(spared)),
            "seed {seed}"
        );
    }
}

/// The fence alone refuses it: what was stored need not be taken back, which a failing store could not do.
#[tokio::test]
async fn s59_a_renewal_begun_before_everything_ended_stores_nothing() {
    let site = Site::new();
    let jar = site.logged_in().await;
    let visit = site
        .visit(&jar, async |session: Session| {
            session.renew().await?;
            site.layer.sessions().revoke_all(&ada()).await?;
            site.store.fail([Operation::Remove], Fault::refused(StoreErrorKind::Unavailable));
            Ok(())
        })
        .await;
    assert_eq!((visit.status(), visit.cookies()), (409, vec![]));
    site.store.clear();
    assert_eq!(left(&site).await, 0);
}

/// The caller's own session is renewed by another tab meanwhile: one of the two ids goes on, and nothing else.
#[tokio::test]
async fn s59_the_callers_own_renewal_meanwhile_leaves_it_one_session() {
    for seed in 0..400 {
        let site = Site::new();
        let (jar, other) = (site.logged_in().await, log_in(&site, ada()).await);
        let (tab, caller) = (jar.clone(), jar.clone());
        site.store.interleave(seed, 3);
        let (_renewed, ended, ()) =
            in_dice_order(seed, renew(&site, &tab), log_out_others(&site, &caller), async {}).await;
        site.store.clear();
        // Begun after the id had changed, the caller had none.
        assert!(matches!(ended, 200 | 409), "seed {seed}: {ended}");
        let lives = [is_ada(&site, &jar).await, is_ada(&site, &tab).await];
        assert!(lives.contains(&true), "seed {seed}: nobody is left");
        let alive = if ended == 200 { 1 } else { 2 };
        assert_eq!(left(&site).await, alive, "seed {seed}");
        assert_eq!(is_ada(&site, &other).await, ended == 409, "seed {seed}");
        let living = if lives[1] { &tab } else { &jar };
        assert_eq!(site.read(living, "a").await, Some(1), "seed {seed}");
    }
}

/// `log_out_others` does not end the caller's session, so what another tab of it does is not told that it was.
#[tokio::test]
async fn s59_another_tab_of_the_spared_session_is_not_told_that_it_was_ended() {
    let mut told = Vec::new();
    for seed in 0..200 {
        let site = Site::new();
        let jar = site.logged_in().await;
        let (tab, caller) = (jar.clone(), jar.clone());
        site.store.interleave(seed, 3);
        let (renewed, ended, ()) =
            in_dice_order(seed, renew(&site, &tab), log_out_others(&site, &caller), async {}).await;
        site.store.clear();
        if renewed != 200 && ended == 200 {
            told.push(seed);
        }
    }
    assert!(told.is_empty(), "{} renewals of a living session were told 409: {told:?}", told.len());
}

#[tokio::test]
async fn s48_no_interleaving_of_a_logout_and_a_logout_of_others_leaves_anything_alive() {
    for seed in 0..400 {
        let site = Site::new();
        let (jar, thief) = (site.logged_in().await, log_in(&site, ada()).await);
        let (tab, caller, moving) = (jar.clone(), jar.clone(), jar.clone());
        site.store.interleave(seed, 3);
        let logout =
            async { site.visit(&tab.clone(), async |session| session.log_out().await).await.status() };
        let moves = async { if seed % 2 == 0 { renew(&site, &moving).await } else { 200 } };
        let (left_out, ended, _) = in_dice_order(seed, logout, log_out_others(&site, &caller), moves).await;
        site.store.clear();
        assert_eq!(left_out, 200, "seed {seed}");
        for own in [&jar, &tab, &caller, &moving] {
            assert!(site.who(own).await.is_none(), "seed {seed}");
        }
        // Told that it was ended, the caller ended nothing else.
        assert_eq!(
            is_ada(&site, &thief).await,
            ended == 409 || (ended == 200 && left(&site).await == 1),
            "seed {seed}"
        );
        assert!(left(&site).await <= 1, "seed {seed}");
    }
}

/// The answer that hands over the new id is slow, and the user logs out with the cookie that the browser still has. That others were
/// ended in the same request must not hide where the session went.
#[tokio::test]
async fn s48_a_logout_with_the_cookie_from_before_ends_what_is_handed_over_beside_an_end_of_others() {
    for logs_in in [false, true] {
        let site = Site::new();
        let jar = site.logged_in().await;
        let before = jar.clone();
        site.visit(&jar, async |session: Session| {
            if logs_in {
                session.log_in(ada()).await?
            } else {
                session.renew().await?
            }
            session.commit().await?;
            session.log_out_others().await
        })
        .await
        .said();
        assert!(is_ada(&site, &jar).await);
        site.visit(&before.clone(), async |session| session.log_out().await).await.said();
        assert!(!is_ada(&site, &jar).await, "logs in: {logs_in}: it survived its logout");
    }
}

/// The same where another tab ends the others.
#[tokio::test]
async fn s48_a_logout_ends_what_a_renewal_hands_over_whoever_ended_the_others_meanwhile() {
    let mut survived = Vec::new();
    for seed in 0..400 {
        let site = Site::new();
        let jar = site.logged_in().await;
        let (tab, caller) = (jar.clone(), jar.clone());
        site.store.interleave(seed, 3);
        in_dice_order(seed, renew(&site, &tab), log_out_others(&site, &caller), async {}).await;
        site.store.clear();
        // Neither answer has reached the browser.
        site.visit(&jar.clone(), async |session| session.log_out().await).await.said();
        if is_ada(&site, &tab).await {
            survived.push(seed);
        }
    }
    assert!(survived.is_empty(), "{} of 400 survived their logout: {survived:?}", survived.len());
}

#[tokio::test]
async fn s49_no_write_that_races_with_a_logout_of_others_is_lost() {
    for seed in 0..200 {
        let site = Site::new();
        let (jar, other) = (site.logged_in().await, log_in(&site, ada()).await);
        site.store.interleave(seed, 3);
        let add = async |times: u32| {
            let mut done = Vec::new();
            for _ in 0..times {
                let add =
                    async |session: Session| session.update("n", |n: Option<u32>| n.unwrap_or(0) + 1).await;
                done.push(site.visit(&jar.clone(), add).await.status());
            }
            done
        };
        let set = async {
            site.visit(&jar.clone(), async |session: Session| {
                session.get::<u32>("a").await?;
                session.insert("b", 2)
            })
            .await
            .status()
        };
        let ends =
            async { [log_out_others(&site, &jar.clone()).await, log_out_others(&site, &jar.clone()).await] };
        let (added, set, ended) = in_dice_order(seed, add(3), set, ends).await;
        site.store.clear();
        assert_eq!((added, set, ended), (vec![200; 3], 200, [200, 200]), "seed {seed}");
        let seen = (site.read(&jar, "n").await, site.read(&jar, "b").await);
        assert_eq!(seen, (Some(3), Some(2)), "seed {seed}");
        assert!(site.who(&other).await.is_none(), "seed {seed}");
    }
}

/// Two who end all others at once: at most one of them is left, and a winner is told so.
#[tokio::test]
async fn s59_of_two_who_end_all_others_at_once_at_most_one_is_left() {
    for seed in 0..200 {
        let site = Site::new();
        let (one, two) = (site.logged_in().await, site.logged_in().await);
        site.store.interleave(seed, 3);
        let (first, second, ()) = in_dice_order(
            seed,
            log_out_others(&site, &one.clone()),
            log_out_others(&site, &two.clone()),
            async {},
        )
        .await;
        site.store.clear();
        let alive = [is_ada(&site, &one).await, is_ada(&site, &two).await];
        assert!(alive.iter().filter(|alive| **alive).count() <= 1, "seed {seed}");
        for (status, alive) in [first, second].into_iter().zip(alive) {
            assert!(!alive || status == 200, "seed {seed}");
        }
    }
}

#[tokio::test]
async fn s59_one_lost_answer_of_ending_others_is_made_good() {
    for (lost, fault) in [
        ("request", Fault::request_lost(StoreErrorKind::Timeout)),
        ("answer", Fault::answer_lost(StoreErrorKind::Timeout)),
    ] {
        let site = Site::new();
        let (jar, other) = (site.logged_in().await, log_in(&site, ada()).await);
        site.store.fail_next(1, [Operation::Remove], fault);
        let visit = site
            .visit(&jar, async |session: Session| {
                session.insert("b", 2)?;
                session.log_out_others().await?;
                session.renew().await
            })
            .await;
        assert_eq!(visit.status(), 200, "{lost}");
        assert!(is_ada(&site, &jar).await && !is_ada(&site, &other).await, "{lost}");
        assert_eq!((site.read(&jar, "a").await, site.read(&jar, "b").await), (Some(1), Some(2)), "{lost}");

        let other = log_in(&site, ada()).await;
        site.store.fail_next(1, [Operation::RemoveAll], fault);
        assert_eq!(log_out_everywhere(&site, &jar.clone()).await, 200, "{lost}");
        assert!(!is_ada(&site, &jar).await && !is_ada(&site, &other).await, "{lost}");
    }
}

/// A write of another tab comes between the answer that was lost and the second call.
#[tokio::test(start_paused = true)]
async fn s59_a_write_between_a_lost_answer_and_the_second_call_is_kept() {
    let site = Site::new();
    let (jar, other) = (site.logged_in().await, log_in(&site, ada()).await);
    site.store.fail_next(1, [Operation::Remove], Fault::answer_lost(StoreErrorKind::Timeout));
    let delay = std::time::Duration::from_millis(100);
    site.store.fail_next(1, [Operation::Remove], Fault::delayed(delay));
    let (ended, ()) = tokio::join!(log_out_others(&site, &jar), async {
        tokio::time::sleep(delay / 2).await;
        site.visit(&jar.clone(), async |session| session.insert("b", 2)).await.said();
    });
    assert_eq!((ended, site.read(&jar, "b").await), (200, Some(2)));
    assert!(is_ada(&site, &jar).await && !is_ada(&site, &other).await);
}

#[tokio::test(start_paused = true)]
async fn s54_a_store_that_fails_to_end_others_is_a_503_and_the_caller_lives_on() {
    for fault in [
        Fault::refused(StoreErrorKind::Unavailable),
        Fault::request_lost(StoreErrorKind::Timeout),
        Fault::answer_lost(StoreErrorKind::Timeout),
        Fault::hung(),
        Fault::answer_hung(),
    ] {
        for operation in [Operation::Load, Operation::List, Operation::Remove, Operation::RemoveAll] {
            let site = Site::new();
            let jar = site.logged_in().await;
            log_in(&site, ada()).await;
            site.store.fail([operation], fault);
            let begun = tokio::time::Instant::now();
            let visit = site.visit(&jar, async |session| session.log_out_others().await).await;
            assert_eq!((visit.status(), visit.cookies()), (503, vec![]), "{fault:?} of {operation:?}");
            assert!(begun.elapsed().as_secs() <= 4, "{fault:?} of {operation:?}");
            site.store.clear();
            assert!(is_ada(&site, &jar).await, "{fault:?} of {operation:?}");
            assert_eq!(site.read(&jar, "a").await, Some(1));
            site.visit(&jar, async |session| session.insert("b", 2)).await.said();
            assert_eq!(log_out_others(&site, &jar).await, 200, "and once more");
            assert_eq!(left(&site).await, 1);
        }
        let site = Site::new();
        let jar = site.logged_in().await;
        site.store.fail([Operation::RemoveAll], fault);
        let visit = site.visit(&jar, async |session| session.log_out_everywhere().await).await;
        assert_eq!(
            (visit.status(), visit.cookies()),
            (503, vec![]),
            "{fault:?}: so that the user can try again"
        );
        let subjects = Subjects::new(site.store.clone());
        assert_eq!(
            subjects.log_out_everywhere(&ada()).await.unwrap_err().kind(),
            SessionErrorKind::Unavailable
        );
        site.store.clear();
        assert_eq!(log_out_everywhere(&site, &jar).await, 200, "{fault:?}: and once more");
        assert_eq!(left(&site).await, 0);
    }
}

/// The answer to a 503 for ending others is to try again in the same request; what was changed meanwhile stays.
#[tokio::test]
async fn s59_a_failed_ending_of_others_can_be_asked_for_again_in_the_same_request() {
    let site = Site::new();
    let (jar, other) = (site.logged_in().await, log_in(&site, ada()).await);
    site.store.fail_next(2, [Operation::Remove], Fault::answer_lost(StoreErrorKind::Timeout));
    site.visit(&jar, async |session: Session| {
        session.insert("b", 2)?;
        assert!(session.log_out_others().await.is_err());
        session.log_out_others().await
    })
    .await
    .said();
    assert!(is_ada(&site, &jar).await && !is_ada(&site, &other).await);
    assert_eq!(site.read(&jar, "b").await, Some(2));
}

#[tokio::test]
async fn s90_ending_others_and_everything_is_told() {
    let told = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let heard = std::sync::Arc::clone(&told);
    let site = Site::new().with(|layer| {
        layer.with_event_hook(move |event| heard.lock().unwrap().push((event.kind(), event.session())))
    });
    let jar = log_in(&site, ada()).await;
    let name = site.visit(&jar, async |session| session.public_handle().await).await.said();
    told.lock().unwrap().clear();
    log_out_others(&site, &jar).await;
    log_out_everywhere(&site, &jar).await;
    site.layer.sessions().revoke_all(&ada()).await.unwrap();
    let expected = [
        (EventKind::LoggedOutOthers, name),
        (EventKind::LoggedOutEverywhere, name),
        (EventKind::LoggedOutEverywhere, None),
    ];
    assert_eq!(*told.lock().unwrap(), expected);
}

/// Polls three visitors in an order of dice, so that what begins first is not always the same.
async fn in_dice_order<A, B, C>(
    seed: u64,
    first: impl Future<Output = A>,
    second: impl Future<Output = B>,
    third: impl Future<Output = C>,
) -> (A, B, C) {
    let mut dice = fastrand::Rng::with_seed(seed);
    let (mut a, mut b, mut c) = (None, None, None);
    {
        let mut steps: [Pin<Box<dyn Future<Output = ()> + '_>>; 3] = [
            Box::pin(async { a = Some(first.await) }),
            Box::pin(async { b = Some(second.await) }),
            Box::pin(async { c = Some(third.await) }),
        ];
        let mut left: Vec<usize> = (0..3).collect();
        while !left.is_empty() {
            let at = dice.usize(..left.len());
            let done = std::future::poll_fn(|context| {
                Poll::Ready(steps[left[at]].as_mut().poll(context).is_ready())
            })
            .await;
            if done {
                left.swap_remove(at);
            }
            tokio::task::yield_now().await;
        }
    }
    (a.expect("done"), b.expect("done"), c.expect("done"))
}
