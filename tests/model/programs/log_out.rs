//! What `session/log_out.rs` and `session/devices.rs` do; but tombstones stay.

use super::{Done, Ended, Outcome, Refused, writes};
use crate::{
    programs::writes::Stored,
    script::{Defect, Outage, Script},
    store::{Body, Id, Reason, Why},
};

/// Ends what lies under the id, and what a moved session goes on as.
pub async fn log_out(script: &Script<'_>, bears: Id) -> Outcome {
    let ended = end(script, bears, Follow::All).await?;
    Ok(Done::ended(Ended::Under(ended)))
}

/// Ends every session of Ada's, under the epoch.
pub async fn log_out_everywhere(script: &Script<'_>, bears: Id) -> Outcome {
    writes::load(script, bears).await?.ok_or(Refused::Gone)?;
    writes::remove_all(script, None).await?;
    Ok(Done::ended(Ended::All))
}

/// Ends the session of that public handle, whatever ids it has.
pub async fn revoke(script: &Script<'_>, handle: Id) -> Outcome {
    for record in script.list().await? {
        if matches!(record.body, Body::Live(session) if session.handle == handle) {
            end(script, record.id, Follow::All).await?;
        }
    }
    Ok(Done::ended(Ended::Session(handle)))
}

/// Where a session that is to end is looked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Follow {
    /// And what a login of the same subject made of it.
    All,
    /// That is another session, which counts for itself.
    Renewals,
}

/// Ends what lies under an id, and what its tombstones lead to, and says under which ids. A tombstone stays until it expires: whoever
/// else comes with the old id, or this request when an answer was lost, must find it until all that it leads to has ended.
pub async fn end(script: &Script<'_>, id: Id, follow: Follow) -> Result<Vec<Id>, Outage> {
    if script.has(Defect::TombstonesGoFirst) {
        return end_in_one_trip(script, id).await;
    }
    let (mut ids, mut ended) = (vec![id], Vec::new());
    while let Some(id) = ids.pop() {
        ended.push(id);
        while let Some(record) = script.load(id).await? {
            match Stored::of(record) {
                Stored::Moved(tombstone) => {
                    if follow == Follow::All || tombstone.reason == Reason::Renewed {
                        ids.extend(tombstone.successors);
                    }
                    break;
                }
                // Another write came first, or the answer was lost: what is there by now, the next look tells.
                Stored::Live(snapshot) => script.remove(id, Some(snapshot.version), Why::End).await,
            };
        }
    }
    Ok(ended)
}

/// As the library does it: removes whatever lies under the id, unseen, and then all that its tombstones lead to.
async fn end_in_one_trip(script: &Script<'_>, id: Id) -> Result<Vec<Id>, Outage> {
    let (mut ids, mut ended) = (vec![id], Vec::new());
    while let Some(id) = ids.pop() {
        ended.push(id);
        let went = writes::remove(script, id, Why::End).await?;
        if let Some(Stored::Moved(tombstone)) = went.map(Stored::of) {
            ids.extend(tombstone.successors);
        }
    }
    Ok(ended)
}
