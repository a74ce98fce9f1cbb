//! The program with `--tls` in a real browser: what Chromium stores, sends and shows, tab by tab.
//!
//! Each trial has a server, a driver and a browser of its own, so one process for all of them will do, and so will one for each.
//! Without Chromium or its driver the trials are ignored, and without npm those that look at pages with axe-core, which comes from
//! there; asked for all the same (`--include-ignored`), they fail by the name of what is missing.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a trial fails by panicking"
)]

#[path = "browser/attacker.rs"]
mod attacker;
#[path = "browser/axe.rs"]
mod axe;
#[path = "browser/closing.rs"]
mod closing;
#[path = "browser/compare.rs"]
mod compare;
#[path = "browser/comparison_page.rs"]
mod comparison_page;
#[path = "browser/cookie.rs"]
mod cookie;
#[path = "browser/devices.rs"]
mod devices;
#[path = "browser/driver.rs"]
mod driver;
#[path = "browser/login.rs"]
mod login;
#[path = "browser/logout.rs"]
mod logout;
#[path = "browser/nodes.rs"]
mod nodes;
#[path = "browser/pages.rs"]
mod pages;
#[path = "browser/programs.rs"]
mod programs;
#[path = "browser/stage.rs"]
mod stage;
#[path = "browser/subdomains.rs"]
mod subdomains;
#[path = "browser/tabs.rs"]
mod tabs;
#[path = "browser/token.rs"]
mod token;
#[path = "browser/trial.rs"]
mod trial;
#[path = "browser/visit.rs"]
mod visit;

// What the other tests start and read the server with; it names them by `crate::`.
#[expect(dead_code, reason = "a real browser takes the place of what speaks HTTP there")]
#[path = "gatehouse/client.rs"]
mod client;
#[expect(dead_code, reason = "how it starts and stops is tested there")]
#[path = "gatehouse/server.rs"]
mod server;

use std::process::ExitCode;

use libtest_mimic::Arguments;

