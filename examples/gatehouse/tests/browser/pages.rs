use serde_json::json;

use crate::{
    attacker,
    axe::{assert_accessible, assert_accessible_as_it_is},
    compare,
    programs::Programs,
    stage::Stage,
    token,
    visit::Visit,
};

pub(crate) async fn those_for_everybody_are_accessible(visit: &Visit) {
    for (path, page, status) in [
        ("/", "the shop", 200),
        ("/login", "the login", 200),
        ("/slow?ms=1", "the slow page", 200),
        ("/nodes", "the only node", 200),
        ("/token", "no token yet", 200),
        ("/compare", "no comparison yet", 200),
        ("/compare?callers=browsers", "a question answered", 200),
        ("/compare.json", "no comparison for programs", 404),
        ("/nowhere", "no page", 404),
    ] {
        visit.open(path).await;
        assert_eq!(visit.status().await, status, "{page}");
        assert_accessible(visit, page).await;
    }
    visit.add("rope").await;
    visit.add("map").await;
    assert_accessible(visit, "a filled cart").await;

    visit.open("/login").await;
    visit.fill_in_login("ada", "turing").await;
    assert_eq!(visit.status().await, 401);
    assert_accessible(visit, "a refused login").await;
}

pub(crate) async fn a_token_taken_apart_is_accessible(visit: &Visit) {
    for format in ["jwt", "paseto"] {
        token::get(visit, format, &["orders:read"]).await;
        for path in ["/api/me", "/api/orders", "/api/orders/all", "/api/token/revoke", "/api/me"] {
            token::call(visit, path).await;
        }
        assert_accessible(visit, &format!("a {format} taken apart")).await;
    }
    visit.open("/token").await;
    visit.click("[name=scope][value='orders:read-all']").await;
    visit.type_into("main [name=username]", "ada").await;
    visit.type_into("main [name=password]", "lovelace").await;
    visit.click("#ask button").await;
    visit.until("!document.querySelector('#refusal').hidden").await;
    assert_accessible(visit, "no token").await;
}

pub(crate) async fn a_comparison_is_accessible(programs: Programs) {
    let visit = compare::visit(programs).await;
    compare::measure(&visit).await;
    for (path, page) in [
        ("/compare", "a comparison"),
        ("/compare?callers=browsers&logout=immediate&verifiers=others", "a recommendation with an exception"),
    ] {
        visit.open(path).await;
        assert_accessible(&visit, page).await;
    }
}

pub(crate) async fn a_chosen_theme_is_accessible_on_a_computer_of_the_other(visit: &Visit) {
    for (chosen, scheme) in [("dark", "light"), ("light", "dark")] {
        visit.open("/").await;
        visit.prefer(scheme).await;
        visit.follow(&format!("button[name=theme][value={chosen}]")).await;
        assert_eq!(visit.value("document.documentElement.dataset.theme").await, chosen);
        assert_accessible_as_it_is(visit, &format!("{chosen} chosen on {scheme}")).await;
    }
}

pub(crate) async fn those_of_who_is_logged_in_are_accessible(stage: &Stage) {
    let (visit, there) = (stage.visit().await, stage.visit().await);
    there.log_in("ada", "lovelace").await;
    visit.log_in("ada", "lovelace").await;
    assert_accessible(&visit, "the account").await;
    for (path, page) in
        [("/devices", "two devices"), ("/login", "the login of who is logged in"), ("/slow?ms=1", "slow")]
    {
        visit.open(path).await;
        assert_accessible(&visit, page).await;
    }
    visit.open("/admin").await;
    assert_eq!(visit.status().await, 403);
    assert_accessible(&visit, "not for a customer").await;

    there.log_in("alan", "turing").await;
    there.open("/admin").await;
    assert_eq!(there.status().await, 200);
    assert_accessible(&there, "the administration").await;
    there.follow("form[action='/admin/ada/logout-everywhere'] button").await;
    assert_accessible(&there, "the administration without ada").await;
}

pub(crate) async fn those_of_several_nodes_are_accessible(visit: &Visit) {
    visit.log_in("ada", "lovelace").await;
    visit.open("/nodes").await;
    assert_accessible(visit, "two nodes").await;
    visit.open("/").await;
    assert_accessible(visit, "the shop at a node").await;
    for (node, page) in [(1, "a stopped node"), (2, "two stopped nodes")] {
        visit.open("/nodes").await;
        visit.follow(&format!("form[action='/nodes/{node}/stop'] button")).await;
        assert_accessible(visit, page).await;
    }
    visit.open("/account").await;
    assert_eq!(visit.status().await, 503);
    assert_accessible(visit, "no node").await;
}

pub(crate) async fn the_attackers_is_accessible_and_so_is_what_refuses_it(visit: &Visit) {
    visit.log_in("ada", "lovelace").await;
    attacker::open(visit, Visit::SAME_SITE).await;
    assert_accessible(visit, "the attacker's").await;
    for attack in attacker::FETCHES {
        attacker::press(visit, attack, attack).await;
    }
    for attack in attacker::FORMS {
        attacker::press(visit, attack, &format!("{attack}-frame")).await;
    }
    assert_accessible(visit, "the attacker's with results").await;

    attacker::press(visit, "form-cart", "form-cart-tab").await;
    let [refused] = &visit.other_tabs().await[..] else {
        panic!("no tab was opened");
    };
    visit.go_to_tab(refused).await;
    visit.until("document.readyState === 'complete'").await;
    assert_eq!((visit.place().await, visit.status().await), (json!("/cart/lantern"), json!(403)));
    assert_accessible(visit, "the refusal").await;
}
