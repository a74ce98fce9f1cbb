//! A comparison as a program makes it.

use portcullis::store::MemoryStore;
use portcullis_compare::{Comparison, Settings, compare};

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
        println!("{row:#?}");
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
