//! Many tokens at once: while their keys are replaced, while they are revoked and issued, and counted.

use std::{
    convert::Infallible,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst},
    },
    task::{Context, Poll, Waker},
    thread,
    time::Duration,
};

use axum::http::{Request, Response, StatusCode, header::AUTHORIZATION};
use fastrand::Rng;
use portcullis::{
    bearer::{AnyOf, BearerLayer, TokenErrorKind, Verification, VerifiedToken, VerifyToken},
    claims::ClaimsPolicy,
    identity::IssuerId,
    issue::{TokenIssuer, TokenRequest},
    jwt::{Algorithm, JwtKey, JwtVerifier},
    keyring::{Key, Keyring},
    paseto::{Kind, PasetoKey, PasetoVerifier},
    revocation::Revocations,
    store::{Clock, MemoryStore, SystemClock},
};
use portcullis_testkit::{FaultyStore, TestClock};
use tokio::{runtime::Builder, task::JoinSet};
use tower::{Layer, ServiceExt, service_fn};

type Verifier = Arc<dyn VerifyToken>;

#[test]
fn replaced_keys_of_jwts_are_the_old_ones_or_the_new_ones() {
    let key = |id| JwtKey::generate(Algorithm::Hs256).expect("a key").with_id(id).expect("an id");
    replaced(
        ["old", "new", "common"].map(key),
        |keys| Arc::new(JwtVerifier::new(keys, policy())),
        |keys| TokenIssuer::jwt(keys, ISSUER, AUDIENCE).expect("it signs"),
    );
}

#[test]
fn replaced_keys_of_pasetos_are_the_old_ones_or_the_new_ones() {
    let key = |id| PasetoKey::generate(Kind::V4Local).expect("a key").with_id(id).expect("an id");
    replaced(
        ["old", "new", "common"].map(key),
        |keys| Arc::new(PasetoVerifier::new(keys, policy())),
        |keys| TokenIssuer::paseto(keys, ISSUER, AUDIENCE).expect("it signs"),
    );
}

/// Two sets of keys with one in common are put in each other's place again and again. Whoever reads them sees one or the other.
fn replaced<K: Key>(
    [old, new, common]: [K; 3],
    verifier: fn(Keyring<K>) -> Verifier,
    issuer: fn(Keyring<K>) -> TokenIssuer,
) {
    const ROUNDS: u64 = 1_000;
    let sets = [old.clone(), new.clone()].map(|key| Keyring::new([key, common.clone()]));
    let ring = Keyring::new([new.clone(), common.clone()]);
    let tokens = [old, new, common].map(|key| issued(&issuer(key.into())));
    let (verify, issue) = (verifier(ring.clone()), issuer(ring.clone()));
    // What the readers issue is good under one of both sets.
    let either = sets.clone().map(verifier);
    let is_over = AtomicBool::new(false);
    let reads = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut last = 0;
                while !is_over.load(SeqCst) {
                    accepted(&verify, &tokens[2]).expect("the common key is always there");
                    let keys = ring.keys(SystemClock.now());
                    let ids: Vec<&str> = keys.iter().map(|(key, _)| key.id().as_str()).collect();
                    assert!(matches!(ids[..], ["old" | "new", "common"]), "{ids:?}");
                    let token = issued(&issue);
                    assert!(either.iter().any(|verifier| accepted(verifier, &token).is_ok()));
                    let generation = ring.generation();
                    assert!(generation >= last, "{generation} after {last}");
                    last = generation;
                    reads.fetch_add(1, SeqCst);
                }
            });
        }
        for round in 0..ROUNDS {
            let at = usize::from(round % 2 == 1);
            ring.replace(&sets[at]);
            // For whoever replaced them they hold at once.
            assert!(accepted(&verify, &tokens[at]).is_ok(), "round {round}");
            let refused = accepted(&verify, &tokens[1 - at]).expect_err("no key of the ring made it");
            assert_eq!(refused, TokenErrorKind::UnknownKey, "round {round}");
        }
        while reads.load(SeqCst) < 100 {
            thread::yield_now();
        }
        is_over.store(true, SeqCst);
    });
    assert_eq!(ring.generation(), ROUNDS);
}

