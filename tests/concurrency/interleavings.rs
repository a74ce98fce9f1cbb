//! Randomized interleavings: every store operation waits a random number of turns before and after it is applied. The seed that
//! fails is in the message.

use std::{future::poll_fn, pin::Pin, task::Poll};

use fastrand::Rng;
use portcullis::{
    identity::Principal,
    session::{Session, SessionErrorKind},
};
use support::{Jar, Site};

/// What one visitor did and what became of it.
#[derive(Debug)]
enum Done {
    Added(Result<u64, SessionErrorKind>),
    Set(usize, Result<(), SessionErrorKind>),
    Renewed(Jar),
}

type Visitor<'a> = Pin<Box<dyn Future<Output = Done> + 'a>>;

/// What the counter begins with, so that a session of its own that a late visitor began is told from this one.
const BEGINNING: u64 = 100;

async fn begun(site: &Site) -> Jar {
    let jar = Jar::new();
    site.visit(&jar, async |session: Session| session.log_in(Principal::local("ada")).await).await.said();
    site.visit(&jar, async |session: Session| session.insert("count", BEGINNING)).await.said();
    jar
}

async fn add(site: &Site, jar: &Jar) -> Done {
    let add =
        async |session: Session| session.update("count", |count: Option<u64>| count.unwrap_or(0) + 1).await;
    Done::Added(site.visit(&jar.clone(), add).await.answer.expect("reached"))
}

async fn set(site: &Site, jar: &Jar, key: usize) -> Done {
    let visit =
        site.visit(&jar.clone(), async |session: Session| session.insert(&format!("key{key}"), key)).await;
    // Begun after the id had changed, the request began a session of its own.
    let told = visit.status() == 409 || !visit.cookies().is_empty();
    let committed = if told { Err(SessionErrorKind::Gone) } else { Ok(()) };
    Done::Set(key, committed)
}

async fn renew(site: &Site, jar: &Jar) -> Done {
    let jar = jar.clone();
    site.visit(&jar, async |session: Session| session.renew().await).await.said();
    Done::Renewed(jar)
}

#[tokio::test]
async fn updates_of_one_counter_add_up_and_changes_of_different_keys_survive() {
    for seed in 0..60 {
        let site = Site::new();
        let jar = begun(&site).await;
        site.store.interleave(seed, 4);
        let mut visitors: Vec<Visitor<'_>> = Vec::new();
        for key in 0..8 {
            visitors.push(Box::pin(add(&site, &jar)));
            visitors.push(Box::pin(set(&site, &jar, key)));
        }
        let done = in_random_order(visitors, seed).await;
        site.store.clear();
        assert!(
            done.iter().all(|done| matches!(done, Done::Added(Ok(_)) | Done::Set(_, Ok(())))),
            "seed {seed}: {done:?}"
        );
        site.visit(&jar, async |session: Session| {
            assert_eq!(session.get::<u64>("count").await?, Some(BEGINNING + 8), "seed {seed}");
            for key in 0..8 {
                assert_eq!(session.get::<usize>(&format!("key{key}")).await?, Some(key), "seed {seed}");
            }
            Ok(())
        })
        .await
        .said();
    }
}

/// Writers, and one who moves the session to another id amid them: what was acknowledged is there under the id that lives.
#[tokio::test]
async fn no_acknowledged_write_is_lost_to_a_renewal() {
    for seed in 0..60 {
        let site = Site::new();
        let jar = begun(&site).await;
        site.store.interleave(seed, 4);
        let mut visitors: Vec<Visitor<'_>> = vec![Box::pin(renew(&site, &jar))];
        for key in 0..3 {
            visitors.push(Box::pin(add(&site, &jar)));
            visitors.push(Box::pin(set(&site, &jar, key)));
        }
        let done = in_random_order(visitors, seed).await;
        site.store.clear();
        let living =
            done.iter().find_map(|done| if let Done::Renewed(jar) = done { Some(jar) } else { None });
        let living = living.expect("one renewal");
        let added =
            done.iter().filter(|done| matches!(done, Done::Added(Ok(count)) if *count > BEGINNING)).count();
        site.visit(living, async |session: Session| {
            let count = session.get::<u64>("count").await?;
            assert_eq!(count, Some(BEGINNING + added as u64), "seed {seed}: {done:?}");
            for written in &done {
                if let Done::Set(key, Ok(())) = written {
                    let value = session.get::<usize>(&format!("key{key}")).await?;
                    assert_eq!(value, Some(*key), "seed {seed}: {done:?}");
                }
            }
            Ok(())
        })
        .await
        .said();
    }
}

/// Polls the visitors in an order of dice until all are done. The runtime has its turn in between, so that those who back off
/// from a conflict are woken.
async fn in_random_order(mut visitors: Vec<Visitor<'_>>, seed: u64) -> Vec<Done> {
    let mut dice = Rng::with_seed(seed);
    let mut done = Vec::new();
    while !visitors.is_empty() {
        let at = dice.usize(..visitors.len());
        if let Some(finished) =
            poll_fn(|context| Poll::Ready(ready(visitors[at].as_mut().poll(context)))).await
        {
            done.push(finished);
            drop(visitors.swap_remove(at));
        }
        tokio::task::yield_now().await;
    }
    done
}

fn ready<T>(poll: Poll<T>) -> Option<T> {
    match poll {
        Poll::Ready(done) => Some(done),
        Poll::Pending => None,
    }
}
