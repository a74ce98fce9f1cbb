//! What becomes of callers while servers are stopped, killed or cut off, files full or held by others, and writers killed.

#![expect(clippy::expect_used, clippy::panic, reason = "the helpers of tests may fail, too")]

mod faults {
    pub(crate) mod cancellation;
    pub(crate) mod connections;
    pub(crate) mod crash;
    pub(crate) mod files;
    pub(crate) mod limits;
    pub(crate) mod outage;
    pub(crate) mod support;
    pub(crate) mod tables;
    pub(crate) mod trips;
}

use std::process::ExitCode;

use faults::{cancellation, connections, crash, files, limits, outage, support::Kept, tables, trips};
use libtest_mimic::Failed;
use portcullis_testkit::servers::{self, ServerTrial, SqlEngine};

fn main() -> ExitCode {
    if let Some(ended) = crash::as_another_process() {
        return ended;
    }
    let over_servers = OVER_SERVERS.into_iter().flat_map(|(name, trial)| {
        SqlEngine::ALL.map(|engine| {
            let trial: BoxedTrial = Box::new(move || trial(engine));
            (format!("{}::{name}", Kept::Server(engine).name()), trial)
        })
    });
    let over_all = OVER_ALL.into_iter().flat_map(|(name, trial)| {
        Kept::ALL.map(|kept| {
            let trial: BoxedTrial = Box::new(move || trial(kept));
            (format!("{}::{name}", kept.name()), trial)
        })
    });
    let over_files = OVER_FILES
        .map(|(name, trial)| -> (String, BoxedTrial) { (format!("sqlite::{name}"), Box::new(trial)) });
    let are_there = SqlEngine::ALL.into_iter().try_for_each(SqlEngine::is_there);
    servers::run_where(are_there, over_servers.chain(over_all).chain(over_files))
}

type BoxedTrial = Box<dyn FnOnce() -> Result<(), Failed> + Send>;
type EngineTrial = fn(SqlEngine) -> Result<(), Failed>;
type KeptTrial = fn(Kept) -> Result<(), Failed>;

/// Names each trial once: its function is its name.
macro_rules! trials {
    ($type:ty: $($module:ident::$trial:ident,)*) => {
        [$((stringify!($trial), $module::$trial as $type)),*]
    };
}

const OVER_SERVERS: [(&str, EngineTrial); 11] = trials![EngineTrial:
    outage::s48_a_server_that_has_become_a_replica_is_asked_nothing,
    outage::s48_a_server_killed_under_load_loses_nothing_that_it_acknowledged,
    outage::s48_a_server_stopped_under_load_holds_nobody_past_the_deadline,
    connections::a_write_whose_answer_is_cut_off_is_of_unknown_effect_and_done,
    connections::a_black_hole_is_a_timeout_and_left_for_a_new_connection,
    connections::a_reset_or_half_closed_connection_is_made_anew,
    limits::an_exhausted_pool_is_overloaded_at_once,
    limits::a_pool_of_the_application_serves_and_is_overloaded_when_it_is_taken,
    trips::each_call_makes_no_more_trips_than_promised,
    cancellation::dropped_calls_are_brought_to_their_end_on_one_connection,
    tables::who_may_not_make_tables_is_told_and_is_served_once_they_are_there,
];

const OVER_ALL: [(&str, KeptTrial); 4] = trials![KeptTrial:
    limits::s59_an_owner_of_thousands_is_logged_out_in_one_step,
    tables::tables_are_made_by_many_at_once_and_once,
    tables::two_namespaces_keep_apart,
    tables::one_process_of_many_sweeps,
];

const OVER_FILES: [(&str, ServerTrial); 6] = trials![ServerTrial:
    crash::s48_a_process_killed_amid_group_commits_loses_nothing_that_it_acknowledged,
    crash::two_processes_write_to_one_file,
    files::a_file_is_its_owners_alone,
    files::a_full_disk_refuses_what_is_new_and_loses_nothing,
    files::a_file_held_by_another_is_a_timeout_and_served_afterwards,
    files::many_writers_share_a_commit,
];
