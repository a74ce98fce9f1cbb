//! Requests at once, a few at a time: what holds in every order, and what some order brings about.

use crate::{
    check::{holds, long, search},
    programs::{
        Limit::{EvictOldest, Refuse},
        Program::{self, *},
    },
    properties::*,
    world::{
        Browser::{Ada, New, Nobody, Planter},
        Scenario,
    },
};

#[test]
fn s48_no_write_brings_back_what_was_logged_out() {
    holds(home([Write, Write, LogOut]).reaching([ALL_SUCCEED, ONE_IS_GONE, NOBODY_IS_LEFT]));
}

#[test]
fn s48_no_renewal_brings_back_what_was_logged_out() {
    holds(home([Renew, LogOut]).reaching([ALL_SUCCEED, ONE_IS_GONE, NOBODY_IS_LEFT]));
    holds(home([Renew, Renew, LogOut, Write]).reaching([ALL_SUCCEED, ONE_IS_GONE]));
}

#[test]
fn s48_a_session_that_moves_twice_is_ended_under_the_oldest_id() {
    holds(home([Renew, Renew, Renew, LogOut]).reaching([ALL_SUCCEED, NOBODY_IS_LEFT]));
}

#[test]
fn s47_of_two_logouts_neither_is_acknowledged_before_the_session_is_over() {
    holds(home([Renew, LogOut, LogOut]).reaching([ALL_SUCCEED, NOBODY_IS_LEFT]));
}

#[test]
fn s49_no_acknowledged_write_is_lost_to_a_renewal() {
    holds(home([Write, Write, Renew]).reaching([ALL_SUCCEED, A_WRITE_FOLLOWS]));
    holds(home([Write, Renew, Renew]).reaching([ALL_SUCCEED, A_WRITE_FOLLOWS, RENEWED_ELSEWHERE]));
}

#[test]
fn s49_no_acknowledged_write_is_lost_to_a_login() {
    holds(home([Write, Write, LogIn]).reaching([ALL_SUCCEED, ONE_IS_GONE]));
    holds(home([Write, Renew, LogIn]).reaching([ALL_SUCCEED, ONE_IS_GONE]));
    let nobodys = [(Nobody, LogIn), (Nobody, Write), (Nobody, Write)];
    holds(Scenario::of(nobodys).reaching([ALL_SUCCEED, ONE_IS_GONE]));
}

#[test]
fn s49_no_acknowledged_write_is_lost_when_others_are_logged_out() {
    holds(home([Write, Write, LogOutOthers]).reaching([ALL_SUCCEED]));
    holds(home([Write, Renew, LogOutOthers]).reaching([ALL_SUCCEED, A_WRITE_FOLLOWS]));
}

#[test]
fn s38_of_renewals_at_once_one_id_goes_on() {
    holds(home([Renew, Renew, Renew]).reaching([ALL_SUCCEED, RENEWED_ELSEWHERE]));
}

#[test]
fn s33_an_id_from_before_a_login_reaches_nothing_that_came_of_it() {
    for program in [Write, Renew, LogOut] {
        let planted = [(Nobody, LogIn), (Nobody, Write), (Planter, program)];
        holds(Scenario::of(planted).keeping([LOGIN_STAYS]).reaching([ALL_SUCCEED]));
    }
}

#[test]
fn s34_a_logout_ends_what_came_of_two_logins_at_once() {
    holds(home([LogIn, LogIn, LogOut]).reaching([ALL_SUCCEED, NOBODY_IS_LEFT]));
    holds(home([LogIn, LogIn, Renew, LogOut]).reaching([ALL_SUCCEED, NOBODY_IS_LEFT]));
}

#[test]
fn s59_no_renewal_survives_a_log_out_everywhere() {
    let requests = [(Ada(0), Renew), (Ada(0), Write), (Ada(1), LogOutEverywhere)];
    holds(Scenario::of(requests).reaching([ALL_SUCCEED, ONE_IS_FENCED, NOBODY_IS_LEFT]));
    let requests = [(Ada(0), Renew), (Ada(1), Renew), (Ada(0), LogOutEverywhere)];
    holds(Scenario::of(requests).reaching([ALL_SUCCEED, ONE_IS_FENCED, NOBODY_IS_LEFT]));
}

