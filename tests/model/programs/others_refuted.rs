//! What was weighed before others were logged out one by one.

use super::{Done, Ended, Outcome, Refused, writes};
use crate::{
    programs::writes::{Replaced, Snapshot},
    script::{Defect, Script},
    store::{Answer, Body, Expected, Id, Owner, Reason, Tombstone},
};

/// Everything of Ada's ends but this session, which the store carries over in the same step.
pub async fn in_one_call(script: &Script<'_>, bears: Id) -> Outcome {
    let mut own = writes::load(script, bears).await?.ok_or(Refused::Gone)?;
    loop {
        match writes::remove_others(script, own.id, own.version, script.unique()).await? {
            Replaced::Done => return Ok(Done::ended(Ended::AllBut(own.session.handle))),
            Replaced::Gone => return Err(Refused::Gone),
            Replaced::Conflict(there) | Replaced::Unclear(there) => {
                own = writes::current(script, there).await?
            }
        }
    }
}

/// The own session is buried, everything goes, and the copy is created under a new id in the new epoch.
pub async fn by_epoch(script: &Script<'_>, bears: Id) -> Outcome {
    let mut own = writes::load(script, bears).await?.ok_or(Refused::Gone)?;
    let next = script.unique();
    if !script.has(Defect::OthersWithoutBurial) {
        own = bury(script, own, next).await?;
    }
    let epoch = writes::remove_all(script, Some(own.session.handle)).await?;
    match script.create(next, Owner::Ada, Body::Live(own.session), Some(epoch)).await {
        Answer::Created => {}
        Answer::Fenced => return Err(Refused::Fenced),
        _lost => return Err(Refused::Outage),
    }
    // The user's other tabs still bear the old id.
    script.create(own.id, Owner::Ada, leading_to(next), Some(epoch)).await;
    Ok(Done { told: Some(next), ended: Ended::AllBut(own.session.handle), ..Done::default() })
}

async fn bury(script: &Script<'_>, mut own: Snapshot, next: Id) -> Result<Snapshot, Refused> {
    loop {
        let expected = Expected::Version(own.version);
        match writes::replace(script, own.id, expected, script.unique(), leading_to(next)).await? {
            Replaced::Done => return Ok(own),
            Replaced::Gone => return Err(Refused::Gone),
            Replaced::Conflict(there) | Replaced::Unclear(there) => {
                own = writes::current(script, there).await?
            }
        }
    }
}

fn leading_to(next: Id) -> Body {
    Body::Moved(Tombstone { reason: Reason::Renewed, successors: vec![next] })
}
