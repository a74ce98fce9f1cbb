//! As `session/writes.rs` and the readings of `session/commit.rs`: writes whose answer may be lost.

use super::Refused;
use crate::{
    script::{Outage, Script},
    store::{
        Answer, Body, Data, Epoch, Expected, Id, Owner, Reason, Record, Session, Tombstone, Version, Why,
    },
};

/// A live session as it was last seen.
#[derive(Clone, Copy, Debug)]
pub struct Snapshot {
    pub id: Id,
    pub version: Version,
    pub owner: Owner,
    pub epoch: Epoch,
    pub session: Session,
}

pub enum Stored {
    Live(Snapshot),
    Moved(Tombstone),
}

impl Stored {
    pub fn of(record: Record) -> Self {
        let Record { id, version, owner, epoch, body } = record;
        match body {
            Body::Live(session) => Self::Live(Snapshot { id, version, owner, epoch, session }),
            Body::Moved(tombstone) => Self::Moved(tombstone),
        }
    }
}

impl Tombstone {
    pub fn renewed_as(&self) -> Option<Id> {
        match (self.reason, self.successors.as_slice()) {
            (Reason::Renewed, [successor]) => Some(*successor),
            _ => None,
        }
    }
}

pub async fn find(script: &Script<'_>, id: Id) -> Result<Option<Stored>, Outage> {
    Ok(script.load(id).await?.map(Stored::of))
}

/// Ada's live sessions, by their records.
pub async fn sessions(script: &Script<'_>) -> Result<Vec<Snapshot>, Outage> {
    let listed = script.list().await?.into_iter().map(Stored::of);
    let live = listed.filter_map(|stored| match stored {
        Stored::Live(snapshot) => Some(snapshot),
        Stored::Moved(_) => None,
    });
    Ok(live.collect())
}

/// The live session under an id that a request bears. A tombstone is dead to it.
pub async fn load(script: &Script<'_>, id: Id) -> Result<Option<Snapshot>, Outage> {
    Ok(match find(script, id).await? {
        Some(Stored::Live(snapshot)) => Some(snapshot),
        Some(Stored::Moved(_)) | None => None,
    })
}

/// What a renewed session goes on as.
pub async fn follow(script: &Script<'_>, tombstone: &Tombstone) -> Result<Option<Snapshot>, Outage> {
    let mut next = tombstone.renewed_as();
    while let Some(id) = next {
        match script.load(id).await?.map(Stored::of) {
            Some(Stored::Live(snapshot)) => return Ok(Some(snapshot)),
            Some(Stored::Moved(tombstone)) => next = tombstone.renewed_as(),
            None => return Ok(None),
        }
    }
    Ok(None)
}

/// What a record, found where the session was, says of it now.
pub async fn current(script: &Script<'_>, record: Record) -> Result<Snapshot, Refused> {
    let current = match Stored::of(record) {
        Stored::Live(current) => Some(current),
        Stored::Moved(tombstone) => follow(script, &tombstone).await?,
    };
    current.ok_or(Refused::Gone)
}

pub struct Created {
    pub id: Id,
    pub version: Version,
    pub session: Session,
}

/// Creates a session's record under an id nobody ever had; a creation whose answer is lost is asked for under another. Without a
/// handle to keep, the session begins here.
pub async fn create(
    script: &Script<'_>,
    owner: Owner,
    handle: Option<Id>,
    data: Data,
    fence: Option<Epoch>,
) -> Result<Created, Refused> {
    for _ in 0..ATTEMPTS {
        let (id, version) = (script.unique(), script.unique());
        let session = Session { handle: handle.unwrap_or(id), data };
        match script.create_as(id, version, owner, Body::Live(session), fence).await {
            Answer::Created => return Ok(Created { id, version, session }),
            Answer::Fenced => return Err(Refused::Fenced),
            Answer::Lost => {}
            other => unreachable!("{other:?}"),
        }
    }
    Err(Refused::Outage)
}

pub enum Replaced {
    Done,
    Conflict(Record),
    Unclear(Record),
    Gone,
}

/// Puts `body` in place of the version that was seen; asked again, with the same new version, if the answer is lost.
pub async fn replace(
    script: &Script<'_>,
    id: Id,
    expected: Expected,
    version: Version,
    body: Body,
) -> Result<Replaced, Outage> {
    match script.replace(id, expected, version, body.clone()).await {
        Answer::Replaced => Ok(Replaced::Done),
        Answer::Conflict(current) => Ok(Replaced::Conflict(current)),
        Answer::Gone => Ok(Replaced::Gone),
        _lost => match script.replace(id, expected, version, body).await {
            Answer::Replaced => Ok(Replaced::Done),
            Answer::Conflict(current) if current.version == version => Ok(Replaced::Done),
            Answer::Conflict(current) => Ok(Replaced::Unclear(current)),
            Answer::Gone => Ok(Replaced::Gone),
            _lost => Err(Outage),
        },
    }
}

/// Removes a record, and answers with what went, or with what is there instead; asked again if the answer is lost. That nothing went
/// may then be its own doing.
pub async fn remove(
    script: &Script<'_>,
    id: Id,
    expected: Option<Version>,
    why: Why,
) -> Result<Answer, Outage> {
    for _ in 0..2 {
        match script.remove(id, expected, why).await {
            Answer::Lost => {}
            answer => return Ok(answer),
        }
    }
    Err(Outage)
}

/// Known by its version, as a replacement is.
pub async fn remove_others(
    script: &Script<'_>,
    id: Id,
    expected: Version,
    version: Version,
) -> Result<Replaced, Outage> {
    for _ in 0..2 {
        match script.remove_others(id, expected, version).await {
            Answer::Raised(_) => return Ok(Replaced::Done),
            Answer::Conflict(current) if current.version == version => return Ok(Replaced::Done),
            Answer::Conflict(current) => return Ok(Replaced::Conflict(current)),
            Answer::Gone => return Ok(Replaced::Gone),
            _lost => {}
        }
    }
    Err(Outage)
}

/// Raises Ada's epoch; asked again if the answer is lost.
pub async fn remove_all(script: &Script<'_>, but: Option<Id>) -> Result<Epoch, Outage> {
    for _ in 0..2 {
        if let Answer::Raised(epoch) = script.remove_all(but).await {
            return Ok(epoch);
        }
    }
    Err(Outage)
}

const ATTEMPTS: usize = 3;