#[test]
fn s59_a_login_after_a_log_out_everywhere_lives() {
    for browser in [Ada(0), New(0)] {
        let requests = [(browser, LogIn), (Ada(0), Renew), (Ada(1), LogOutEverywhere)];
        holds(Scenario::of(requests).reaching([ALL_SUCCEED, NOBODY_IS_LEFT, SOMEBODY_IS_LEFT]));
    }
}

#[test]
fn s59_others_are_logged_out_whatever_they_do() {
    for program in [Write, Renew, LogIn, LogOut] {
        let requests = [(Ada(0), LogOutOthers), (Ada(1), program), (Ada(1), Renew)];
        holds_with_losses(
            Scenario::of(requests).keeping([CALLER_STAYS]).reaching([ALL_SUCCEED, ONE_IS_GONE]),
        );
    }
    let requests = [(Ada(0), LogOutOthers), (Ada(1), LogOutEverywhere), (Ada(1), Renew)];
    holds_with_losses(Scenario::of(requests).reaching([ALL_SUCCEED, ONE_IS_GONE]));
}

#[test]
fn s59_a_renewal_does_not_slip_through_a_logout_of_others() {
    let requests = [(Ada(0), LogOutOthers), (Ada(1), Renew), (Ada(1), Renew), (Ada(1), Write)];
    holds_with_losses(Scenario::of(requests).keeping([CALLER_STAYS]).reaching([ALL_SUCCEED, ONE_IS_GONE]));
}

/// As a session that begins under a raised epoch does.
#[test]
fn s59_a_login_over_another_session_stays_if_it_comes_just_then() {
    let requests = [(Ada(0), LogOutOthers), (Ada(1), LogIn), (Ada(1), LogIn)];
    let reaches = [ALL_SUCCEED, ONLY_THE_CALLER_IS_LEFT, A_LOGIN_STAYS];
    holds_with_losses(Scenario::of(requests).keeping([CALLER_STAYS]).reaching(reaches));
}

#[test]
fn s59_a_logout_under_the_old_id_finds_what_others_log_out_too() {
    let requests = [(Ada(0), LogOutOthers), (Ada(1), Renew), (Ada(1), LogOut)];
    holds_with_losses(
        Scenario::of(requests).keeping([CALLER_STAYS]).reaching([ALL_SUCCEED, ONLY_THE_CALLER_IS_LEFT]),
    );
}

/// Each may have ended the other's, so that nobody is left either.
#[test]
fn s59_of_two_who_log_each_other_out_at_most_one_stays() {
    for third in [Write, Renew] {
        let requests = [(Ada(0), LogOutOthers), (Ada(1), LogOutOthers), (Ada(2), third)];
        let reaches = [ALL_SUCCEED, ONE_IS_GONE, SOMEBODY_IS_LEFT, NOBODY_IS_LEFT];
        holds_with_losses(Scenario::of(requests).keeping([AT_MOST_ONE_IS_LEFT]).reaching(reaches));
    }
    let requests = [(Ada(0), LogOutOthers), (Ada(1), LogOutOthers), (Ada(1), Renew)];
    holds_with_losses(Scenario::of(requests).keeping([AT_MOST_ONE_IS_LEFT]).reaching([ALL_SUCCEED]));
}

#[test]
fn s59_who_logs_others_out_and_renews_stays_under_the_new_id() {
    for requests in [
        [(Ada(0), LogOutOthers), (Ada(0), Renew), (Ada(1), Write)],
        [(Ada(0), LogOutOthers), (Ada(0), Renew), (Ada(1), Renew)],
        [(Ada(0), LogOutOthers), (Ada(0), LogOutOthers), (Ada(0), Renew)],
    ] {
        let scenario = Scenario::of(requests).keeping([CALLER_STAYS]).reaching([ALL_SUCCEED]);
        holds_with_losses(scenario);
    }
}

/// A login is another session: it ends if it is listed, and stays if it comes later.
#[test]
fn s59_who_logs_others_out_and_in_again_stays_or_not() {
    let requests = [(Ada(0), LogOutOthers), (Ada(0), LogIn), (Ada(1), Write)];
    let reaches = [ALL_SUCCEED, ONE_IS_GONE, SOMEBODY_IS_LEFT, NOBODY_IS_LEFT];
    holds_with_losses(Scenario::of(requests).reaching(reaches));
}

