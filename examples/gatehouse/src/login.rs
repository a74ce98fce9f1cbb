use std::{net::SocketAddr, time::Duration};

use askama::Template;
use axum::{
    Extension, Form,
    extract::{ConnectInfo, Query, State},
    http::{StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Redirect, Response},
};
use portcullis::{
    require::Next,
    session::{Login, Session, SessionError, Timeouts},
};
use serde::Deserialize;
use tracing::info;

use crate::{
    frame::{Frame, html},
    password::Busy,
    site::Site,
    users::{DEMONSTRATION, Demonstration, User},
};

/// `GET /login`
pub(crate) async fn page(frame: Frame, Query(query): Query<LoginQuery>) -> Response {
    html(&LoginPage::new(frame, &query.next))
}

/// `POST /login`
///
/// `log_in` gives the session a new id, keeps the cart, and drops what belonged to somebody else. Who wants to be remembered gets a
/// cookie that outlives the browser. The answer does not say
/// whether it was the name or the password that is wrong.
pub(crate) async fn log_in(
    State(site): State<Site>,
    session: Session,
    frame: Frame,
    client: Option<Extension<ConnectInfo<SocketAddr>>>,
    Form(form): Form<LoginForm>,
) -> Result<Response, SessionError> {
    let user = match verified(&site, &form.username, form.password).await {
        Ok(Some(user)) => user,
        Ok(None) => return Ok(refused(LoginPage::new(frame, &form.next))),
        Err(Busy) => return Ok(busy(LoginPage::new(frame, &form.next))),
    };
    let mut login = Login::new(site.authenticated(user));
    if form.remember.is_some() {
        login = login.with_timeouts(Timeouts::remember(REMEMBERED));
    }
    if let Some(Extension(ConnectInfo(address))) = client {
        login = login.with_address(address.ip());
    }
    session.log_in(login).await?;
    Ok(Redirect::to(form.next.or(AFTER_LOGIN)).into_response())
}

/// `POST /logout`
///
/// The session ends at once, and no slower request brings it back.
pub(crate) async fn log_out(session: Session) -> Result<Redirect, SessionError> {
    session.log_out().await?;
    Ok(Redirect::to("/"))
}

/// Whose name and password these are, for a session and for a token alike.
pub(crate) async fn verified<'a>(
    site: &'a Site,
    username: &str,
    password: String,
) -> Result<Option<&'a User>, Busy> {
    let user = site.users().find(username);
    let right = site.passwords().verify(password, user.map(|user| &user.password_hash)).await?;
    if !right {
        // Not the name: people type passwords into the wrong field.
        info!(known_user = user.is_some(), "login refused");
    }
    Ok(user.filter(|_| right))
}

fn refused(page: LoginPage) -> Response {
    let page = page.saying("Username or password is wrong.");
    (StatusCode::UNAUTHORIZED, html(&page)).into_response()
}

fn busy(page: LoginPage) -> Response {
    let page = page.saying("Too many people are logging in just now. Please try again in a moment.");
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "2")], html(&page)).into_response()
}

#[derive(Debug, Deserialize)]
pub(crate) struct LoginQuery {
    next: Next,
}

#[derive(Deserialize)]
pub(crate) struct LoginForm {
    username: String,
    password: String,
    next: Next,
    /// A ticked box is sent, and one that is not is not.
    remember: Option<String>,
}

#[derive(Template)]
#[template(path = "login.html")]
struct LoginPage {
    frame: Frame,
    problem: Option<&'static str>,
    next: String,
    users: [Demonstration; 2],
}

impl LoginPage {
    fn new(frame: Frame, next: &Next) -> Self {
        Self { frame, problem: None, next: next.or(AFTER_LOGIN).to_owned(), users: DEMONSTRATION }
    }

    fn saying(mut self, problem: &'static str) -> Self {
        self.problem = Some(problem);
        self
    }
}

const AFTER_LOGIN: &str = "/account";
const REMEMBERED: Duration = Duration::from_secs(30 * 24 * 3_600);
