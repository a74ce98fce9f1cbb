//! As `session/log_out_others.rs`.

use super::{Done, Ended, Outcome, Refused, log_out, writes};
use crate::{
    programs::{log_out::Along, writes::Stored},
    script::{Defect, Script},
    store::{Id, Owner},
};

/// Ends everything of Ada's but this session, one by one.
pub async fn log_out_others(script: &Script<'_>, bears: Id) -> Outcome {
    let own = match writes::find(script, bears).await? {
        Some(Stored::Live(own)) if own.owner == Owner::Ada => own,
        // Nobody has no others; and whose they were, nobody can tell any more.
        Some(Stored::Live(_)) | None => return Ok(Done::default()),
        Some(Stored::Moved(_)) => return Err(Refused::Gone),
    };
    let mut others = writes::sessions(script).await?;
    if script.has(Defect::OthersThatSpareAnId) {
        others.retain(|other| other.id != own.id);
    } else {
        others.retain(|other| other.session.handle != own.session.handle);
    }
    let others = others.iter().map(|other| (other.id, Some(other.version))).collect();
    log_out::end(script, others, Along::Everything).await?;
    Ok(Done::ended(Ended::AllBut(own.session.handle)))
}
