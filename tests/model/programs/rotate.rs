//! As `session/renew.rs`: a new id, by a renewal or by a login. Each changes a key of its own, too.

use super::{Done, Ended, Limit, Outcome, Refused, limit, write, writes};
use crate::{
    programs::writes::{Created, Replaced, Snapshot, Stored},
    script::{Defect, Script},
    store::{Answer, Body, Data, Expected, Id, Owner, Reason, Session, Tombstone, Version, Why},
};

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Rotation {
    Renew,
    LogIn { limit: Option<Limit> },
}

pub async fn renew(script: &Script<'_>, bears: Id) -> Outcome {
    let old = writes::load(script, bears).await?.ok_or(Refused::Gone)?;
    rotate(script, Rotation::Renew, Some(old)).await
}

/// Over what lies under the id: Ada's own session, or nobody's.
pub async fn log_in(script: &Script<'_>, bears: Id, limit: Option<Limit>) -> Outcome {
    let old = writes::load(script, bears).await?;
    rotate(script, Rotation::LogIn { limit }, old).await
}

async fn rotate(script: &Script<'_>, rotation: Rotation, old: Option<Snapshot>) -> Outcome {
    let mut successor = Successor::create(script, rotation, old).await?;
    if let Rotation::LogIn { limit: Some(limit) } = rotation
        && let Err(refused) = limit::make_room(script, limit, successor.created.session, old).await
    {
        successor.undo().await.ok();
        return Err(refused);
    }
    if script.has(Defect::RenewalThatTakesItsCopyBack) {
        successor.undo().await?;
    }
    let Created { id, session, .. } = successor.created;
    let done = Done { told: Some(id), wrote: Some((session.handle, script.number)), ..Done::default() };
    let Some(old) = old else { return Ok(done) };
    let before = old.session.handle;
    match (rotation, successor.retire(old).await?) {
        (_, Retired::Elsewhere(goes_on)) => write::put(script, goes_on).await,
        (Rotation::Renew, _) => Ok(done),
        (Rotation::LogIn { .. }, Retired::Done) => {
            Ok(Done { ended: Ended::Session(before), took_over: Some((session.handle, before)), ..done })
        }
        (Rotation::LogIn { .. }, Retired::Before) => Ok(Done { ended: Ended::Session(before), ..done }),
    }
}

/// A session under a new id that no client was told of.
struct Successor<'a> {
    script: &'a Script<'a>,
    rotation: Rotation,
    created: Created,
}

enum Retired {
    /// All that it held goes on under the successor.
    Done,
    /// Somebody else ended it first.
    Before,
    /// It was renewed before, by another request.
    Elsewhere(Snapshot),
}

impl<'a> Successor<'a> {
    async fn create(
        script: &'a Script<'a>,
        rotation: Rotation,
        old: Option<Snapshot>,
    ) -> Result<Self, Refused> {
        let (owner, fence, handle) = match (rotation, old) {
            (Rotation::Renew, Some(old)) if script.has(Defect::RenewalWithoutFence) => {
                (old.owner, None, Some(old.session.handle))
            }
            (Rotation::Renew, Some(old)) => (old.owner, Some(old.epoch), Some(old.session.handle)),
            _ => (Owner::Ada, None, None),
        };
        let created = writes::create(script, owner, handle, data(script, old), fence).await?;
        Ok(Self { script, rotation, created })
    }

