//! As `session/commit.rs`: a write sets the request's own key.

use super::{Done, Outcome, Refused, writes};
use crate::{
    programs::writes::{Replaced, Snapshot},
    script::{Defect, Script},
    store::{Body, Expected, Id, Session},
};

pub async fn write(script: &Script<'_>, bears: Id) -> Outcome {
    let snapshot = writes::load(script, bears).await?.ok_or(Refused::Gone)?;
    put(script, snapshot).await
}

/// Puts the request's key onto the session, and again onto what is there after a conflict.
pub async fn put(script: &Script<'_>, mut snapshot: Snapshot) -> Outcome {
    let key = script.number;
    let first = snapshot.id;
    let mut attempt = 0;
    loop {
        let Snapshot { id, version, session, .. } = snapshot;
        if session.data.has(key) {
            return Ok(Done::wrote(session.handle, key, id != first));
        }
        let expected = if script.has(Defect::UpdateThatCreates) {
            Expected::VersionOrNone(version)
        } else {
            Expected::Version(version)
        };
        let body = Body::Live(Session { data: session.data.with(key), ..session });
        match writes::replace(script, id, expected, script.unique(), body).await? {
            Replaced::Done => return Ok(Done::wrote(session.handle, key, id != first)),
            Replaced::Gone => return Err(Refused::Gone),
            Replaced::Conflict(there) | Replaced::Unclear(there) => {
                snapshot = writes::current(script, there).await?;
            }
        }
        if attempt >= AT_ONCE {
            let there = script.load(snapshot.id).await?.ok_or(Refused::Gone)?;
            snapshot = writes::current(script, there).await?;
        }
        attempt += 1;
    }
}

const AT_ONCE: u32 = 2;
