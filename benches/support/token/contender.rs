use axum::{Router, routing::get};

use super::material::Material;

mod ours;
mod peer;

/// Who verifies before the handler runs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Contender {
    /// Nobody: what axum costs by itself.
    Bare,
    Ours,
    /// The library that most users of the format have, called by hand.
    Peer,
}

impl Contender {
    pub(super) const ALL: [Self; 3] = [Self::Bare, Self::Ours, Self::Peer];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Bare => "none",
            Self::Ours => "ours",
            Self::Peer => "peer",
        }
    }

    /// A handler that wants to know who is calling.
    pub(super) fn router(self, material: &Material) -> Router {
        match self {
            Self::Bare => Router::new().route("/", get(async || DONE)).with_state(()),
            Self::Ours => ours::router(material),
            Self::Peer => peer::router(material),
        }
    }
}

/// What every handler answers.
const DONE: &str = "done";