/// Two who replace the keys at once, also each by the other's: every replacement counts, and none is half of one.
#[test]
fn keys_replaced_by_several_at_once_are_one_of_theirs() {
    let key = |id: &str| JwtKey::generate(Algorithm::Hs256).expect("a key").with_id(id).expect("an id");
    let set = |id: &str| Keyring::new([key(&format!("{id} 1")), key(&format!("{id} 2"))]);
    let (ours, theirs) = (set("a"), set("b"));
    thread::scope(|scope| {
        for (ring, other) in [(&ours, &theirs), (&theirs, &ours)] {
            let others = [set("c"), set("d")];
            scope.spawn(move || {
                for round in 0..1_000 {
                    ring.replace(&others[round % 2]);
                    ring.replace(other);
                }
            });
            scope.spawn(|| {
                for _ in 0..1_000 {
                    let keys = ring.keys(SystemClock.now());
                    let ids: Vec<&str> = keys.iter().map(|(key, _)| key.id().as_str()).collect();
                    let [first, second] = ids[..] else { panic!("{ids:?}") };
                    assert_eq!(
                        (&first[..1], &first[1..], &second[1..]),
                        (&second[..1], " 1", " 2"),
                        "{ids:?}"
                    );
                }
            });
        }
    });
    assert_eq!([ours.generation(), theirs.generation()], [2_000; 2]);
}

/// Requests with a token, while it is revoked in one of three ways: whoever comes after that is refused, and nobody else is. The store tells at once,
/// or must be waited for, with answers that overtake one another.
#[test]
fn a_request_that_begins_after_a_revocation_is_refused_whatever_was_asked_before() {
    in_many_orders(revoked);
}

async fn revoked(seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let store = FaultyStore::new(MemoryStore::new());
    if rng.u8(..4) > 0 {
        store.interleave(seed, rng.usize(1..5));
    }
    let staleness = Duration::from_secs(rng.u64(..2) * 5);
    let revocations = Revocations::new(store).with_staleness(staleness);
    let ours = PasetoKey::generate(Kind::V4Local).expect("a key");
    let token = issued(&TokenIssuer::paseto(ours.clone(), ISSUER, AUDIENCE).expect("it signs"));
    let other_key = PasetoKey::generate(Kind::V4Local).expect("a key");
    let other = TokenIssuer::paseto(other_key.clone(), ISSUER, AUDIENCE).expect("it signs");
    let other = other.issue(TokenRequest::for_subject("bob")).await.expect("a token").token().to_owned();
    let verifier = PasetoVerifier::new(Keyring::new([ours, other_key]), policy());
    let verified = accepted(&(Arc::new(verifier.clone()) as Verifier), &token).expect("a good token");
    let layer = BearerLayer::new(verifier).with_revocations(revocations.clone());

    let is_revoked = Arc::new(AtomicBool::new(false));
    let mut tasks = JoinSet::new();
    for reader in 0..5 {
        let (layer, is_revoked) = (layer.clone(), Arc::clone(&is_revoked));
        let token = if reader == 0 { other.clone() } else { token.clone() };
        let mut pauses = rng.fork();
        tasks.spawn(async move {
            let mut was_refused = false;
            for _ in 0..12 {
                yields(pauses.usize(..4)).await;
                let must_be_refused = is_revoked.load(SeqCst) && reader > 0;
                let status = status(&layer, &token).await;
                assert!(matches!(status, StatusCode::OK | StatusCode::UNAUTHORIZED), "{status}");
                let is_refused = status == StatusCode::UNAUTHORIZED;
                assert!(!is_refused || reader > 0, "another's token was refused");
                assert!(is_refused || !must_be_refused, "it began after the revocation");
                assert!(is_refused || !was_refused, "it was refused before");
                was_refused = is_refused;
            }
        });
    }
    let (before, how) = (rng.usize(..30), rng.u8(..3));
    tasks.spawn(async move {
        yields(before).await;
        let issuer = IssuerId::new(ISSUER);
        match how {
            0 => revocations.revoke(&verified).await.expect("revoked"),
            1 => drop(revocations.revoke_subject(&issuer, "ada").await.expect("revoked")),
            _ => revocations.revoke_key(&issuer, verified.key_id()).await.expect("revoked"),
        }
        is_revoked.store(true, SeqCst);
    });
    while let Some(done) = tasks.join_next().await {
        done.unwrap_or_else(|failed| resume_unwind(failed.into_panic()));
    }
}

