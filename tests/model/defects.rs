//! The model can say no: with one step done otherwise, something does not hold, and the shortest way there is printed.

use crate::{
    check::breaks,
    programs::{Limit::EvictOldest, Program::*},
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
