//! A law is worth what it catches: each is run over stores with a flaw that a real one once had.

mod flawed;

use portcullis_core::MemoryStore;

use self::flawed::{Flaw, FlawedStore};
use super::{
    Backend, Missing,
    run::{LAWS, trials, try_law},
};
use crate::TestClock;

#[test]
fn a_flaw_is_found_by_the_laws_it_breaks() {
    for (flaw, laws) in [
        (Flaw::CreateOverwrites, &["create_never_overwrites", "concurrent_histories_are_linearizable"][..]),
        (Flaw::CreateLooksFirst, &["one_of_many_concurrent_creations_wins"]),
        (
            Flaw::ReplaceIsAnUpsert,
            &[
                "replace_never_creates",
                "nothing_revives_a_removed_record",
                "no_concurrent_write_revives_a_removed_record",
            ],
        ),
        (
            Flaw::LastWriterWins,
            &[
                "replace_is_compare_and_swap",
                "the_same_payload_in_another_version_conflicts",
                "concurrent_counters_add_up",
            ],
        ),
        (Flaw::ReplaceLooksFirst, &["concurrent_counters_add_up", "concurrent_histories_are_linearizable"]),
        (
            Flaw::ExpiresOneMillisecondLate,
            &["a_record_is_there_until_its_expiry_and_not_at_it", "nothing_finds_an_expired_record"],
        ),
        (
            Flaw::FenceIsIgnored,
            &["a_fence_admits_the_current_epoch_and_no_older", "epochs_only_rise_even_when_forgotten"],
        ),
        (Flaw::FenceLooksFirst, &["no_renewal_survives_a_concurrent_remove_all"]),
        (
            Flaw::LoadsAreRemembered,
            &["remove_is_idempotent", "peek_agrees_with_load", "concurrent_histories_are_linearizable"],
        ),
        (Flaw::DroppedRepliesAreKept, &["nobody_reads_the_reply_to_a_dropped_call"]),
        (Flaw::ListingEndsEarly, &["a_listing_is_in_the_order_created_then_id", "at_most_the_limit_remains"]),
        (Flaw::RemoveIgnoresItsVersion, &["remove_of_another_version_conflicts"]),
        (Flaw::RemoveAllGoesSpaceBySpace, &["a_dropped_call_took_effect_or_did_not"]),
        (Flaw::ExtendMovesBack, &["extend_only_moves_forward"]),
        (Flaw::SweepIgnoresItsBudget, &["sweep_is_bounded_and_spares_the_living"]),
    ] {
        let backend =
            Backend::new("flawed", async move |clock: TestClock| Ok(FlawedStore::new(flaw, clock).into()));
        for law in laws {
            let (_, body) = LAWS.iter().find(|(name, _)| name == law).expect("a law is called so");
            assert!(try_law(&backend, *body).is_err(), "{law} does not find the flaw {flaw:?}");
        }
    }
}

#[test]
fn a_missing_server_is_listed_as_ignored_and_fails_when_run_all_the_same() {
    let missing = || Backend::new("gone", async |_: TestClock| Err(Missing::new("no server on port 1")));
    let listed = trials(missing(), false);
    assert_eq!(listed.len(), LAWS.len());
    assert!(listed.iter().all(|trial| trial.has_ignored_flag()));
    let (_, law) = LAWS[0];
    let failed = try_law(&missing(), law).unwrap_err();
    assert!(failed.message().is_some_and(|message| message.contains("no server on port 1")), "{failed:?}");
}

#[test]
fn a_broken_law_says_its_seed() {
    let flawed = async |clock: TestClock| Ok(FlawedStore::new(Flaw::CreateOverwrites, clock).into());
    let backend = Backend::new("flawed", flawed).with_seed(42);
    let (_, law) = LAWS[0];
    let failed = try_law(&backend, law).unwrap_err();
    assert!(failed.message().is_some_and(|message| message.contains("with the seed 42")), "{failed:?}");
}

#[test]
fn each_law_is_named_once() {
    let mut names: Vec<_> = LAWS.iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), LAWS.len());
}

#[test]
fn a_store_without_flaw_keeps_every_law() {
    keeps_every_law(Backend::new("sound", async |clock: TestClock| {
        Ok(MemoryStore::new().with_clock(clock).into())
    }));
}

#[test]
fn a_store_that_says_it_promises_little_keeps_every_law() {
    let modest = async |clock: TestClock| Ok(FlawedStore::new(Flaw::PromisesLittle, clock).into());
    keeps_every_law(Backend::new("modest", modest));
}

fn keeps_every_law(backend: Backend) {
    for (name, law) in LAWS {
        if let Err(broken) = try_law(&backend, *law) {
            panic!("{name}: {broken:?}");
        }
    }
}
