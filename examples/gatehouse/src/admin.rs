use askama::Template;
use axum::{
    Extension,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use portcullis::{
    identity::Principal,
    session::{PublicHandle, SessionError, Sessions},
    store::{Clock, SystemClock},
};

use crate::{
    devices::Row,
    frame::{Frame, html},
    site::Site,
    users::User,
};

/// `GET /admin`: everybody's sessions. The layer around it lets administrators in and nobody else.
pub(crate) async fn page(
    State(site): State<Site>,
    Extension(sessions): Extension<Sessions>,
    frame: Frame,
) -> Result<Response, SessionError> {
    let now = SystemClock.now();
    let mut accounts = Vec::new();
    for user in site.users().all() {
        let devices = sessions.list(&site.principal(user)).await?;
        accounts.push(Account { user, devices: devices.iter().map(|device| Row::of(device, now)).collect() });
    }
    Ok(html(&AdminPage { frame, accounts }))
}

/// `POST /admin/{name}/devices/{handle}/revoke`
pub(crate) async fn revoke(
    State(site): State<Site>,
    Extension(sessions): Extension<Sessions>,
    Path((name, handle)): Path<(String, PublicHandle)>,
) -> Result<Response, SessionError> {
    let ended = match whom(&site, &name) {
        Some(principal) => sessions.revoke(&principal, handle).await?,
        None => false,
    };
    Ok(if ended { back() } else { (StatusCode::NOT_FOUND, "there is no such session").into_response() })
}

/// `POST /admin/{name}/logout-everywhere`: sessions, and tokens until now.
pub(crate) async fn log_out_everywhere(
    State(site): State<Site>,
    Path(name): Path<String>,
) -> Result<Response, SessionError> {
    let Some(principal) = whom(&site, &name) else {
        return Ok((StatusCode::NOT_FOUND, "nobody of that name has an account").into_response());
    };
    site.subjects().log_out_everywhere(&principal).await?;
    Ok(back())
}

fn whom(site: &Site, name: &str) -> Option<Principal> {
    site.users().find(name).map(|user| site.principal(user))
}

/// Whoever ended their own session is led to the login by the layer.
fn back() -> Response {
    Redirect::to("/admin").into_response()
}

struct Account<'a> {
    user: &'a User,
    devices: Vec<Row>,
}

#[derive(Template)]
#[template(path = "admin.html")]
struct AdminPage<'a> {
    frame: Frame,
    accounts: Vec<Account<'a>>,
}
