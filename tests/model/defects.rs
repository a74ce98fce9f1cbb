//! The model can say no: with one step done otherwise, something does not hold, and the shortest way there is printed. The last two are
//! what the library leaves as it is.

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
        Browser::{Ada, New, Nobody, Planter},
        Scenario,
    },
};

#[test]
fn s59_a_renewal_without_the_fence_outlives_a_log_out_everywhere() {
    breaks(home([Renew, LogOutEverywhere]).with(Defect::RenewalWithoutFence), SWEPT);
}

#[test]
fn s48_a_plain_removal_hides_the_new_id_from_a_logout() {
    breaks(home([Renew, LogOut]).with(Defect::RemovalWithoutTombstone), ENDED_STAYS_ENDED);
}

#[test]
fn s48_an_update_that_creates_revives_a_session() {
    breaks(home([Write, LogOut]).with(Defect::UpdateThatCreates), ENDED_STAYS_ENDED);
}

#[test]
fn s49_a_burial_of_any_version_loses_a_write() {
    breaks(home([Write, Renew]).with(Defect::BurialOfAnyVersion), NO_LOST_WRITE);
    breaks(home([Write, LogIn]).with(Defect::BurialOfAnyVersion), NO_LOST_WRITE);
}

#[test]
fn s38_of_two_burials_of_any_version_both_hand_over_an_id() {
    breaks(home([Renew, Renew]).with(Defect::BurialOfAnyVersion), ONE_ID);
}

#[test]
fn s38_a_renewal_that_leaves_its_copy_leaves_an_orphan() {
    breaks(home([Renew, Renew]).with(Defect::RenewalThatLeavesItsCopy), NO_ORPHAN);
}

#[test]
fn a_renewal_that_takes_its_copy_back_ends_the_session() {
    for property in [TOLD_ALIVE, LIVES_ON] {
        breaks(home([Renew]).with(Defect::RenewalThatTakesItsCopyBack), property);
    }
}

#[test]
fn s33_a_tombstone_that_leads_on_from_nobodys_session_serves_who_planted_it() {
    let planted = [(Nobody, LogIn), (Planter, LogOut)];
    let scenario = Scenario::of(planted).with(Defect::TombstoneThatLeadsOnFromNobody);
    breaks(scenario.keeping([LOGIN_STAYS]), LOGIN_STAYS.0);
}

#[test]
fn s57_a_limit_that_spares_the_newcomer_is_exceeded() {
    let requests = [(New(0), LogInAtMost(EvictOldest(1))), (New(1), LogInAtMost(EvictOldest(1)))];
    breaks(Scenario::of(requests).at_most(1).with(Defect::LimitThatSparesTheNewcomer), LIMIT);
}

#[test]
fn s57_a_limit_that_counts_the_session_logged_in_over_ends_another_for_nothing() {
    let requests = [(Ada(1), LogInAtMost(EvictOldest(2))), (Ada(0), Write)];
    breaks(Scenario::of(requests).at_most(2).with(Defect::LimitThatCountsTheOld), NO_MORE_THAN_MUST);
}

#[test]
fn s57_a_limit_that_counts_records_ends_a_session_that_is_being_renewed() {
    let requests = [(Ada(0), Renew), (New(0), LogInAtMost(EvictOldest(2)))];
    breaks(Scenario::of(requests).at_most(2).with(Defect::LimitThatCountsRecords), NO_MORE_THAN_MUST);
}

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

/// The second finds neither the tombstone nor what it led to, and the first may never come to its next step.
#[test]
fn s47_where_tombstones_go_first_the_second_of_two_logouts_is_told_too_early() {
    breaks(home([Renew, LogOut, LogOut]).with(Defect::TombstonesGoFirst), ENDED_STAYS_ENDED);
}

#[test]
fn s47_where_tombstones_go_first_a_lost_answer_leaves_what_they_led_to() {
    breaks(home([Renew, LogOut]).losing(1).with(Defect::TombstonesGoFirst), ENDED_STAYS_ENDED);
}