#[test]
fn s59_others_are_found_on_whichever_page_they_are() {
    for program in [Renew, LogIn] {
        let requests = [(Ada(1), LogOutOthers), (Ada(0), program), (Ada(0), Renew)];
        let scenario = Scenario::of(requests).by_pages().keeping([CALLER_STAYS]);
        holds_with_losses(scenario.reaching([ALL_SUCCEED, ONE_IS_GONE]));
        let requests = [(Ada(0), Renew), (Ada(0), program), (Ada(1), LogOutOthers)];
        let scenario = Scenario::of(requests).by_pages().keeping([LAST_STAYS]);
        holds_with_losses(scenario.reaching([ALL_SUCCEED, ONE_IS_GONE]));
    }
}

#[test]
fn s58_a_session_is_revoked_on_whichever_page_it_is() {
    let requests = [(Ada(1), REVOKE), (Ada(0), Renew), (Ada(0), Renew)];
    holds_with_losses(Scenario::of(requests).by_pages().keeping([CALLER_STAYS]).reaching([ALL_SUCCEED]));
    let requests = [(Ada(0), Renew), (Ada(0), Renew), (Ada(1), REVOKE)];
    holds_with_losses(Scenario::of(requests).by_pages().keeping([LAST_STAYS]).reaching([ALL_SUCCEED]));
}

#[test]
fn s58_a_session_is_revoked_by_its_handle_whatever_its_id_is() {
    holds(home([REVOKE, Renew, Renew, Write]).reaching([ALL_SUCCEED, ONE_IS_GONE, NOBODY_IS_LEFT]));
    let requests = [(Ada(1), REVOKE), (Ada(0), Renew), (Ada(0), LogIn)];
    holds_with_losses(Scenario::of(requests).reaching([ALL_SUCCEED, SOMEBODY_IS_LEFT]));
}

#[test]
fn s58_a_session_is_revoked_while_it_is_renewed_and_logged_out() {
    let reaches = [ALL_SUCCEED, ONLY_THE_CALLER_IS_LEFT];
    let requests = [(Ada(1), REVOKE), (Ada(0), Renew), (Ada(0), LogOut)];
    holds_with_losses(Scenario::of(requests).keeping([CALLER_STAYS]).reaching(reaches));
    let requests = [(Ada(1), REVOKE), (Ada(0), Renew), (Ada(0), Renew), (Ada(0), LogOut)];
    holds_with_losses(Scenario::of(requests).keeping([CALLER_STAYS]).reaching(reaches));
}

#[test]
fn s57_of_logins_at_once_no_more_than_the_limit_stay() {
    let login = LogInAtMost(EvictOldest(2));
    holds(Scenario::of([(New(0), login), (New(1), login)]).at_most(2).reaching([ALL_SUCCEED]));
    let scenario = Scenario::of([(New(0), login), (New(1), login), (New(2), login)]).at_most(2);
    holds_with_losses(scenario.reaching([ALL_SUCCEED, ONE_IS_REFUSED]));
}

/// The one that began first is refused if it finds the other, and itself if the other found it.
#[test]
fn s57_of_two_logins_at_once_for_one_place_one_is_let_in() {
    let login = LogInAtMost(EvictOldest(1));
    let scenario = Scenario::of([(New(0), login), (New(1), login)]).at_most(1);
    holds_with_losses(scenario.reaching([ALL_SUCCEED, ONE_IS_REFUSED, SOMEBODY_IS_LEFT]));
}

#[test]
fn s57_of_logins_at_once_no_more_than_the_limit_are_let_in() {
    for at_most in 1..=2 {
        let login = LogInAtMost(Refuse(at_most));
        let requests = [(New(0), login), (New(1), login), (New(2), login)];
        holds(Scenario::of(requests).at_most(at_most).reaching([ONE_IS_REFUSED, SOMEBODY_IS_LEFT]));
    }
}

#[test]
fn s57_a_login_over_a_session_of_ones_own_ends_no_other() {
    let requests =
        [(Ada(1), LogInAtMost(EvictOldest(2))), (Ada(0), LogInAtMost(EvictOldest(2))), (Ada(0), Write)];
    holds(Scenario::of(requests).at_most(2).reaching([ALL_SUCCEED]));
}

#[test]
fn s57_a_renewal_does_not_count_twice() {
    for other in [Ada(1), New(0)] {
        let requests = [(Ada(0), Renew), (other, LogInAtMost(EvictOldest(2))), (Ada(0), Write)];
        holds(Scenario::of(requests).at_most(2).reaching([ALL_SUCCEED]));
    }
}