    /// Ends the old id. Writes that came since it was copied are copied too.
    async fn retire(&mut self, mut old: Snapshot) -> Result<Retired, Refused> {
        let mut others = Vec::new();
        let mut attempt = 0;
        loop {
            let there = match self.bury(&old, &others).await? {
                Replaced::Done if others.is_empty() => return Ok(Retired::Done),
                Replaced::Done => return Ok(Retired::Before),
                Replaced::Gone => return self.old_is_gone().await,
                Replaced::Conflict(there) | Replaced::Unclear(there) => there,
            };
            attempt += 1;
            let version = there.version;
            let there = match Stored::of(there) {
                Stored::Live(there) => {
                    old = self.copy_again(there, attempt).await?;
                    continue;
                }
                Stored::Moved(there) if there.successors.contains(&self.created.id) => {
                    return Ok(Retired::Done);
                }
                Stored::Moved(there) => there,
            };
            if self.rotation == Rotation::Renew {
                self.undo().await?;
                let goes_on = writes::follow(self.script, &there).await?;
                return goes_on.map(Retired::Elsewhere).ok_or(Refused::Gone);
            }
            match writes::follow(self.script, &there).await? {
                // Renewed meanwhile: what it goes on as ends instead.
                Some(goes_on) => old = self.copy_again(goes_on, attempt).await?,
                // Two logins at once.
                None => {
                    old.version = version;
                    others = there.successors;
                }
            }
        }
    }

    async fn bury(&self, old: &Snapshot, others: &[Id]) -> Result<Replaced, Refused> {
        let (reason, leads_on) = match self.rotation {
            Rotation::Renew => (Reason::Renewed, true),
            Rotation::LogIn { .. } => {
                let defect = self.script.has(Defect::TombstoneThatLeadsOnFromNobody);
                (Reason::LoggedIn, old.owner == Owner::Ada || defect)
            }
        };
        if self.script.has(Defect::RemovalWithoutTombstone) {
            return Ok(match self.script.remove(old.id, Some(old.version), Why::Undo).await {
                Answer::Removed(Some(_)) => Replaced::Done,
                Answer::Conflict(there) => Replaced::Conflict(there),
                _ => Replaced::Gone,
            });
        }
        let own = leads_on.then_some(self.created.id);
        let successors = own.into_iter().chain(others.iter().copied()).collect();
        let expected = if self.script.has(Defect::BurialOfAnyVersion) {
            Expected::AnyVersion
        } else {
            Expected::Version(old.version)
        };
        let tombstone = Body::Moved(Tombstone { reason, successors });
        Ok(writes::replace(self.script, old.id, expected, self.script.unique(), tombstone).await?)
    }

    /// Copies what is stored by now. If that changes all the time a renewal is given up, and a login goes on without.
    async fn copy_again(&mut self, old: Snapshot, attempt: u32) -> Result<Snapshot, Refused> {
        if attempt > COPIES {
            return match self.rotation {
                Rotation::LogIn { .. } => Ok(old),
                Rotation::Renew => {
                    self.undo().await?;
                    Err(Refused::Contended)
                }
            };
        }
        let version = self.script.unique();
        let session = Session { data: data(self.script, Some(old)), ..self.created.session };
        let Created { id, version: expected, .. } = self.created;
        match self.put_in_place(id, expected, version, session).await? {
            Replaced::Done => {
                self.created.version = version;
                Ok(old)
            }
            Replaced::Gone | Replaced::Conflict(_) | Replaced::Unclear(_) => Err(Refused::Gone),
        }
    }

    async fn put_in_place(
        &self,
        id: Id,
        expected: Version,
        version: Version,
        session: Session,
    ) -> Result<Replaced, Refused> {
        let expected = Expected::Version(expected);
        Ok(writes::replace(self.script, id, expected, version, Body::Live(session)).await?)
    }

    /// A login stands on its own proof; a renewal does not undo what ended the session.
    async fn old_is_gone(&self) -> Result<Retired, Refused> {
        match self.rotation {
            Rotation::LogIn { .. } => Ok(Retired::Before),
            Rotation::Renew => {
                self.undo().await?;
                Err(Refused::Gone)
            }
        }
    }

    async fn undo(&self) -> Result<(), Refused> {
        if self.script.has(Defect::RenewalThatLeavesItsCopy) {
            return Ok(());
        }
        writes::remove(self.script, self.created.id, None, Why::Undo).await?;
        Ok(())
    }
}

/// The old session's data with this request's change.
fn data(script: &Script<'_>, old: Option<Snapshot>) -> Data {
    old.map(|old| old.session.data).unwrap_or_default().with(script.number)
}

const COPIES: u32 = 8;
