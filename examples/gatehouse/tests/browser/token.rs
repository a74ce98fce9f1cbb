use serde_json::{Value, json};

use crate::{attacker, visit::Visit};

pub(crate) const ALLOWED: &[&str] = &[
    "--attacker",
    "127.0.0.1:0",
    "--allow-origin",
    "https://wolf.example",
    "--allow-origin",
    "https://wolf.gatehouse.test",
];
pub(crate) const SHORT: &[&str] = &["--access-ttl", "5"];

pub(crate) async fn a_jwt_is_taken_apart_used_and_revoked(visit: &Visit) {
    get(visit, "jwt", &["orders:read"]).await;
    assert_eq!(parts(visit).await, json!(["Header", "Payload", "Signature"]));
    let header = said(visit, "header").await;
    assert!(header.contains("\"alg\": \"EdDSA\""), "{header}");
    assert!(said(visit, "signature").await.starts_with("64 bytes: "));
    assert_used_and_revoked(visit, "jwt").await;
}

pub(crate) async fn a_paseto_is_taken_apart_used_and_revoked(visit: &Visit) {
    get(visit, "paseto", &["orders:read"]).await;
    assert_eq!(parts(visit).await, json!(["Version", "Purpose", "Payload and signature", "Footer"]));
    assert!(said(visit, "signature").await.contains("k4.pid."));
    assert_used_and_revoked(visit, "paseto").await;
}

pub(crate) async fn a_logout_everywhere_ends_it_and_not_the_next(visit: &Visit) {
    visit.log_in("ada", "lovelace").await;
    for format in ["jwt", "paseto"] {
        get(visit, format, &[]).await;
        assert_eq!(call(visit, "/api/orders").await.0, 403, "{format}: no scope was asked for");
        assert_eq!(call(visit, "/api/logout-everywhere").await.0, 204, "{format}");
        assert_eq!(call(visit, "/api/me").await.0, 401, "{format}");

        fill_in(visit, format, &[]).await;
        assert_eq!(call(visit, "/api/me").await.0, 200, "{format}: made right after");
        assert_eq!(visit.subject().await, None, "the session ended with it");
    }
}

pub(crate) async fn its_time_runs_out_before_ones_eyes(visit: &Visit) {
    get(visit, "jwt", &[]).await;
    let first = left(visit).await;
    assert!(["5 s", "4 s", "3 s", "2 s", "1 s"].contains(&&*first), "{first}");
    visit.until(&format!("document.querySelector('#countdown').textContent !== '{first}'")).await;
    visit.until("document.querySelector('#countdown').textContent === 'over'").await;
    // Its last seconds are granted to clocks that differ.
    let calls = "document.querySelector('[data-path=\"/api/me\"]').click()";
    visit.until(&format!("({calls}, document.querySelector('#answers li')?.dataset.status === '401')")).await;
}

pub(crate) async fn what_is_not_granted_is_told(visit: &Visit) {
    visit.open("/token").await;
    for (password, scopes, expected) in [
        ("turing", &[][..], "401 invalid_credentials: username or password is wrong"),
        ("lovelace", &["orders:read-all"], "400 invalid_scope: a scope is not known, or not for this user"),
    ] {
        enter(visit, password, "jwt", scopes).await;
        visit.until(&format!("document.querySelector('#refusal').textContent === '{expected}'")).await;
        assert_eq!(visit.value("document.querySelector('#held').hidden").await, true);
        visit.open("/token").await;
    }
}

pub(crate) async fn it_is_kept_nowhere(visit: &Visit) {
    get(visit, "paseto", &["orders:read"]).await;
    let token = visit.value("document.querySelector('#whole').textContent").await;
    assert!(token.as_str().unwrap().starts_with("v4.public."));
    assert_eq!(visit.value("location.href").await, format!("{}/token", Visit::ORIGIN));
    assert_eq!(
        visit.value("[localStorage.length, sessionStorage.length, history.state]").await,
        json!([0, 0, null])
    );
    assert_eq!(visit.cookie().await, None);
    visit.open("/").await;
    visit.back().await;
    visit.until("document.querySelector('#whole')?.textContent === ''").await;
    assert_eq!(visit.value("document.querySelector('#held').hidden").await, true);
}