/// Tokens of a subject are issued while all of its tokens are revoked, several times in one second: what was issued before a revocation began
/// is refused, and what was issued after the last one is not.
#[test]
fn a_token_is_refused_by_the_revocations_after_it_and_by_none_before_it() {
    in_many_orders(issued_meanwhile);
}

async fn issued_meanwhile(seed: u64) {
    let mut rng = Rng::with_seed(seed);
    let clock = TestClock::new();
    let store = FaultyStore::new(MemoryStore::new().with_clock(clock.clone()));
    if rng.u8(..4) > 0 {
        store.interleave(seed, rng.usize(1..5));
    }
    let revocations = Revocations::new(store).with_clock(clock.clone());
    let key = PasetoKey::generate(Kind::V4Local).expect("a key");
    let issuer = TokenIssuer::paseto(key.clone(), ISSUER, AUDIENCE).expect("it signs");
    let issuer = issuer.with_clock(clock.clone()).with_revocations(revocations.clone());
    let verifier = PasetoVerifier::new(key, policy()).with_clock(clock);
    let layer = BearerLayer::new(verifier).with_revocations(revocations.clone());

    let steps = Arc::new(AtomicU64::new(0));
    let mut issuing = JoinSet::new();
    for _ in 0..3 {
        let (issuer, steps, mut pauses) = (issuer.clone(), Arc::clone(&steps), rng.fork());
        issuing.spawn(async move {
            let mut tokens = Vec::new();
            for _ in 0..4 {
                yields(pauses.usize(..8)).await;
                let begun = steps.fetch_add(1, SeqCst);
                let token = issuer.issue(TokenRequest::for_subject("ada")).await.expect("a token");
                tokens.push((begun, steps.fetch_add(1, SeqCst), token.token().to_owned()));
            }
            tokens
        });
    }
    let mut revoking = JoinSet::new();
    for _ in 0..2 {
        let (revocations, steps, mut pauses) = (revocations.clone(), Arc::clone(&steps), rng.fork());
        revoking.spawn(async move {
            let mut spans = Vec::new();
            for _ in 0..4 {
                yields(pauses.usize(..10)).await;
                let begun = steps.fetch_add(1, SeqCst);
                revocations.revoke_subject(&IssuerId::new(ISSUER), "ada").await.expect("revoked");
                spans.push((begun, steps.fetch_add(1, SeqCst)));
            }
            spans
        });
    }
    let tokens = issuing.join_all().await.concat();
    let spans = revoking.join_all().await.concat();
    for (begun, ended, token) in tokens {
        let status = status(&layer, &token).await;
        if spans.iter().any(|(revoking, _)| ended < *revoking) {
            assert_eq!(status, StatusCode::UNAUTHORIZED, "issued before it was revoked");
        }
        if spans.iter().all(|(_, revoked)| *revoked < begun) {
            assert_eq!(status, StatusCode::OK, "issued after the last revocation");
        }
    }
}

