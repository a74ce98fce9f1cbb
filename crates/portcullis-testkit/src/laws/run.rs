use std::{
    any::Any,
    error::Error,
    io,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    process::ExitCode,
    sync::Arc,
};

use libtest_mimic::{Arguments, Failed, Trial};
use tokio::runtime::{Builder, Runtime};

use super::{
    backend::{Backend, Missing, Open},
    cancellation,
    case::{Case, Verdict},
    creation, epochs, expiry, extension, history, listing, loading, races, reclamation, removal, replacement,
};
use crate::TestClock;

/// Puts each back-end on trial for every law, by the arguments of this process; the body of a `tests/laws.rs`.
///
/// Understands the arguments of Rust's own test harness, and so `cargo test` and `cargo nextest`. A trial is called
/// `back-end::law`.
pub fn run(backends: impl IntoIterator<Item = Backend>) -> ExitCode {
    let arguments = Arguments::from_args();
    // A runner that found a trial ignored and now names it wants it run, though the server may have come since.
    let named = arguments.ignored && arguments.exact;
    let trials = backends.into_iter().flat_map(|backend| trials(backend, named)).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

pub(super) fn trials(backend: Backend, named: bool) -> Vec<Trial> {
    let missing = probe(&*backend.open).err();
    if let Some(reason) = &missing {
        #[expect(clippy::print_stderr, reason = "a harness says why it ignores trials")]
        {
            eprintln!("{}: all laws ignored: {reason}", backend.name);
        }
    }
    let backend = Arc::new(backend);
    LAWS.iter()
        .map(|(name, law)| {
            let on_trial = Arc::clone(&backend);
            Trial::test(format!("{}::{name}", backend.name), move || try_law(&on_trial, *law))
                .with_ignored_flag(missing.is_some() || named)
        })
        .collect()
}

/// Whether the store can be opened at all, asked before the trials are listed: only then can they be listed as ignored.
fn probe(open: &Open) -> Result<(), String> {
    let runtime = runtime().map_err(|error| error.to_string())?;
    runtime.block_on(open(TestClock::new())).map(drop).map_err(|missing: Missing| missing.to_string())
}

pub(super) fn try_law(backend: &Backend, law: Law) -> Result<(), Failed> {
    let seed = backend.seed.unwrap_or_else(|| fastrand::u64(..));
    let runtime = runtime()?;
    let verdict = catch_unwind(AssertUnwindSafe(|| {
        runtime.block_on(async {
            let clock = TestClock::new();
            let store = (backend.open)(clock.clone()).await.map_err(|missing| missing.to_string())?;
            let case = Case::new(store, clock).with_seed(seed).with_rounds(backend.rounds);
            law(&case).await.map_err(|error| format!("the back-end failed: {}", chain(&error)))
        })
    }));
    verdict
        .unwrap_or_else(|panic| Err(message(&*panic)))
        .map_err(|broken| Failed::from(format!("{broken}\nwith the seed {seed}")))
}

fn runtime() -> io::Result<Runtime> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build()
}

/// The error and what caused it, since the cause is all that tells one outage from another.
fn chain(error: &dyn Error) -> String {
    match error.source() {
        Some(source) => format!("{error}: {}", chain(source)),
        None => error.to_string(),
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text =
        panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("the law panicked without a message").to_owned()
}

pub(super) type Law = for<'a> fn(&'a Case) -> Pin<Box<dyn Future<Output = Verdict> + 'a>>;

/// Names each law once: its function is its name.
macro_rules! laws {
    ($($module:ident::$law:ident,)*) => {
        &[$((stringify!($law), |case| Box::pin($module::$law(case)))),*]
    };
}

pub(super) const LAWS: &[(&str, Law)] = laws![
    creation::create_never_overwrites,
    creation::one_of_many_concurrent_creations_wins,
    creation::any_bytes_may_be_kept,
    creation::the_largest_payload_fits_and_a_longer_one_is_refused,
    creation::an_owner_in_another_partition_is_misconfigured,
    creation::a_fence_without_an_owner_is_not_looked_at,
    loading::a_record_says_what_was_written,
    loading::a_key_is_its_space_partition_and_id_together,
    loading::peek_agrees_with_load,
    loading::a_stale_answer_is_no_older_than_was_asked,
    expiry::a_record_is_there_until_its_expiry_and_not_at_it,
    expiry::nothing_finds_an_expired_record,
    expiry::an_expired_record_makes_room,
    expiry::a_record_born_expired_is_absent,
    expiry::the_last_instant_is_an_expiry_like_any_other,
    replacement::replace_is_compare_and_swap,
    replacement::replace_never_creates,
    replacement::replace_keeps_key_owner_epoch_and_birth,
    replacement::the_same_payload_in_another_version_conflicts,
    replacement::replace_moves_the_expiry_either_way,
    replacement::concurrent_counters_add_up,
    extension::extend_only_moves_forward,
    extension::extend_never_creates,
    extension::the_furthest_of_concurrent_extensions_holds,
    removal::remove_is_idempotent,
    removal::remove_of_another_version_conflicts,
    removal::nothing_revives_a_removed_record,
    removal::no_concurrent_write_revives_a_removed_record,
    listing::a_listing_is_in_the_order_created_then_id,
    listing::a_listing_holds_one_owner_one_space_and_nothing_dead,
    listing::what_lives_throughout_the_pages_is_in_exactly_one,
    listing::a_cursor_of_somebody_else_is_misconfigured,
    epochs::remove_all_ends_the_named_spaces_and_no_other,
    epochs::what_was_revoked_is_absent_to_everything,
    epochs::a_fence_admits_the_current_epoch_and_no_older,
    epochs::an_answered_epoch_admits_its_caller,
    epochs::epochs_only_rise_even_when_forgotten,
    races::no_renewal_survives_a_concurrent_remove_all,
    races::concurrent_removals_of_all_raise_one_after_the_other,
    races::at_most_the_limit_remains,
    reclamation::sweep_is_bounded_and_spares_the_living,
    reclamation::a_store_goes_on_after_everything_expired,
    cancellation::a_dropped_call_took_effect_or_did_not,
    cancellation::nobody_reads_the_reply_to_a_dropped_call,
    history::concurrent_histories_are_linearizable,
];