use crate::{
    programs::Programs,
    trial::{trial, trial_of_own, trial_of_several, trial_with},
};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let programs = Programs::find();
    let and_npm = Programs::with_npm(&programs);
    if let Err(missing) = &and_npm {
        eprintln!("{missing}");
    }
    let trials = vec![
        trial(&programs, cookie::s1_s3_it_is_stored_with_every_protection),
        trial(&programs, cookie::s23_whoever_only_looks_gets_none),
        trial(&programs, cookie::s33_it_changes_at_login_and_the_old_one_is_nobodys),
        trial(&programs, cookie::s36_a_planted_one_is_never_adopted),
        trial(&programs, login::a_wrong_password_then_the_right_one_lead_where_one_was_going),
        trial(&programs, login::a_foreign_next_leads_to_the_account),
        trial(&programs, login::cart_and_theme_from_before_are_kept),
        trial(&programs, tabs::both_know_of_a_login_and_of_a_logout_in_one),
        trial(&programs, tabs::s49_a_cart_filled_from_both_at_once_loses_nothing),
        trial(&programs, tabs::s49_a_theme_and_a_cart_changed_at_once_are_both_kept),
        trial(&programs, logout::s47_the_cookie_is_gone_and_put_back_it_is_nobodys),
        trial(&programs, logout::s48_a_tab_that_is_loading_does_not_undo_it),
        trial(&programs, logout::s51_a_late_answer_does_not_undo_the_login_after_it),
        trial(&programs, logout::the_back_button_shows_nothing_private),
        trial(&programs, logout::the_back_button_does_not_show_what_the_login_led_to),
        trial(&programs, logout::the_back_button_shows_nothing_private_after_a_logout_in_another_tab),
        trial(&programs, logout::one_can_log_in_again),
        trial_of_several(&programs, closing::who_is_not_remembered_is_logged_out_with_the_browser),
        trial_of_several(&programs, closing::s12_who_is_remembered_is_still_logged_in),
        trial_of_several(&programs, devices::s58_what_is_ended_here_is_logged_out_there),
        trial_of_several(&programs, devices::s58_the_own_one_ended_is_a_logout),
        trial_of_several(&programs, devices::s59_log_out_everywhere_else_leaves_this_one),
        trial_of_several(&programs, devices::s59_log_out_everywhere_leaves_none),
        trial_of_several(&programs, devices::an_administrator_ends_somebody_elses),
        trial_of_own(&programs, subdomains::a_shared_cookie_logs_in_at_both),
        trial_of_own(&programs, subdomains::s62_another_host_that_shares_the_cookie_may_not_ask),
        trial_of_own(&programs, subdomains::s1_the_default_cookie_is_for_one_host),
        trial_with(&programs, nodes::EACH_ON_ITS_OWN, nodes::in_turn_they_forget_a_login_every_other_time),
        trial_with(&programs, nodes::STICKY, nodes::stickiness_keeps_a_login_until_its_node_stops),
        trial_with(&programs, nodes::SHARED, nodes::with_one_store_a_login_outlives_all_of_them),
        trial_with(&programs, attacker::HERE, attacker::a_script_of_another_site_reads_and_changes_nothing),
        trial_with(
            &programs,
            attacker::HERE,
            attacker::s62_a_script_of_another_origin_has_the_session_and_reads_and_changes_nothing,
        ),
        trial_with(&programs, attacker::HERE, attacker::a_frame_of_another_site_has_no_session),
        trial_with(
            &programs,
            attacker::HERE,
            attacker::s62_a_form_in_a_frame_of_the_same_site_changes_nothing,
        ),
        trial_with(
            &programs,
            attacker::HERE,
            attacker::s62_a_form_of_another_site_in_a_new_tab_changes_nothing,
        ),
        trial_with(
            &programs,
            attacker::HERE,
            attacker::s62_a_form_of_the_same_site_in_a_new_tab_changes_nothing,
        ),
        trial_with(&programs, attacker::HERE, attacker::s66_nobody_is_logged_in_as_the_attacker),
        trial(&programs, token::a_jwt_is_taken_apart_used_and_revoked),
        trial(&programs, token::a_paseto_is_taken_apart_used_and_revoked),
        trial(&programs, token::a_logout_everywhere_ends_it_and_not_the_next),
        trial_with(&programs, token::SHORT, token::its_time_runs_out_before_ones_eyes),
        trial(&programs, token::what_is_not_granted_is_told),
        trial(&programs, token::it_is_kept_nowhere),
        trial_with(
            &programs,
            token::ALLOWED,
            token::a_script_of_an_allowed_origin_calls_with_a_token_and_not_with_the_cookie,
        ),
        trial_with(&programs, attacker::HERE, token::a_script_of_another_origin_gets_no_answer),
        trial_of_own(&programs, compare::a_press_measures_and_the_answers_are_recommended_with_figures),
        trial_of_own(&programs, comparison_page::it_needs_no_network_and_its_numbers_are_the_jsons),
        trial_of_own(&programs, comparison_page::each_three_answers_show_one_recommendation),
        trial_of_own(&and_npm, comparison_page::it_is_accessible),
        trial(&and_npm, pages::those_for_everybody_are_accessible),
        trial(&and_npm, pages::a_token_taken_apart_is_accessible),
        trial_of_own(&and_npm, pages::a_comparison_is_accessible),
        trial(&and_npm, pages::a_chosen_theme_is_accessible_on_a_computer_of_the_other),
        trial_of_several(&and_npm, pages::those_of_who_is_logged_in_are_accessible),
        trial_with(&and_npm, nodes::EACH_ON_ITS_OWN, pages::those_of_several_nodes_are_accessible),
        trial_with(&and_npm, attacker::HERE, pages::the_attackers_is_accessible_and_so_is_what_refuses_it),
    ];
    libtest_mimic::run(&arguments, trials).exit_code()
}
