//! A comparison as a program makes it.

use portcullis::store::{MemoryLimits, MemoryStore};
use portcullis_compare::{CompareError, Comparison, Kind, Settings, compare};
use portcullis_core::StoreErrorKind;
use portcullis_testkit::{Fault, FaultyStore, Operation};

#[tokio::test(flavor = "multi_thread")]
async fn every_row_is_measured() {
    let settings = Settings::default().with_rounds(3).with_store("memory:", MemoryStore::new());
    let mut seen = Vec::new();
    let comparison: Comparison =
        compare(&settings, |progress| seen.push((progress.done, progress.of))).await.unwrap();
    let names: Vec<&str> = comparison.rows.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "HS256",
            "RS256",
            "PS256",
            "ES256",
            "ES384",
            "EdDSA",
            "v4.local",
            "v4.public",
            "v3.public",
            "session in memory",
            "session in memory:"
        ]
    );
    for row in &comparison.rows {
        assert!(
            row.bytes > 0 && row.issue_ns > 0 && row.verify_ns > 0 && row.verify_per_second > 0,
            "{row:?}"
        );
        assert!(row.spread > 0 && row.issue_spread > 0 && row.repeats == 3, "{row:?}");
        assert_eq!(row.store_trips, u32::from(row.name.starts_with("session")), "{row:?}");
    }
    assert!(seen.is_sorted());
    assert_eq!(seen.last().map(|(done, of)| done == of), Some(true));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_ends_the_comparison_and_is_named() {
    let store = std::sync::Arc::new(FaultyStore::new(MemoryStore::new()));
    store.fail(Operation::ALL, Fault::refused(StoreErrorKind::Unavailable));
    let settings = Settings::default().with_rounds(3).with_store("redis://db", std::sync::Arc::clone(&store));
    let error = compare(&settings, |_progress| {}).await.unwrap_err();
    assert!(
        matches!(&error, CompareError::Refused { row, .. } if row == "session in redis://db"),
        "{error:?}"
    );
    assert!(error.to_string().contains("cannot be measured"), "{error}");
}

/// Rounds of logins need more room than there is, unless each is ended again.
#[tokio::test(flavor = "multi_thread")]
async fn no_session_is_left_behind() {
    let store =
        std::sync::Arc::new(MemoryStore::new().with_limits(MemoryLimits::default().with_records(20_000)));
    let settings = Settings::default().with_rounds(15).with_store("small", std::sync::Arc::clone(&store));
    let comparison = compare(&settings, |_progress| {}).await.unwrap();
    assert_eq!(comparison.rows.last().map(|row| row.kind), Some(Kind::Session));
}

/// Seen from the store: what was begun is ended, also where the comparison fails.
#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_that_fails_ends_its_sessions_too() {
    let store = std::sync::Arc::new(FaultyStore::new(MemoryStore::new()));
    store.fail_next(1, [Operation::Load], Fault::refused(StoreErrorKind::Unavailable));
    let settings = Settings::default().with_rounds(3).with_store("failing", std::sync::Arc::clone(&store));
    compare(&settings, |_progress| {}).await.unwrap_err();
    assert!(store.trips().of(Operation::Create) >= 1);
    assert_eq!(store.trips().of(Operation::RemoveAll), 2, "{:?}", store.trips());
}
