//! What becomes of callers while servers are stopped, killed, cut off, full, resharded or replaced.

mod faults {
    pub(crate) mod cancellation;
    pub(crate) mod connections;
    pub(crate) mod failover;
    pub(crate) mod limits;
    pub(crate) mod resharding;
    pub(crate) mod restart;
    pub(crate) mod support;
}

use std::process::ExitCode;

use faults::{cancellation, connections, failover, limits, resharding, restart};
use portcullis_testkit::servers::{self, ServerTrial};

fn main() -> ExitCode {
    servers::run(TRIALS)
}

/// Names each trial once: its function is its name.
macro_rules! trials {
    ($($module:ident::$trial:ident,)*) => {
        [$((stringify!($trial), $module::$trial as ServerTrial)),*]
    };
}

const TRIALS: [(&str, ServerTrial); 23] = trials![
    connections::a_stopped_server_holds_nobody_past_the_deadline,
    connections::a_black_hole_is_left_for_a_new_connection,
    connections::a_reset_or_half_closed_connection_is_made_anew,
    connections::connections_that_the_server_kills_are_made_anew,
    connections::a_paused_server_is_a_timeout_and_no_hang,
    connections::a_write_whose_answer_is_cut_off_is_of_unknown_effect_and_done,
    connections::a_server_that_forgot_the_scripts_is_told_again,
    connections::more_calls_than_may_be_in_flight_are_refused_at_once,
    cancellation::nobody_reads_anothers_record_while_calls_are_dropped_and_connections_closed,
    limits::a_full_server_refuses_what_is_new_and_serves_what_is_there,
    limits::a_policy_that_evicts_is_refused_unless_it_is_admitted,
    limits::a_user_without_scripts_is_told_what_to_allow,
    limits::a_user_of_a_cluster_is_told_what_to_allow,
    limits::sentinels_with_users_of_their_own_are_told_who_asks,
    limits::a_removal_that_too_few_replicas_have_is_an_error_that_says_it_is_made,
    restart::s48_a_removal_that_a_restart_undid_is_made_again,
    restart::s48_a_removal_of_everything_that_a_restart_undid_is_made_again,
    restart::a_revocation_that_a_restart_undid_is_made_again,
    failover::s48_sentinels_replace_a_killed_master_under_load,
    failover::s48_sentinels_replace_a_stopped_master_under_load,
    failover::s48_a_cluster_replaces_a_killed_and_a_stopped_master_under_load,
    failover::s48_a_logout_that_a_replica_has_is_done_wherever_it_is_asked_for,
    resharding::slots_move_under_load_and_nothing_is_lost,
];
