//! As `session/log_out.rs` and `session/devices.rs`.

use super::{Done, Ended, Outcome, Refused, writes};
use crate::{
    programs::writes::Stored,
    script::{Defect, Outage, Script},
    store::{Answer, Id, Owner, Tombstone, Version, Why},
};

/// Ends what lies under the id, and what a moved session goes on as.
pub async fn log_out(script: &Script<'_>, bears: Id) -> Outcome {
    let ended = end(script, vec![(bears, None)], Along::Everything).await?;
    Ok(Done::ended(Ended::Under(ended)))
}

/// Ends every session of Ada's, under the epoch.
pub async fn log_out_everywhere(script: &Script<'_>, bears: Id) -> Outcome {
    match writes::find(script, bears).await? {
        Some(Stored::Live(own)) if own.owner == Owner::Ada => {
            writes::remove_all(script, None).await?;
            Ok(Done::ended(Ended::All))
        }
        Some(Stored::Moved(_)) => Err(Refused::Gone),
        Some(Stored::Live(_)) | None => log_out(script, bears).await,
    }
}

/// Ends the session of that public handle, whatever ids it has.
pub async fn revoke(script: &Script<'_>, bears: Id, handle: Id) -> Outcome {
    let Some(own) = writes::load(script, bears).await? else { return Ok(Done::default()) };
    if own.session.handle == handle {
        let ended = end(script, vec![(own.id, Some(own.version))], Along::Everything).await?;
        return Ok(Done::ended(Ended::Under(ended)));
    }
    if own.owner == Owner::Nobody {
        return Ok(Done::default());
    }
    let sessions = writes::sessions(script).await?.into_iter();
    let of_that_name = sessions.filter(|snapshot| snapshot.session.handle == handle);
    let ids = of_that_name.map(|snapshot| (snapshot.id, Some(snapshot.version))).collect();
    end(script, ids, Along::Renewals).await?;
    Ok(Done::ended(Ended::Session(handle)))
}

/// Which successors of a session that was moved end with it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Along {
    /// The session under its other ids.
    Renewals,
    /// What a later login of the same subject made of it, too.
    Everything,
}

/// Ends what lies under the ids, and what their tombstones lead to, and says under which ids.
pub async fn end(
    script: &Script<'_>,
    mut sessions: Vec<(Id, Option<Version>)>,
    along: Along,
) -> Result<Vec<Id>, Outage> {
    let mut ended = Vec::new();
    while let Some((id, seen)) = sessions.pop() {
        ended.push(id);
        let Some(tombstone) = end_one(script, id, seen).await? else { continue };
        let successors = match along {
            _ if script.has(Defect::EndThatStopsAtATombstone) => Vec::new(),
            Along::Renewals => tombstone.renewed_as().into_iter().collect(),
            Along::Everything => tombstone.successors,
        };
        sessions.extend(successors.into_iter().map(|successor| (successor, None)));
    }
    Ok(ended)
}

/// Removes what lives under the id, or answers with the tombstone there, which stays: whoever else comes with the old id, or this
/// request when an answer was lost, must find it until all that it leads to has ended.
async fn end_one(
    script: &Script<'_>,
    id: Id,
    mut seen: Option<Version>,
) -> Result<Option<Tombstone>, Outage> {
    let looks = match script.defect {
        Some(Defect::TombstonesGoFirst) => 0,
        Some(Defect::EndThatLooksOnce) => 1,
        _ => CONFLICTS,
    };
    for _ in 0..looks {
        let version = match seen {
            Some(version) => version,
            None => match writes::find(script, id).await? {
                None => return Ok(None),
                Some(Stored::Moved(tombstone)) => return Ok(Some(tombstone)),
                Some(Stored::Live(snapshot)) => snapshot.version,
            },
        };
        match writes::remove(script, id, Some(version), Why::End).await? {
            Answer::Conflict(current) => match Stored::of(current) {
                Stored::Moved(tombstone) => return Ok(Some(tombstone)),
                Stored::Live(current) => seen = Some(current.version),
            },
            removed => return Ok(went(removed)),
        }
    }
    // Others write all the time.
    Ok(went(writes::remove(script, id, None, Why::End).await?))
}

/// The tombstone, if one was removed.
fn went(removed: Answer) -> Option<Tombstone> {
    let Answer::Removed(Some(record)) = removed else { return None };
    match Stored::of(record) {
        Stored::Moved(tombstone) => Some(tombstone),
        Stored::Live(_) => None,
    }
}

/// More than anybody here writes.
const CONFLICTS: u32 = 8;
