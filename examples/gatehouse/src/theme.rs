use std::fmt;

use axum::{Form, response::Redirect};
use portcullis::{
    require::Next,
    session::{Session, SessionError},
};
use serde::{Deserialize, Serialize};

/// How the site looks, if it should not look as the rest of the computer does.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Theme {
    Dark,
    Light,
}

impl Theme {
    /// The session's theme.
    pub(crate) async fn of(session: &Session) -> Result<Option<Self>, SessionError> {
        session.get(KEY).await
    }
}

impl fmt::Display for Theme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dark => "dark",
            Self::Light => "light",
        })
    }
}

/// `POST /theme`
///
/// The last choice wins, so `insert` will do; it is stored once the answer is on its way.
pub(crate) async fn choose(session: Session, Form(form): Form<ThemeForm>) -> Result<Redirect, SessionError> {
    match form.theme {
        Choice::System => session.remove(KEY)?,
        Choice::Dark => session.insert(KEY, Theme::Dark)?,
        Choice::Light => session.insert(KEY, Theme::Light)?,
    }
    Ok(Redirect::to(form.next.or("/")))
}

#[derive(Debug, Deserialize)]
pub(crate) struct ThemeForm {
    theme: Choice,
    next: Next,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Choice {
    Dark,
    Light,
    System,
}

const KEY: &str = "theme";
