//! What `session/limit.rs` does: at most so many sessions. Here, a login is refused if there are too many, wherever it ranks, and all
//! rank those that began at the same instant alike.

use std::collections::BTreeSet;

use super::{Limit, Refused, log_out};
use crate::{
    programs::{log_out::Follow, writes::Snapshot},
    script::{Defect, Script},
    store::{Body, Id, Session},
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
    let live: Vec<(Id, Id)> = script
        .list()
        .await?
        .into_iter()
        .filter_map(|record| match record.body {
            Body::Live(session) => Some((name(script, record.id, session), record.id)),
            Body::Moved(_) => None,
        })
        .filter(|(name, _)| Some(*name) != about_to_end)
        .collect();
    let names: BTreeSet<Id> = live.iter().map(|(name, _)| *name).collect();
    let mut newest_first: Vec<Id> = names.into_iter().rev().collect();
    if script.has(Defect::LimitThatPrefersTheNewcomer) {
        newest_first.sort_by_key(|name| *name != newcomer.handle);
    }
    let at_most = match limit {
        Limit::EvictOldest(at_most) => at_most,
        Limit::Refuse(at_most) => {
            let came_first = newest_first.iter().rev().take(at_most).any(|name| *name == newcomer.handle);
            let spared = script.has(Defect::RefusalByRank) && came_first;
            return if newest_first.len() > at_most && !spared { Err(Refused::TooMany) } else { Ok(()) };
        }
    };
    let beyond: Vec<Id> = newest_first.into_iter().skip(at_most).collect();
    let follows_logins = script.has(Defect::EvictionThatFollowsLogins);
    let follow = if follows_logins { Follow::All } else { Follow::Renewals };
    for (name, id) in live {
        let spared = script.has(Defect::LimitThatSparesTheNewcomer) && name == newcomer.handle;
        if beyond.contains(&name) && !spared {
            log_out::end(script, id, follow).await?;
        }
    }
    Ok(())
}

fn name(script: &Script<'_>, id: Id, session: Session) -> Id {
    if script.has(Defect::LimitThatCountsRecords) { id } else { session.handle }
}
