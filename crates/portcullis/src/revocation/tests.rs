//! Revocations over a store: one that tells without waiting, one that must be waited for, and one that fails.

use std::time::Duration;

use portcullis_core::{
    Clock, Draft, Freshness, MemoryStore, RecordKey, Store, StoreErrorKind, Timestamp, Version,
};
use portcullis_testkit::{Fault, FaultyStore, Operation, TestClock};

use super::{RevocationError, RevocationErrorKind, Revocations, issued_at, records::Records};
use crate::{
    bearer::{TokenErrorKind, VerifiedToken},
    claims::{ClaimsPolicy, Form, policy::MOST_LEEWAY},
    identity::IssuerId,
    keyring::KeyId,
    reject::{Rejection, RejectionKind},
};

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const ISSUER: &str = "https://id.example";

#[tokio::test]
async fn what_is_revoked_is_refused_at_once_and_nothing_else_is() {
    type Revoke = fn(&Revocations, VerifiedToken) -> Done;
    type Done = std::pin::Pin<Box<dyn Future<Output = Result<(), RevocationError>>>>;
    let by_token: Revoke = |revocations, token| {
        let revocations = revocations.clone();
        Box::pin(async move { revocations.revoke(&token).await })
    };
    let by_subject: Revoke = |revocations, _| {
        let revocations = revocations.clone();
        Box::pin(async move { revocations.revoke_subject(&issuer(), "ada").await.map(|_| ()) })
    };
    let by_key: Revoke = |revocations, _| {
        let revocations = revocations.clone();
        Box::pin(async move { revocations.revoke_key(&issuer(), &KeyId::new("k1")).await })
    };
    // By whom each is refused: its token, its subject, its key.
    let others = [
        ("the same", claims("ada", "1"), "k1", ISSUER, [true, true, true]),
        ("another id", claims("ada", "2"), "k1", ISSUER, [false, true, true]),
        ("another subject", claims("alan", "1"), "k1", ISSUER, [true, false, true]),
        ("another key", claims("ada", "1"), "k2", ISSUER, [true, true, false]),
        ("another issuer", claims("ada", "1"), "k1", "https://other.example", [false; 3]),
        ("no id", r#""sub":"ada","#.to_owned(), "k1", ISSUER, [false, true, true]),
        ("no subject", r#""jti":"1","#.to_owned(), "k1", ISSUER, [true, false, true]),
    ];
    for (at, revoke) in [by_token, by_subject, by_key].into_iter().enumerate() {
        for must_wait in [false, true] {
            let clock = TestClock::new();
            let revocations = revocations(&store(&clock, must_wait), &clock);
            let tokens = others
                .iter()
                .map(|(_, claims, key, issuer, _)| token_of(issuer, key, claims, &clock, MINUTE));
            let tokens: Vec<_> = tokens.collect();
            for token in &tokens {
                assert_eq!(verdict(&revocations, token).await, None);
            }
            revoke(&revocations, token(&claims("ada", "1"), &clock)).await.unwrap();
            for (token, (row, _, _, _, refused)) in tokens.iter().zip(&others) {
                let expected = refused[at].then_some(TokenErrorKind::Revoked);
                assert_eq!(verdict(&revocations, token).await, expected, "{row} {at} {must_wait}");
            }
        }
    }
}

#[tokio::test]
async fn a_token_issued_after_its_subjects_mark_is_accepted_and_one_of_the_same_second_is_not() {
    let clock = TestClock::new();
    let store = store(&clock, true);
    let revocations = revocations(&store, &clock);
    clock.set(Timestamp::from_unix_millis(2_000_000_100_700));
    let mark = revocations.revoke_subject(&issuer(), "ada").await.unwrap();
    assert_eq!(mark, Timestamp::from_unix_seconds(2_000_000_100));
    let rows = [
        ("the second before", "2000000099", true),
        ("the same second", "2000000100", true),
        // Before the mark, and rounded up it would be after it.
        ("a fraction of it", "2000000100.3", true),
        ("the second after", "2000000101", false),
    ];
    for (row, issued, is_refused) in rows {
        let claims = format!(r#""sub":"ada","iat":{issued},"exp":2000000900"#);
        let token = admit(ISSUER, "k1", &claims, &clock);
        let expected = is_refused.then_some(TokenErrorKind::Revoked);
        let elsewhere = self::revocations(&store, &clock);
        for revocations in [&revocations, &elsewhere] {
            assert_eq!(verdict(revocations, &token).await, expected, "{row}");
        }
    }
    let silent = admit(ISSUER, "k1", r#""sub":"ada","exp":2000000900"#, &clock);
    assert_eq!(verdict(&revocations, &silent).await, Some(TokenErrorKind::Revoked));
}

#[tokio::test]
async fn a_login_right_after_logging_out_everywhere_is_not_refused_and_the_next_logout_refuses_it() {
    let clock = TestClock::new();
    let store = store(&clock, true);
    let (here, elsewhere) = (revocations(&store, &clock), revocations(&store, &clock));
    for _ in 0..5 {
        // Asked before: what is believed of an absence must not reach the issuer.
        here.mark_of(&issuer(), "ada").await.unwrap();
        elsewhere.revoke_subject(&issuer(), "ada").await.unwrap();
        let mark = here.mark_of(&issuer(), "ada").await.unwrap();
        let issued = issued_at(clock.now(), mark).unwrap().unix_seconds();
        let claims = format!(r#""sub":"ada","iat":{issued},"exp":{}"#, issued + 600);
        let token = admit(ISSUER, "k1", &claims, &clock);
        assert_eq!(verdict(&here, &token).await, None);
        here.revoke_subject(&issuer(), "ada").await.unwrap();
        assert_eq!(verdict(&here, &token).await, Some(TokenErrorKind::Revoked));
        clock.advance(Duration::from_millis(900));
    }
    assert_eq!(here.mark_of(&issuer(), "alan").await.unwrap(), None);
}

#[tokio::test]
async fn elsewhere_it_holds_within_the_staleness() {
    let clock = TestClock::new();
    let store = store(&clock, true);
    let (here, elsewhere) = (revocations(&store, &clock), revocations(&store, &clock));
    let [one, of_ada, of_key] = ["1", "2", "3"].map(|id| {
        let subject = if id == "2" { "ada" } else { "alan" };
        token_of(ISSUER, if id == "3" { "k3" } else { "k1" }, &claims(subject, id), &clock, MINUTE)
    });
    for token in [&one, &of_ada, &of_key] {
        assert_eq!(verdict(&elsewhere, token).await, None);
    }
    here.revoke(&one).await.unwrap();
    here.revoke_subject(&issuer(), "ada").await.unwrap();
    here.revoke_key(&issuer(), &KeyId::new("k3")).await.unwrap();
    assert_eq!(elsewhere.staleness(), Duration::from_secs(5));
    clock.advance(elsewhere.staleness());
    for token in [&one, &of_ada, &of_key] {
        assert_eq!(verdict(&elsewhere, token).await, Some(TokenErrorKind::Revoked));
    }
}

#[tokio::test]
async fn a_newer_mark_made_elsewhere_holds_within_the_staleness() {
    let clock = TestClock::new();
    let store = store(&clock, true);
    let (here, elsewhere) = (revocations(&store, &clock), revocations(&store, &clock));
    elsewhere.revoke_subject(&issuer(), "ada").await.unwrap();
    clock.advance(MINUTE);
    let token = token(&claims("ada", "1"), &clock);
    clock.advance(SECOND);
    assert_eq!(verdict(&elsewhere, &token).await, None);
    here.revoke_subject(&issuer(), "ada").await.unwrap();
    clock.advance(elsewhere.staleness());
    assert_eq!(verdict(&elsewhere, &token).await, Some(TokenErrorKind::Revoked));
}

#[tokio::test]
async fn without_staleness_it_holds_everywhere_at_once() {
    let clock = TestClock::new();
    for must_wait in [false, true] {
        let store = store(&clock, must_wait);
        let here = revocations(&store, &clock);
        let elsewhere = revocations(&store, &clock);
        let elsewhere = if must_wait { elsewhere.with_staleness(Duration::ZERO) } else { elsewhere };
        assert_eq!(elsewhere.staleness(), Duration::ZERO);
        let token = token(&claims("ada", "1"), &clock);
        assert_eq!(verdict(&elsewhere, &token).await, None);
        here.revoke(&token).await.unwrap();
        assert_eq!(verdict(&elsewhere, &token).await, Some(TokenErrorKind::Revoked));
    }
}

#[tokio::test]
async fn an_answer_that_left_before_a_revocation_does_not_undo_it() {
    let clock = TestClock::new();
    let store = store(&clock, true);
    let revocations = revocations(&store, &clock);
    let token = token(&claims("ada", "1"), &clock);
    // The store has answered "nothing" to all three; the answers are on their way.
    store.fail_next(3, [Operation::Load], Fault::answer_hung());
    let slow = tokio::spawn(revocations.check(token.clone()));
    tokio::task::yield_now().await;
    assert_eq!(store.take_trips().of(Operation::Load), 3);

    revocations.revoke(&token).await.unwrap();
    revocations.revoke_subject(&issuer(), "ada").await.unwrap();
    store.clear();
    store.interleave(0, 0);
    // The request that began before is served.
    assert_eq!(slow.await.unwrap(), Ok(()));
    let kind = revocations.check_now(&token).unwrap().unwrap_err().kind();
    assert_eq!(kind, TokenErrorKind::Revoked);
}

/// As before, and our own mark is forgotten to make room before the answers come.
#[tokio::test]
async fn nor_does_it_when_the_mark_was_forgotten_meanwhile() {
    let clock = TestClock::new();
    let store = store(&clock, true);
    let revocations = revocations(&store, &clock);
    let token = token(&claims("ada", "1"), &clock);
    store.fail_next(3, [Operation::Load], Fault::answer_hung());
    let slow = tokio::spawn(revocations.check(token.clone()));
    tokio::task::yield_now().await;
    revocations.revoke(&token).await.unwrap();
    for other in 0..100_000 {
        revocations.mark_of(&issuer(), &other.to_string()).await.unwrap();
    }
    store.clear();
    store.interleave(0, 0);
    assert_eq!(slow.await.unwrap(), Ok(()));
    assert_eq!(revocations.check_now(&token), None);
    assert_eq!(verdict(&revocations, &token).await, Some(TokenErrorKind::Revoked));
}

#[tokio::test]
async fn an_outage_is_no_verdict_and_what_was_asked_before_is_believed_for_as_long() {
    let clock = TestClock::new();
    let store = store(&clock, true);
    let revocations = revocations(&store, &clock);
    let [asked, denied, unasked] = ["1", "2", "3"].map(|id| token(&claims("ada", id), &clock));
    assert_eq!(verdict(&revocations, &asked).await, None);
    revocations.revoke(&denied).await.unwrap();

    store.fail(Operation::ALL, Fault::refused(StoreErrorKind::Unavailable));
    assert_eq!(verdict(&revocations, &asked).await, None);
    assert_eq!(verdict(&revocations, &unasked).await, Some(TokenErrorKind::Unavailable));
    clock.advance(Duration::from_millis(4_999));
    assert_eq!(verdict(&revocations, &asked).await, None);
    clock.advance(Duration::from_millis(1));
    assert_eq!(verdict(&revocations, &asked).await, Some(TokenErrorKind::Unavailable));
    // Of this one it is known, and will not change.
    assert_eq!(verdict(&revocations, &denied).await, Some(TokenErrorKind::Revoked));

    let failed = revocations.revoke(&asked).await.unwrap_err();
    assert_eq!(failed.kind(), RevocationErrorKind::Unavailable);
    assert_eq!(Rejection::from(failed).kind(), RejectionKind::Unavailable);
    let failed = revocations.revoke_subject(&issuer(), "ada").await.unwrap_err();
    assert_eq!(failed.kind(), RevocationErrorKind::Unavailable);
    assert!(revocations.mark_of(&issuer(), "ada").await.is_err());

    store.clear();
    store.interleave(0, 0);
    assert_eq!(verdict(&revocations, &asked).await, None);
}

#[tokio::test]
async fn one_mark_that_is_found_refuses_though_the_other_questions_fail() {
    let clock = TestClock::new();
    let store = store(&clock, true);
    let token = token(&claims("ada", "1"), &clock);
    revocations(&store, &clock).revoke(&token).await.unwrap();
    // The last of the three is answered.
    store.fail_next(2, [Operation::Load], Fault::refused(StoreErrorKind::Overloaded));
    let verdict = verdict(&revocations(&store, &clock), &token).await;
    assert_eq!(verdict, Some(TokenErrorKind::Revoked));
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_an_outage_at_the_deadline() {
    let clock = TestClock::new();
    let store = store(&clock, true);
    let revocations = revocations(&store, &clock).with_store_deadline(SECOND);
    let token = token(&claims("ada", "1"), &clock);
    store.fail(Operation::ALL, Fault::hung());
    let begun = tokio::time::Instant::now();
    assert_eq!(verdict(&revocations, &token).await, Some(TokenErrorKind::Unavailable));
    assert_eq!(begun.elapsed().as_secs(), 1);
    let failed = revocations.revoke(&token).await.unwrap_err();
    assert_eq!(failed.kind(), RevocationErrorKind::Unavailable);
    assert_eq!(begun.elapsed().as_secs(), 2);
}

#[tokio::test]
async fn a_check_takes_three_trips_at_most_and_none_within_the_staleness() {
    let clock = TestClock::new();
    let store = store(&clock, true);
    let revocations = revocations(&store, &clock);
    let bare = token("", &clock);
    let [one, another] = ["1", "2"].map(|id| token(&claims("ada", id), &clock));
    let rows = [
        ("the key alone", &bare, Duration::ZERO, 1),
        ("its subject and its id too", &one, Duration::ZERO, 2),
        ("again", &one, Duration::from_secs(4), 0),
        ("another of the same subject", &another, Duration::ZERO, 1),
        ("all of it is stale", &one, SECOND, 3),
    ];
    for (row, token, wait, trips) in rows {
        clock.advance(wait);
        store.take_trips();
        assert_eq!(verdict(&revocations, token).await, None, "{row}");
        assert_eq!(store.take_trips().total(), trips, "{row}");
    }
    revocations.revoke(&one).await.unwrap();
    clock.advance(10 * SECOND);
    store.take_trips();
    assert_eq!(verdict(&revocations, &one).await, Some(TokenErrorKind::Revoked));
    assert_eq!(store.take_trips().total(), 0);
}

#[tokio::test]
async fn after_the_end_of_a_mark_answers_are_believed_again() {
    let clock = TestClock::new();
    let store = store(&clock, true);
    let revocations = revocations(&store, &clock).with_longest_lifetime(MINUTE);
    revocations.revoke_subject(&issuer(), "ada").await.unwrap();
    clock.advance(DAY);
    let token = token(&claims("ada", "1"), &clock);
    for trips in [3, 0, 0] {
        store.take_trips();
        assert_eq!(verdict(&revocations, &token).await, None);
        assert_eq!(store.take_trips().total(), trips);
    }
}

#[tokio::test]
async fn concurrent_revocations_of_a_subject_keep_the_later_mark() {
    for seed in 0..200 {
        let clock = TestClock::new();
        let store = store(&clock, true);
        store.interleave(seed, 5);
        let clocks = [0, 3, 7].map(|seconds| {
            let ahead = TestClock::new();
            ahead.advance(Duration::from_secs(seconds));
            ahead
        });
        let [one, two, three] = clocks.clone().map(|clock| revocations(&store, &clock));
        let (one, two, three) = futures_util::future::join3(
            one.revoke_subject(&issuer(), "ada"),
            two.revoke_subject(&issuer(), "ada"),
            three.revoke_subject(&issuer(), "ada"),
        )
        .await;
        let marks = [one, two, three].map(Result::unwrap);
        let stored = revocations(&store, &clock).mark_of(&issuer(), "ada").await.unwrap().unwrap();
        for (mark, clock) in marks.into_iter().zip(&clocks) {
            assert!(mark >= clock.now(), "seed {seed}: {marks:?}");
            assert!(stored >= mark, "seed {seed}: {stored:?} {marks:?}");
        }
    }
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again() {
    type Lost = fn(StoreErrorKind) -> Fault;
    let rows: [(&str, Lost, Operation, bool); 8] = [
        ("create, applied", Fault::answer_lost, Operation::Create, false),
        ("create, not applied", Fault::request_lost, Operation::Create, false),
        ("create where there is one, applied", Fault::answer_lost, Operation::Create, true),
        ("create where there is one, not applied", Fault::request_lost, Operation::Create, true),
        ("extend, applied", Fault::answer_lost, Operation::Extend, true),
        ("extend, not applied", Fault::request_lost, Operation::Extend, true),
        ("replace, applied", Fault::answer_lost, Operation::Replace, true),
        ("replace, not applied", Fault::request_lost, Operation::Replace, true),
    ];
    for (row, fault, operation, is_second) in rows {
        let clock = TestClock::new();
        let store = store(&clock, true);
        let revocations = revocations(&store, &clock);
        let token = token(&claims("ada", "1"), &clock);
        if is_second {
            revocations.revoke(&token).await.unwrap();
            revocations.revoke_subject(&issuer(), "ada").await.unwrap();
            clock.advance(10 * SECOND);
        }
        store.fail_next(1, [operation], fault(StoreErrorKind::Timeout));
        revocations.revoke(&token).await.unwrap();
        store.fail_next(1, [operation], fault(StoreErrorKind::Timeout));
        let mark = revocations.revoke_subject(&issuer(), "ada").await.unwrap();
        assert_eq!(mark, clock.now(), "{row}");
        let elsewhere = self::revocations(&store, &clock);
        assert_eq!(elsewhere.mark_of(&issuer(), "ada").await.unwrap(), Some(mark), "{row}");
        assert_eq!(verdict(&elsewhere, &token).await, Some(TokenErrorKind::Revoked), "{row}");
    }
}

#[tokio::test]
async fn three_lost_in_a_row_are_an_outage() {
    let clock = TestClock::new();
    let store = store(&clock, true);
    let revocations = revocations(&store, &clock);
    let token = token(&claims("ada", "1"), &clock);
    store.fail(Operation::WRITES, Fault::request_lost(StoreErrorKind::Timeout));
    assert!(revocations.revoke(&token).await.is_err());
    assert_eq!(store.take_trips().of(Operation::Create), 3);
    assert!(revocations.revoke_subject(&issuer(), "ada").await.is_err());
    assert_eq!(store.take_trips().of(Operation::Create), 3);
}

/// Of a write whose answer never came the next check asks the store, though "nothing" was believed.
#[tokio::test(start_paused = true)]
async fn after_a_revocation_that_failed_nothing_is_believed() {
    let clock = TestClock::new();
    let store = store(&clock, true);
    let revocations = revocations(&store, &clock);
    let token = token(&claims("ada", "1"), &clock);
    assert_eq!(verdict(&revocations, &token).await, None);
    store.fail_next(1, [Operation::Create], Fault::answer_hung());
    assert!(revocations.revoke(&token).await.is_err());
    assert_eq!(verdict(&revocations, &token).await, Some(TokenErrorKind::Revoked));
}

#[tokio::test]
async fn a_mark_lives_for_as_long_as_any_token_that_it_refuses() {
    let clock = TestClock::new();
    let store = store(&clock, true);
    let revocations = revocations(&store, &clock).with_staleness(Duration::ZERO);
    let longest = DAY + MOST_LEEWAY;
    let [by_subject, by_key, by_id] = [("ada", "k1", "1"), ("alan", "k2", "2"), ("grace", "k3", "3")]
        .map(|(subject, key, id)| token_of(ISSUER, key, &claims(subject, id), &clock, longest));
    let too_long = token_of(ISSUER, "k1", &claims("ada", "4"), &clock, longest + SECOND);
    revocations.revoke_subject(&issuer(), "ada").await.unwrap();
    revocations.revoke_key(&issuer(), &KeyId::new("k2")).await.unwrap();
    revocations.revoke(&by_id).await.unwrap();
    let end = clock.now() + longest + MOST_LEEWAY;
    while clock.now() <= end {
        for token in [&by_subject, &by_key, &by_id] {
            assert_eq!(verdict(&revocations, token).await, Some(TokenErrorKind::Revoked), "{clock:?}");
        }
        assert_eq!(verdict(&revocations, &too_long).await, Some(TokenErrorKind::LivesTooLong), "{clock:?}");
        clock.advance(50 * MINUTE);
    }
    // And not for much longer.
    clock.set(end + 10 * MINUTE);
    assert_eq!(store.sweep(10).await.unwrap(), 3);
    // What is over need not be written down.
    store.take_trips();
    revocations.revoke(&by_id).await.unwrap();
    assert_eq!(store.take_trips().total(), 0);
}

#[tokio::test]
async fn a_token_without_an_end_is_refused_before_the_store_is_asked() {
    let clock = TestClock::new();
    let store = store(&clock, true);
    let revocations = revocations(&store, &clock);
    let token = admit(ISSUER, "k1", r#""jti":"1","iat":2000000000"#, &clock);
    let checked = revocations.check(token.clone()).await.unwrap_err();
    assert_eq!(checked.kind(), TokenErrorKind::LivesTooLong);
    assert_eq!(verdict(&revocations, &token).await, Some(TokenErrorKind::LivesTooLong));
    assert_eq!(store.take_trips().total(), 0);
    let longer = revocations.clone().with_longest_lifetime(Duration::MAX);
    assert_eq!(verdict(&longer, &token).await, Some(TokenErrorKind::LivesTooLong));
    revocations.revoke(&token).await.unwrap();
    longer.revoke_subject(&issuer(), "ada").await.unwrap();
}

#[tokio::test]
async fn a_key_that_is_revoked_again_is_so_for_longer() {
    let clock = TestClock::new();
    let store = store(&clock, true);
    let revocations = revocations(&store, &clock);
    let key = KeyId::new("k1");
    revocations.revoke_key(&issuer(), &key).await.unwrap();
    clock.advance(DAY);
    revocations.revoke_key(&issuer(), &key).await.unwrap();
    clock.advance(DAY);
    let elsewhere = self::revocations(&store, &clock);
    for revocations in [&revocations, &elsewhere] {
        let verdict = verdict(revocations, &token("", &clock)).await;
        assert_eq!(verdict, Some(TokenErrorKind::Revoked));
    }
}

#[tokio::test]
async fn a_mark_of_a_later_version_leaves_the_question_open() {
    for must_wait in [false, true] {
        let clock = TestClock::new();
        let store = store(&clock, must_wait);
        let revocations = revocations(&store, &clock);
        let token = token(&claims("ada", "1"), &clock);
        let records = Records::new(store.clone().into());
        for (key, subject_fails) in
            [(records.of_token(&issuer(), "1"), false), (records.of_subject(&issuer(), "ada"), true)]
        {
            write(&store, &key, &[2, 7], clock.now() + MINUTE).await;
            let revocations = self::revocations(&store, &clock);
            assert_eq!(verdict(&revocations, &token).await, Some(TokenErrorKind::Unavailable));
            assert_eq!(revocations.mark_of(&issuer(), "ada").await.is_err(), subject_fails);
            store.remove(&key, None).await.unwrap();
        }
        write(&store, &records.of_subject(&issuer(), "ada"), &[2, 7], clock.now() + MINUTE).await;
        let failed = revocations.revoke_subject(&issuer(), "ada").await.unwrap_err();
        assert_eq!(failed.kind(), RevocationErrorKind::Unavailable);
        let record = store.load(&records.of_subject(&issuer(), "ada"), Freshness::Strong).await;
        assert_eq!(record.unwrap().unwrap().payload, &[2, 7][..]);
    }
}

#[tokio::test]
async fn a_token_without_an_id_cannot_be_revoked_by_it() {
    let clock = TestClock::new();
    let revocations = revocations(&store(&clock, false), &clock);
    let failed = revocations.revoke(&token(r#""sub":"ada","#, &clock)).await.unwrap_err();
    assert_eq!(failed.kind(), RevocationErrorKind::NoTokenId);
    assert_eq!(Rejection::from(failed).kind(), RejectionKind::Internal);
}

#[tokio::test]
async fn neither_debug_nor_an_error_shows_a_subject_or_an_id() {
    let clock = TestClock::new();
    let store = store(&clock, true);
    let revocations = revocations(&store, &clock);
    let token = token(&claims("lovelace", "secret-id"), &clock);
    revocations.revoke(&token).await.unwrap();
    revocations.revoke_subject(&issuer(), "lovelace").await.unwrap();
    store.fail(Operation::ALL, Fault::refused(StoreErrorKind::Unavailable));
    let failed = revocations.revoke(&token).await.unwrap_err();
    for shown in [format!("{revocations:?}"), format!("{failed:?}"), failed.to_string()] {
        assert!(!shown.contains("lovelace") && !shown.contains("secret-id"), "{shown}");
    }
}

fn issuer() -> IssuerId {
    IssuerId::new(ISSUER)
}

/// A store that counts; where it `must_wait`, `peek` cannot tell.
fn store(clock: &TestClock, must_wait: bool) -> FaultyStore {
    let store = FaultyStore::new(MemoryStore::new().with_clock(clock.clone()));
    if must_wait {
        store.interleave(0, 0);
    }
    store
}

/// As another process has it.
fn revocations(store: &FaultyStore, clock: &TestClock) -> Revocations {
    Revocations::new(store.clone()).with_clock(clock.clone())
}

/// What a layer would do; `None` where the token is let in.
async fn verdict(revocations: &Revocations, token: &VerifiedToken) -> Option<TokenErrorKind> {
    let checked = match revocations.check_now(token) {
        Some(checked) => checked,
        None => revocations.check(token.clone()).await,
    };
    checked.err().map(|error| error.kind())
}

fn claims(subject: &str, id: &str) -> String {
    format!(r#""sub":"{subject}","jti":"{id}","#)
}

/// Issued now, for a minute.
fn token(claims: &str, clock: &TestClock) -> VerifiedToken {
    token_of(ISSUER, "k1", claims, clock, MINUTE)
}

fn token_of(issuer: &str, key: &str, claims: &str, clock: &TestClock, lifetime: Duration) -> VerifiedToken {
    let (now, end) = (clock.now(), clock.now() + lifetime);
    let claims = format!(r#"{claims}"iat":{},"exp":{}"#, now.unix_seconds(), end.unix_seconds());
    admit(issuer, key, &claims, clock)
}

fn admit(issuer: &str, key: &str, claims: &str, clock: &TestClock) -> VerifiedToken {
    let payload = format!(r#"{{"iss":"{issuer}","aud":"api",{claims}}}"#);
    let policy = ClaimsPolicy::new(issuer, "api").insecure_without_expiry();
    VerifiedToken::admit(&policy, Form::Jwt, KeyId::new(key), payload, clock.now()).unwrap()
}

async fn write(store: &FaultyStore, key: &RecordKey, payload: &'static [u8], until: Timestamp) {
    store.create(key, Draft::new(payload, Version::unique(), until)).await.unwrap();
}