#[test]
fn s57_a_session_that_is_renewed_while_somebody_logs_in_over_it_counts_for_nothing() {
    for limit in [EvictOldest(2), Refuse(2)] {
        for program in [Write, Renew] {
            let requests = [(Ada(0), LogInAtMost(limit)), (Ada(0), Renew), (Ada(1), program)];
            let scenario = Scenario::of(requests).at_most(2).keeping([LAST_STAYS]);
            holds(scenario.reaching([ALL_SUCCEED]));
        }
    }
}

#[test]
fn s57_a_limit_holds_whatever_else_is_done() {
    for limit in [EvictOldest(2), Refuse(2)] {
        for program in [Write, Renew, LogOut, LogOutEverywhere, LogOutOthers, REVOKE] {
            for browser in [Ada(1), New(0)] {
                let login = LogInAtMost(limit);
                holds_with_losses(Scenario::of([(browser, login), (Ada(0), program)]).at_most(2));
                let requests = [(browser, login), (Ada(0), program), (Ada(0), Renew)];
                holds_with_losses(Scenario::of(requests).at_most(2));
            }
        }
    }
}

#[test]
fn every_pair() {
    sweep(pairs().map(Scenario::of));
}

#[test]
fn every_pair_by_pages() {
    sweep(pairs().map(|pair| Scenario::of(pair).by_pages()));
}

#[test]
fn every_pair_with_a_lost_answer() {
    sweep(pairs().map(|pair| Scenario::of(pair).losing(1)));
}

#[test]
fn every_triple_in_one_browser() {
    sweep(triples().map(home));
}

#[test]
fn every_triple_in_two_browsers() {
    if long() {
        sweep(triples_in_two_browsers().map(Scenario::of));
    }
}

#[test]
fn every_triple_with_a_lost_answer() {
    if long() {
        sweep(triples_in_two_browsers().map(|triple| Scenario::of(triple).losing(1)));
        sweep(triples().map(|triple| home(triple).losing(1)));
    }
}

#[test]
fn every_pair_with_two_lost_answers() {
    if long() {
        sweep(pairs().map(|pair| Scenario::of(pair).losing(2)));
    }
}

/// In the long run, with a lost answer too.
fn holds_with_losses(scenario: Scenario) {
    if long() {
        holds(scenario.clone().losing(1));
    }
    holds(scenario);
}

/// All in the same browser.
pub fn home<const N: usize>(programs: [Program; N]) -> Scenario {
    Scenario::of(programs.map(|program| (Ada(0), program)))
}

/// In the same browser, and in two.
fn pairs() -> impl Iterator<Item = [(crate::world::Browser, Program); 2]> {
    let pairs = PROGRAMS.into_iter().enumerate();
    pairs.flat_map(|(at, first)| {
        let seconds = PROGRAMS.into_iter().enumerate();
        seconds.flat_map(move |(other, second)| {
            let same = (at <= other).then_some([(Ada(0), first), (Ada(0), second)]);
            same.into_iter().chain([[(Ada(0), first), (Ada(1), second)]])
        })
    })
}

fn triples() -> impl Iterator<Item = [Program; 3]> {
    let indices = 0..PROGRAMS.len();
    indices.flat_map(|first| {
        (first..PROGRAMS.len()).flat_map(move |second| {
            (second..PROGRAMS.len()).map(move |third| [PROGRAMS[first], PROGRAMS[second], PROGRAMS[third]])
        })
    })
}

/// Two requests in one browser and the third in another.
fn triples_in_two_browsers() -> impl Iterator<Item = [(crate::world::Browser, Program); 3]> {
    pairs().flat_map(|[first, second]| {
        let together = first.0 == second.0;
        PROGRAMS.into_iter().filter(move |_| together).map(move |third| [first, second, (Ada(1), third)])
    })
}

fn sweep(scenarios: impl Iterator<Item = Scenario>) {
    let refuted: Vec<String> = scenarios.filter_map(|scenario| search(scenario).err()).collect();
    assert!(refuted.is_empty(), "{}", refuted.join("\n\n"));
}

const REVOKE: Program = Revoke(Ada(0).first_id());
const PROGRAMS: [Program; 7] = [Write, Renew, LogIn, LogOut, LogOutEverywhere, LogOutOthers, REVOKE];
