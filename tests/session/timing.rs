//! When each call takes effect, and what a failed handler leaves: the table of architecture §4.

use std::{
    cell::RefCell,
    panic::AssertUnwindSafe,
    pin::pin,
    task::{Context, Poll, Waker},
};

use axum::http::StatusCode;
use portcullis::{
    identity::Principal,
    session::{Session, SessionErrorKind},
};
use portcullis_testkit::Operation;
use support::{Jar, Site};

#[tokio::test]
async fn insert_and_remove_take_effect_with_the_response() {
    let site = Site::new();
    let jar = site.begun().await;
    site.visit(&jar, async |session| {
        session.insert("b", 2)?;
        assert_eq!(session.get::<u32>("b").await?, Some(2), "seen by the request itself");
        assert_eq!(site.read(&jar, "b").await, None, "not yet by others");
        session.remove("a")
    })
    .await
    .said();
    assert_eq!((site.read(&jar, "a").await, site.read(&jar, "b").await), (None, Some(2)));
}

#[tokio::test]
async fn a_5xx_drops_changes_and_logins_but_keeps_updates_and_their_cookie() {
    let site = Site::new();
    let jar = Jar::new();
    let visit = site
        .visit_answering(&jar, StatusCode::INTERNAL_SERVER_ERROR, async |session: Session| {
            session.insert("dropped", 1)?;
            session.update("kept", |_: Option<u32>| 1).await?;
            session.log_in(Principal::local("ada")).await
        })
        .await;
    assert_eq!(visit.cookies().len(), 1, "the update needs its cookie");
    assert_eq!((site.read(&jar, "dropped").await, site.read(&jar, "kept").await), (None, Some(1)));
    let principal = site.visit(&jar, async |session| session.principal().await).await.said();
    assert_eq!(principal, None);
}

#[tokio::test]
async fn a_4xx_is_an_answer_like_any_other() {
    let site = Site::new();
    let jar = Jar::new();
    site.visit_answering(&jar, StatusCode::NOT_FOUND, async |session: Session| session.insert("a", 1))
        .await
        .said();
    assert_eq!(site.read(&jar, "a").await, Some(1));
}

#[tokio::test]
async fn s55_a_panic_leaves_nothing_but_what_was_done_at_once() {
    let site = Site::new();
    let jar = site.begun().await;
    let visit = site.visit(&jar, async |session: Session| -> Result<(), _> {
        session.insert("dropped", 1)?;
        session.update("kept", |_: Option<u32>| 1).await?;
        panic!("the handler's own mistake")
    });
    assert!(catch_unwind(visit).await.is_err());
    assert_eq!((site.read(&jar, "dropped").await, site.read(&jar, "kept").await), (None, Some(1)));
}

/// A client that disconnects drops the response's future: here at every point where it waits.
#[tokio::test]
async fn s55_a_disconnect_at_any_point_leaves_the_session_whole() {
    for polls in 0..40_u32 {
        let site = Site::new();
        let jar = site.begun().await;
        site.store.interleave(u64::from(polls), 2);
        {
            let jar = jar.clone();
            let mut visit = pin!(site.visit(&jar, async |session: Session| {
                session.insert("b", 2)?;
                session.insert("c", 3)?;
                session.renew().await
            }));
            let mut context = Context::from_waker(Waker::noop());
            let _finished = (0..polls).any(|_| visit.as_mut().poll(&mut context).is_ready());
        }
        site.store.clear();
        let seen = site
            .visit(&jar, async |session| {
                Ok((
                    session.get::<u32>("a").await?,
                    session.get::<u32>("b").await?,
                    session.get::<u32>("c").await?,
                ))
            })
            .await
            .said();
        let old_id_works = seen == (Some(1), None, None);
        let moved_to_an_id_nobody_was_told = seen == (None, None, None);
        assert!(old_id_works || moved_to_an_id_nobody_was_told, "after {polls} polls: {seen:?}");
    }
}

#[tokio::test]
async fn update_takes_effect_at_once_and_answers_what_was_stored() {
    let site = Site::new();
    let jar = site.begun().await;
    let borrowed_from_the_handler = RefCell::new(Vec::new());
    site.visit(&jar, async |session: Session| {
        let stored = session.update("a", |a: Option<u32>| a.unwrap_or(0) + 10).await?;
        borrowed_from_the_handler.borrow_mut().push(stored);
        assert_eq!(site.read(&jar, "a").await, Some(11));
        Ok(())
    })
    .await
    .said();
    assert_eq!(borrowed_from_the_handler.into_inner(), [11]);
}

#[tokio::test]
async fn update_folds_in_a_pending_insert_of_its_key_and_no_other() {
    let site = Site::new();
    let jar = site.begun().await;
    site.visit(&jar, async |session: Session| {
        session.insert("a", 5)?;
        session.insert("b", 5)?;
        assert_eq!(session.update("a", |a: Option<u32>| a.unwrap_or(0) + 1).await?, 6);
        assert_eq!((site.read(&jar, "a").await, site.read(&jar, "b").await), (Some(6), None));
        Ok(())
    })
    .await
    .said();
    assert_eq!((site.read(&jar, "a").await, site.read(&jar, "b").await), (Some(6), Some(5)));
}

