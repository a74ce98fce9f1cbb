use std::time::Duration;

use askama::Template;
use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use portcullis::{
    identity::{CredentialKind, Principal},
    session::{Session, SessionError},
    store::{Clock, SystemClock},
};
use serde::Serialize;

use crate::{
    cors::CREDENTIAL,
    frame::{Frame, html},
    site::Site,
    users::User,
    words::in_words,
};

/// `GET /account`
///
/// A page for people leads to the login where a program would be told 401.
pub(crate) async fn page(
    State(site): State<Site>,
    session: Session,
    caller: Option<Principal>,
    frame: Frame,
) -> Result<Response, SessionError> {
    // Whom a token names may be somebody else than whose cookie is beside it.
    let caller = caller.filter(|caller| caller.credential() == CredentialKind::Session);
    let user = caller.as_ref().and_then(|caller| site.user(caller));
    let (Some(caller), Some(user), Some(remaining)) = (&caller, user, session.expires_in().await?) else {
        return Ok(Redirect::to("/login?next=/account").into_response());
    };
    let since_login = caller.authenticated_at().map(|at| in_words(SystemClock.now().since(at)));
    Ok(html(&AccountPage {
        user,
        since_login,
        remaining: [
            Countdown::new("idle", "Idle timeout", "starts again with every request", remaining.idle),
            Countdown::new("absolute", "Absolute timeout", "runs out whatever you do", remaining.absolute),
        ],
        caller,
        frame,
    }))
}

/// `GET /api/me`: taking a [`Principal`] is demanding one; nobody is answered 401.
///
/// The content is the same to the byte, whether a session proved it or a token of either format; a field says which it was.
pub(crate) async fn json(caller: Principal) -> impl IntoResponse {
    ([(CREDENTIAL, caller.credential().as_str())], Json(Me::of(&caller)))
}

/// Who is calling.
#[derive(Debug, Serialize)]
struct Me {
    issuer: String,
    subject: String,
    roles: Vec<String>,
}

impl Me {
    fn of(caller: &Principal) -> Self {
        Self {
            issuer: caller.issuer().to_string(),
            subject: caller.subject().to_owned(),
            roles: caller.roles().iter().map(|role| role.to_string()).collect(),
        }
    }
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    frame: Frame,
    caller: &'a Principal,
    user: &'a User,
    since_login: Option<String>,
    remaining: [Countdown; 2],
}

/// Time that runs out.
struct Countdown {
    id: &'static str,
    name: &'static str,
    about: &'static str,
    seconds: u64,
    words: String,
}

impl Countdown {
    fn new(id: &'static str, name: &'static str, about: &'static str, left: Duration) -> Self {
        Self { id, name, about, seconds: left.as_secs(), words: in_words(left) }
    }
}