/// The page of another origin plays the program that was allowed, as it stands where no other does.
pub(crate) async fn a_script_of_an_allowed_origin_calls_with_a_token_and_not_with_the_cookie(visit: &Visit) {
    visit.add("rope").await;
    visit.log_in("ada", "lovelace").await;
    for host in [Visit::OTHER_SITE, Visit::SAME_SITE] {
        attacker::open(visit, host).await;
        let token = log_in_from_elsewhere(visit).await;
        let token = token.as_str().unwrap();
        let authorization = json!({ "headers": { "authorization": format!("Bearer {token}") } });
        let me = fetch(visit, "/api/me", &authorization).await;
        let body = json!({ "issuer": Visit::ORIGIN, "subject": "alan", "roles": ["admin"] });
        assert_eq!((&me["status"], &me["credential"]), (&json!(200), &json!("jwt")), "{host}: {me}");
        assert_eq!(serde_json::from_str::<Value>(me["body"].as_str().unwrap()).unwrap(), body, "{host}");

        // Why it was refused can be read.
        let bad = fetch(visit, "/api/me", &json!({ "headers": { "authorization": "Bearer stolen" } })).await;
        assert_eq!(
            (&bad["status"], &bad["challenge"]),
            (&json!(401), &json!("Bearer error=\"invalid_token\"")),
            "{host}"
        );
        // Without the cookie there is nobody, and with it there is no answer.
        assert_eq!(
            fetch(visit, "/api/me", &json!({ "credentials": "same-origin" })).await["status"],
            401,
            "{host}"
        );
        for path in ["/api/me", "/api/cart"] {
            let with_cookie = fetch(visit, path, &json!({ "credentials": "include" })).await;
            assert_eq!(with_cookie, json!({ "error": "TypeError" }), "{path} from {host}");
        }
        let ended =
            fetch(visit, "/api/logout-everywhere", &json!({ "method": "POST", "credentials": "include" }))
                .await;
        assert_eq!(ended, json!({ "error": "TypeError" }), "{host}");
        // Nor is a page shown to it.
        assert_eq!(fetch(visit, "/account", &json!({})).await, json!({ "error": "TypeError" }), "{host}");
        assert_eq!(visit.subject().await.as_deref(), Some("ada"), "{host}");
        assert_eq!(visit.cart().await, json!({ "rope": 1 }), "{host}");
    }
}

pub(crate) async fn a_script_of_another_origin_gets_no_answer(visit: &Visit) {
    for host in [Visit::OTHER_SITE, Visit::SAME_SITE] {
        attacker::open(visit, host).await;
        assert_eq!(log_in_from_elsewhere(visit).await, json!({ "error": "TypeError" }), "{host}");
        let authorization = json!({ "headers": { "authorization": "Bearer stolen" } });
        assert_eq!(fetch(visit, "/api/me", &authorization).await, json!({ "error": "TypeError" }), "{host}");
        assert_eq!(fetch(visit, "/api/me", &json!({})).await, json!({ "error": "TypeError" }), "{host}");
    }
}

/// Asks for a token of ada's in a page that was just opened.
pub(crate) async fn get(visit: &Visit, format: &str, scopes: &[&str]) {
    visit.open("/token").await;
    fill_in(visit, format, scopes).await;
}

async fn fill_in(visit: &Visit, format: &str, scopes: &[&str]) {
    let held = "document.querySelector('#whole').textContent";
    let before = visit.value(held).await;
    enter(visit, "lovelace", format, scopes).await;
    visit.until(&format!("{held} !== {before}")).await;
}