#[tokio::test]
async fn s49_changes_of_different_keys_merge_and_of_one_key_the_last_wins() {
    let site = Site::new();
    let jar = site.begun().await;
    site.visit(&jar, async |session: Session| {
        session.get::<u32>("a").await?;
        session.insert("mine", 1)?;
        session.insert("both", 1)?;
        site.visit(&jar, async |other| {
            other.insert("theirs", 2)?;
            other.insert("both", 2)
        })
        .await
        .said();
        Ok(())
    })
    .await
    .said();
    let seen =
        [site.read(&jar, "mine").await, site.read(&jar, "theirs").await, site.read(&jar, "both").await];
    assert_eq!(seen, [Some(1), Some(2), Some(1)]);
}

#[tokio::test]
async fn commit_forces_the_outcome_while_the_handler_can_see_it() {
    let site = Site::new();
    let jar = site.begun().await;
    let old = jar.clone();
    site.visit(&jar, async |session: Session| {
        session.insert("b", 2)?;
        session.log_in(Principal::local("ada")).await?;
        session.commit().await?;
        assert_eq!(site.read(&old, "a").await, None, "the old id is dead already");
        assert_eq!(session.get::<u32>("b").await?, Some(2));
        session.insert("c", 3)
    })
    .await
    .said();
    assert_eq!((site.read(&jar, "b").await, site.read(&jar, "c").await), (Some(2), Some(3)));
}

#[tokio::test]
async fn s53_changing_a_session_after_its_response_left_is_an_error() {
    let site = Site::new();
    let jar = site.begun().await;
    let kept = RefCell::new(None);
    site.visit(&jar, async |session: Session| {
        session.get::<u32>("a").await?;
        *kept.borrow_mut() = Some(session);
        Ok(())
    })
    .await
    .said();
    let session = kept.into_inner().unwrap();
    assert_eq!(session.insert("a", 2).unwrap_err().kind(), SessionErrorKind::Committed);
    assert_eq!(session.remove("a").unwrap_err().kind(), SessionErrorKind::Committed);
    assert_eq!(
        session.update("a", |_: Option<u32>| 2).await.unwrap_err().kind(),
        SessionErrorKind::Committed
    );
    assert_eq!(session.renew().await.unwrap_err().kind(), SessionErrorKind::Committed);
    assert_eq!(session.commit().await.unwrap_err().kind(), SessionErrorKind::Committed);
    assert_eq!(session.get::<u32>("a").await.unwrap(), Some(1), "reading is harmless");
    session.log_out().await.unwrap();
    assert_eq!(site.read(&jar, "a").await, None, "a logout works whenever it comes");
}

#[tokio::test]
async fn one_value_of_the_wrong_type_fails_only_that_get() {
    let site = Site::new();
    let jar = site.begun().await;
    let visit = site
        .visit(&jar, async |session: Session| {
            assert_eq!(session.get::<String>("a").await.unwrap_err().kind(), SessionErrorKind::Value);
            session.get::<u32>("a").await
        })
        .await;
    assert_eq!(visit.said(), Some(1));
}

#[tokio::test]
async fn an_unreadable_record_is_no_session_and_stays_as_it_is() {
    use portcullis_core::{Draft, Freshness, Store, Version};
    let site = Site::new();
    let jar = site.begun().await;
    let key = stored_key(&site, &jar);
    let record = site.store.load(&key, Freshness::Strong).await.unwrap().unwrap();
    let from_the_future = Draft::new(vec![99, 1, 2, 3], Version::unique(), record.expires_at);
    site.store.replace(&key, record.version, from_the_future).await.unwrap();

    assert_eq!(site.read(&jar, "a").await, None);
    let fresh = jar.clone();
    site.visit(&fresh, async |session| session.insert("a", 2)).await.said();
    assert_ne!(fresh.pair(), jar.pair(), "a new session begins");
    let kept = site.store.load(&key, Freshness::Strong).await.unwrap().unwrap();
    assert_eq!(kept.payload, [99, 1, 2, 3][..]);
}

#[tokio::test]
async fn clones_used_at_once_load_once_and_create_once() {
    let site = Site::new();
    let jar = Jar::new();
    site.store.interleave(1, 2);
    site.visit(&jar, async |session: Session| {
        let add = |key: &'static str| {
            let session = session.clone();
            async move { session.update(key, |value: Option<u32>| value.unwrap_or(0) + 1).await }
        };
        let (a, b, c) = tokio::join!(add("n"), add("n"), add("m"));
        assert_eq!(a? + b? + c?, 1 + 2 + 1);
        Ok(())
    })
    .await
    .said();
    assert_eq!(site.store.trips().of(Operation::Create), 1);
    site.store.clear();
    assert_eq!((site.read(&jar, "n").await, site.read(&jar, "m").await), (Some(2), Some(1)));
}

fn stored_key(_: &Site, jar: &Jar) -> portcullis_core::RecordKey {
    let value = jar.pair().unwrap().split_once('=').unwrap().1.to_owned();
    crate::cookies::key_of(&value)
}

async fn catch_unwind<T>(future: impl Future<Output = T>) -> std::thread::Result<T> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| {
        match std::panic::catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(done)) => Poll::Ready(Ok(done)),
            Err(panic) => Poll::Ready(Err(panic)),
        }
    })
    .await
}