#[test]
fn what_any_of_several_accepts_is_counted_once_whoever_waits() {
    const THREADS: usize = 4;
    const EACH: usize = 600;
    let keys = ["ready", "waiting", "last"]
        .map(|id| JwtKey::generate(Algorithm::Hs256).expect("a key").with_id(id).expect("an id"));
    let tokens = keys.clone().map(|key| issued(&TokenIssuer::jwt(key, ISSUER, AUDIENCE).expect("it signs")));
    let [ready, waiting, last] = keys.map(|key| JwtVerifier::new(key, policy()));
    let any_of = AnyOf::new().or("ready", ready).or("waiting", Waits(waiting)).or("last", last);
    let seed = fastrand::u64(..);
    println!("random seed {seed}");
    let expected = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|at| {
                let (any_of, tokens) = (any_of.clone(), &tokens);
                let mut rng = Rng::with_seed(seed + at as u64);
                scope.spawn(move || {
                    let runtime = Builder::new_current_thread().build().expect("a runtime");
                    let mut counts = [0; 3];
                    for _ in 0..EACH {
                        let which = rng.usize(..4);
                        match tokens.get(which) {
                            // Who goes away before the answer has got none.
                            Some(token) if rng.u8(..8) == 0 && which > 0 => drop(any_of.verify(token)),
                            Some(token) => {
                                runtime.block_on(any_of.verify(token).done()).expect("a good token");
                                counts[which] += 1;
                            }
                            None => {
                                runtime.block_on(any_of.verify("a.b.c").done()).expect_err("no token");
                            }
                        }
                    }
                    counts
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).fold([0; 3], |mut sum, counts| {
            sum.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
            sum
        })
    });
    let [ready, waiting, last] = expected;
    assert_eq!(any_of.accepted(), [("ready", ready), ("waiting", waiting), ("last", last)]);
}

/// Answers later what it could answer now.
struct Waits(JwtVerifier);

impl VerifyToken for Waits {
    fn verify(&self, token: &str) -> Verification {
        let verdict = self.0.verify(token);
        Verification::Pending(Box::pin(async {
            tokio::task::yield_now().await;
            verdict.done().await
        }))
    }
}

async fn status(layer: &BearerLayer, token: &str) -> StatusCode {
    let service = layer.layer(service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(()))));
    let request =
        Request::get("/").header(AUTHORIZATION, format!("Bearer {token}")).body(()).expect("a request");
    service.oneshot(request).await.expect("infallible").status()
}

fn accepted(verifier: &Verifier, token: &str) -> Result<VerifiedToken, TokenErrorKind> {
    match verifier.verify(token) {
        Verification::Ready(verdict) => verdict.map_err(|error| error.kind()),
        Verification::Pending(_) => panic!("keys at hand are not waited for"),
    }
}

/// A token of ada's. Without revocations to ask, nothing is waited for.
fn issued(issuer: &TokenIssuer) -> String {
    let mut issued = pin!(issuer.issue(TokenRequest::for_subject("ada")));
    match issued.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(issued) => issued.expect("a token").token().to_owned(),
        Poll::Pending => panic!("waited"),
    }
}

/// Runs `scenario` with many seeds, each by itself on one thread.
fn in_many_orders<F: Future<Output = ()>>(scenario: fn(u64) -> F) {
    for seed in 0..100 {
        let runtime =
            Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
        let tried = catch_unwind(AssertUnwindSafe(|| runtime.block_on(scenario(seed))));
        tried.unwrap_or_else(|panic| {
            eprintln!("random seed {seed}");
            resume_unwind(panic)
        });
    }
}

async fn yields(times: usize) {
    for _ in 0..times {
        tokio::task::yield_now().await;
    }
}

fn policy() -> ClaimsPolicy {
    ClaimsPolicy::new(ISSUER, AUDIENCE)
}

const ISSUER: &str = "https://id.example";
const AUDIENCE: &str = "https://api.example";

#[tokio::test]
async fn every_revocation_of_a_second_refuses_what_was_issued_before_it() {
    let clock = TestClock::new();
    let revocations =
        Revocations::new(MemoryStore::new().with_clock(clock.clone())).with_clock(clock.clone());
    let key = PasetoKey::generate(Kind::V4Local).expect("a key");
    let issuer = TokenIssuer::paseto(key.clone(), ISSUER, AUDIENCE).expect("it signs");
    let issuer = issuer.with_clock(clock.clone()).with_revocations(revocations.clone());
    let verifier = PasetoVerifier::new(key, policy()).with_clock(clock);
    let layer = BearerLayer::new(verifier).with_revocations(revocations.clone());
    for round in 0..14 {
        // What could not be revoked is not issued.
        let Ok(token) = issuer.issue(TokenRequest::for_subject("ada")).await else { continue };
        revocations.revoke_subject(&IssuerId::new(ISSUER), "ada").await.expect("revoked");
        assert_eq!(status(&layer, token.token()).await, StatusCode::UNAUTHORIZED, "round {round}");
    }
}
