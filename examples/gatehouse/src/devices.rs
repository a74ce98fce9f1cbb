use askama::Template;
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Redirect, Response},
};
use portcullis::{
    identity::Principal,
    session::{Device, PublicHandle, Session, SessionError},
    store::{Clock, SystemClock, Timestamp},
};
use serde::Serialize;

use crate::{
    frame::{Frame, html, wants_json},
    site::Site,
    token,
    words::in_words,
};

/// `GET /devices`: where the caller is logged in, as a page, or as JSON for who accepts that.
pub(crate) async fn page(
    headers: HeaderMap,
    session: Session,
    frame: Frame,
    _: Principal,
) -> Result<Response, SessionError> {
    let devices = session.devices().await?;
    if wants_json(&headers) {
        return Ok(Json(devices.iter().map(Listed::of).collect::<Vec<_>>()).into_response());
    }
    let now = SystemClock.now();
    let devices = devices.iter().map(|device| Row::of(device, now)).collect();
    Ok(html(&DevicesPage { frame, devices }))
}

/// `POST /devices/{handle}/revoke`: it is over there at once. A handle of somebody else's is none.
pub(crate) async fn revoke(
    session: Session,
    Path(handle): Path<PublicHandle>,
) -> Result<Response, SessionError> {
    if session.revoke(handle).await? {
        return Ok(Redirect::to("/devices").into_response());
    }
    Ok((StatusCode::NOT_FOUND, "no device of that name is logged in").into_response())
}

/// `POST /logout-others`
pub(crate) async fn log_out_others(session: Session) -> Result<Redirect, SessionError> {
    session.log_out_others().await?;
    Ok(Redirect::to("/devices"))
}

/// `POST /logout-everywhere`: the tokens that there are until now end with the sessions.
pub(crate) async fn log_out_everywhere(
    State(site): State<Site>,
    session: Session,
    caller: Principal,
) -> Result<Redirect, SessionError> {
    token::end_everything(&site, &session, &caller).await?;
    Ok(Redirect::to("/"))
}

/// A device for programs. Times are in seconds since the Unix epoch.
#[derive(Debug, Serialize)]
struct Listed {
    handle: PublicHandle,
    current: bool,
    user_agent: Option<String>,
    address: Option<String>,
    logged_in_at: u64,
    last_seen_at: u64,
    ends_at: u64,
}

impl Listed {
    fn of(device: &Device) -> Self {
        Self {
            handle: device.handle(),
            current: device.is_current(),
            user_agent: device.user_agent().map(str::to_owned),
            address: device.address().map(|address| address.to_string()),
            logged_in_at: device.logged_in_at().unix_seconds(),
            last_seen_at: device.last_seen_at().unix_seconds(),
            ends_at: device.ends_at().unix_seconds(),
        }
    }
}

/// A device for people.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) handle: PublicHandle,
    pub(crate) is_current: bool,
    pub(crate) name: String,
    pub(crate) address: Option<String>,
    pub(crate) since_login: String,
    pub(crate) since_seen: String,
    pub(crate) left: String,
}

impl Row {
    pub(crate) fn of(device: &Device, now: Timestamp) -> Self {
        Self {
            handle: device.handle(),
            is_current: device.is_current(),
            name: device.user_agent().map_or_else(|| "a program without a name".to_owned(), named),
            address: device.address().map(|address| address.to_string()),
            since_login: in_words(now.since(device.logged_in_at())),
            since_seen: in_words(now.since(device.last_seen_at())),
            left: in_words(device.ends_at().since(now)),
        }
    }
}

/// What people call a browser, where its user agent tells; the order matters, because each claims to be those after it.
fn named(user_agent: &str) -> String {
    let told = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    let browser = told(&[
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
        ("curl/", "curl"),
    ]);
    let system = told(&[
        ("Android", "Android"),
        ("iPhone", "an iPhone"),
        ("iPad", "an iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "a Mac"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(browser), None) => browser.to_owned(),
        (None, _) => user_agent.chars().take(40).collect(),
    }
}

#[derive(Template)]
#[template(path = "devices.html")]
struct DevicesPage {
    frame: Frame,
    devices: Vec<Row>,
}

#[cfg(test)]
mod tests {
    use super::named;

    #[test]
    fn a_browser_is_called_by_its_name() {
        let rows = [
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36",
                "Chrome on Linux",
            ),
            ("Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
                "Safari on an iPhone",
            ),
            ("curl/8.14.1", "curl"),
            ("something else", "something else"),
        ];
        for (user_agent, name) in rows {
            assert_eq!(named(user_agent), name);
        }
    }
}
