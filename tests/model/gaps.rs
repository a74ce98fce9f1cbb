//! Where the library does one step otherwise than the programs here, and what comes of it. Once it does as they do, these are defects
//! like the others.

use crate::{
    check::breaks,
    programs::{
        Limit::{EvictOldest, Refuse},
        Program::*,
    },
    properties::*,
    scenarios::home,
    script::Defect,
    world::{
        Browser::{Ada, New},
        Scenario,
    },
};

/// Two that began at the same instant end each other.
#[test]
fn s57_a_limit_that_prefers_the_newcomer_among_equals_may_leave_nobody() {
    let requests = [(New(0), LogInAtMost(EvictOldest(1))), (New(1), LogInAtMost(EvictOldest(1)))];
    let scenario = Scenario::of(requests).at_most(1).with(Defect::LimitThatPrefersTheNewcomer);
    breaks(scenario, NO_MORE_THAN_MUST);
}

/// The first to begin is the last to be stored, and ranks before the one that looked before it.
#[test]
fn s57_a_refusal_by_rank_lets_too_many_in() {
    let requests = [(New(0), LogInAtMost(Refuse(1))), (New(1), LogInAtMost(Refuse(1)))];
    breaks(Scenario::of(requests).at_most(1).with(Defect::RefusalByRank), LIMIT);
}

/// Another login, over the evicted session, left a tombstone there.
#[test]
fn s57_an_eviction_that_follows_logins_ends_what_fits() {
    let login = LogInAtMost(EvictOldest(2));
    let scenario = Scenario::of([(Ada(1), login), (Ada(0), login)]).at_most(2);
    breaks(scenario.with(Defect::EvictionThatFollowsLogins), NO_MORE_THAN_MUST);
}

/// The browser still bears the id from before the renewal, and its logout finds nothing.
#[test]
fn s48_who_logs_others_out_with_their_tombstones_hides_the_new_id_from_a_logout() {
    let scenario = home([Renew, LogOutOthers, LogOut]);
    breaks(scenario.with(Defect::OthersWithTheirTombstones), ENDED_STAYS_ENDED);
}

/// The second finds neither the tombstone nor what it led to, and the first may never come to its next step.
#[test]
fn s47_where_tombstones_go_first_the_second_of_two_logouts_is_told_too_early() {
    breaks(home([Renew, LogOut, LogOut]).with(Defect::TombstonesGoFirst), ENDED_STAYS_ENDED);
}

#[test]
fn s47_where_tombstones_go_first_a_lost_answer_leaves_what_they_led_to() {
    breaks(home([Renew, LogOut]).losing(1).with(Defect::TombstonesGoFirst), ENDED_STAYS_ENDED);
}