/// As where tombstones go first: the last removal is of anything, and between it and the last conflict the session was renewed.
#[test]
fn s47_a_logout_that_gives_up_looking_may_be_told_too_early() {
    let scenario = home([Write, Renew, LogOut, LogOut]);
    breaks(scenario.with(Defect::EndThatLooksOnce), ENDED_STAYS_ENDED);
    breaks(home([Write, Renew, LogOut]).losing(1).with(Defect::EndThatLooksOnce), ENDED_STAYS_ENDED);
}

#[test]
fn s58_who_stops_at_a_tombstone_leaves_what_was_renewed() {
    let stops = Defect::EndThatStopsAtATombstone;
    breaks(home([Renew, LogOut]).with(stops), ENDED_STAYS_ENDED);
    for program in [LogOutOthers, Revoke(Ada(0).first_id())] {
        breaks(Scenario::of([(Ada(1), program), (Ada(0), Renew)]).with(stops), ENDED_STAYS_ENDED);
    }
}

/// Behind a page that was read already, a renewal puts what the tombstone on the next one leads to.
#[test]
fn s59_of_pages_that_are_not_in_the_order_of_creation_a_renewed_session_is_in_none() {
    for program in [LogOutOthers, Revoke(Ada(0).first_id())] {
        let scenario = Scenario::of([(Ada(0), Renew), (Ada(1), program)]).by_pages();
        breaks(scenario.with(Defect::ListingNewestFirst), ENDED_STAYS_ENDED);
    }
}

#[test]
fn s59_who_spares_an_id_and_renews_logs_himself_out() {
    let scenario = home([LogOutOthers, Renew]).keeping([CALLER_STAYS]);
    breaks(scenario.with(Defect::OthersThatSpareAnId), CALLER_STAYS.0);
}

/// The browser still bears the id from before the renewal, and its logout finds nothing.
#[test]
fn s48_in_one_call_who_logs_others_out_hides_the_new_id_from_a_logout() {
    breaks(home([Renew, OthersInOneCall, LogOut]), ENDED_STAYS_ENDED);
}

#[test]
fn s59_without_burial_a_write_is_lost_when_others_are_logged_out() {
    breaks(home([Write, OthersByEpoch]).with(Defect::OthersWithoutBurial), NO_LOST_WRITE);
}

/// The own session is away for a moment, and nothing that ends it then finds it.
#[test]
fn s48_under_the_epoch_who_logs_others_out_survives_a_logout() {
    breaks(home([OthersByEpoch, LogOut]), ENDED_STAYS_ENDED);
    breaks(home([OthersByEpoch, Revoke(Ada(0).first_id())]), ENDED_STAYS_ENDED);
}

/// Its own epoch is the later one, and accepts its copy.
#[test]
fn s59_under_the_epoch_who_logs_others_out_survives_a_log_out_everywhere() {
    breaks(Scenario::of([(Ada(0), OthersByEpoch), (Ada(1), LogOutEverywhere)]), SWEPT);
    breaks(Scenario::of([(Ada(0), OthersByEpoch), (Ada(1), OthersByEpoch)]), ENDED_STAYS_ENDED);
}

/// Nothing tells another login that the one record takes the place of the other. So one more ends than must, and never one too few.
#[test]
fn a_session_that_is_logged_in_over_counts_for_others_until_it_ends() {
    let login = LogInAtMost(EvictOldest(3));
    let requests = [(Ada(1), login), (New(0), login), (Ada(0), Write)];
    breaks(Scenario::of(requests).at_most(3), NO_MORE_THAN_MUST);
}

/// The login asked under another id, and takes what became of the first one for a session.
#[test]
fn a_creation_whose_answer_was_lost_counts() {
    let requests = [(Ada(0), LogInAtMost(EvictOldest(2))), (Ada(1), Write)];
    breaks(Scenario::of(requests).at_most(2).losing(1).keeping([LAST_STAYS]), LAST_STAYS.0);
}
