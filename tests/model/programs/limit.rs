//! As `session/limit.rs`: at most so many sessions.

use std::collections::BTreeSet;

use super::{Limit, Refused, log_out, writes};
use crate::{
    programs::{log_out::Along, writes::Snapshot},
    script::{Defect, Script},
    store::{Id, Session},
};

/// Makes room for a session that is stored already, in place of `old`, which is about to end.
///
/// Sessions count, not records: one that is being renewed has two. They begin in the order of their handles, which is that of the
/// requests in a scenario, whenever the creation comes to the store.
pub async fn make_room(
    script: &Script<'_>,
    limit: Limit,
    newcomer: Session,
    old: Option<Snapshot>,
) -> Result<(), Refused> {
    let counts_old = script.has(Defect::LimitThatCountsTheOld);
    let about_to_end = old.map(|old| old.session.handle).filter(|_| !counts_old);
    let mut sessions = writes::sessions(script).await?;
    sessions.retain(|snapshot| Some(snapshot.session.handle) != about_to_end);
    let evicted = excess(script, limit, &sessions, newcomer.handle)?;
    let of_evicted = sessions.iter().filter(|snapshot| evicted.contains(&name(script, snapshot)));
    let ids = of_evicted.map(|snapshot| (snapshot.id, Some(snapshot.version))).collect();
    let follows_logins = script.has(Defect::EvictionThatFollowsLogins);
    let along = if follows_logins { Along::Everything } else { Along::Renewals };
    log_out::end(script, ids, along).await?;
    Ok(())
}

/// Which of all sessions, `newcomer` among them, are to go.
fn excess(
    script: &Script<'_>,
    limit: Limit,
    sessions: &[Snapshot],
    newcomer: Id,
) -> Result<Vec<Id>, Refused> {
    let names: BTreeSet<Id> = sessions.iter().map(|snapshot| name(script, snapshot)).collect();
    let mut oldest_first: Vec<Id> = names.into_iter().collect();
    if !oldest_first.contains(&newcomer) {
        // A racer has ended it already.
        return Err(Refused::TooMany);
    }
    if script.has(Defect::LimitThatPrefersTheNewcomer) {
        oldest_first.sort_by_key(|name| *name == newcomer);
    }
    let (Limit::EvictOldest(at_most) | Limit::Refuse(at_most)) = limit;
    let too_many = oldest_first.len().saturating_sub(at_most);
    if too_many == 0 {
        return Ok(Vec::new());
    }
    if let Limit::Refuse(at_most) = limit {
        let came_first = oldest_first.iter().take(at_most).any(|name| *name == newcomer);
        let let_in = script.has(Defect::RefusalByRank) && came_first;
        return if let_in { Ok(Vec::new()) } else { Err(Refused::TooMany) };
    }
    let mut evicted: Vec<Id> = oldest_first.into_iter().take(too_many).collect();
    if script.has(Defect::LimitThatSparesTheNewcomer) {
        evicted.retain(|name| *name != newcomer);
    }
    if evicted.contains(&newcomer) { Err(Refused::TooMany) } else { Ok(evicted) }
}

fn name(script: &Script<'_>, snapshot: &Snapshot) -> Id {
    if script.has(Defect::LimitThatCountsRecords) { snapshot.id } else { snapshot.session.handle }
}