async fn enter(visit: &Visit, password: &str, format: &str, scopes: &[&str]) {
    visit.type_into("main [name=username]", "ada").await;
    visit.type_into("main [name=password]", password).await;
    visit.click(&format!("[name=format][value={format}]")).await;
    for scope in scopes {
        visit.click(&format!("[name=scope][value='{scope}']")).await;
    }
    visit.click("#ask button").await;
}

async fn assert_used_and_revoked(visit: &Visit, format: &str) {
    let claims =
        visit.value("[...document.querySelectorAll('#claims th')].map((name) => name.textContent)").await;
    assert_eq!(
        claims,
        json!(["iss", "sub", "aud", "iat", "exp", "jti", "scope", "auth_time", "amr", "roles"])
    );
    let meanings = visit
        .value("[...document.querySelectorAll('#claims tr')].every((row) => row.lastChild.textContent)")
        .await;
    assert_eq!(meanings, true, "each claim is explained");
    let left = left(visit).await;
    assert!(left.starts_with("9 min ") || left == "10 min 0 s", "{left}");

    let (status, answer) = call(visit, "/api/me").await;
    assert_eq!(status, 200, "{answer}");
    assert!(answer.contains(&format!("x-credential: {format}")) && answer.contains("\"ada\""), "{answer}");
    let (status, answer) = call(visit, "/api/orders").await;
    assert!(status == 200 && answer.contains("\"number\": 1843"), "{answer}");
    let (status, answer) = call(visit, "/api/orders/all").await;
    assert!(status == 403 && answer.contains("insufficient_scope"), "{answer}");

    assert_eq!(call(visit, "/api/token/revoke").await.0, 204);
    let (status, answer) = call(visit, "/api/me").await;
    assert!(status == 401 && answer.contains("Refused."), "{answer}");
    assert_eq!((visit.cookie().await, visit.subject().await), (None, None), "no session came of it");
}

/// Presses the button and gives the status and the text of the answer.
pub(crate) async fn call(visit: &Visit, path: &str) -> (Value, String) {
    let count = visit.value("document.querySelectorAll('#answers li').length").await;
    visit.click(&format!("[data-path='{path}']")).await;
    visit.until(&format!("document.querySelectorAll('#answers li').length > {count}")).await;
    let answer = visit.value("document.querySelector('#answers li').innerText").await;
    let status = visit.value("Number(document.querySelector('#answers li').dataset.status)").await;
    (status, answer.as_str().unwrap().to_owned())
}

async fn parts(visit: &Visit) -> Value {
    visit.value("[...document.querySelectorAll('#parts dt')].map((name) => name.textContent)").await
}

/// What the page says of a part.
async fn said(visit: &Visit, kind: &str) -> String {
    let said =
        visit.value(&format!("document.querySelector('#parts .{kind}').nextSibling.textContent")).await;
    said.as_str().unwrap().to_owned()
}

async fn left(visit: &Visit) -> String {
    visit.value("document.querySelector('#countdown').textContent").await.as_str().unwrap().to_owned()
}

/// Alan's token, or why there is none.
async fn log_in_from_elsewhere(visit: &Visit) -> Value {
    let login = json!({ "username": "alan", "password": "turing", "format": "jwt" }).to_string();
    let options =
        json!({ "method": "POST", "headers": { "content-type": "application/json" }, "body": login });
    let answer = fetch(visit, "/login/token", &options).await;
    match answer["body"].as_str() {
        Some(body) => serde_json::from_str::<Value>(body).unwrap()["access_token"].clone(),
        None => answer,
    }
}

/// What a script of the page gets to read.
async fn fetch(visit: &Visit, path: &str, options: &Value) -> Value {
    const SCRIPT: &str = "\
        const [url, options, done] = arguments; \
        fetch(url, options).then( \
            async (answer) => done({ \
                status: answer.status, \
                credential: answer.headers.get('x-credential'), \
                challenge: answer.headers.get('www-authenticate'), \
                body: await answer.text(), \
            }), \
            (error) => done({ error: error.name }))";
    visit.value_later(SCRIPT, vec![json!(format!("{}{path}", Visit::ORIGIN)), options.clone()]).await
}
