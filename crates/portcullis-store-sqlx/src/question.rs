use crate::row::{key_bytes, millis};
use portcullis_core::{
    CreateOutcome, Draft, ExtendOutcome, Listing, Owner, Record, RecordId, RecordKey, RemoveAllOutcome,
    RemoveOutcome, ReplaceOutcome, Space, Timestamp, Version,
};

/// What an engine is asked, in one trip where it can.
pub trait Question: Send + Sync + 'static {
    /// What it answers.
    type Answer: Send + 'static;
}

#[derive(Debug)]
pub struct Load {
    pub key: RecordKey,
}

#[derive(Debug)]
pub struct Create {
    pub key: RecordKey,
    pub draft: Draft,
}

#[derive(Debug)]
pub struct Replace {
    pub key: RecordKey,
    pub expected: Version,
    pub draft: Draft,
}

#[derive(Debug)]
pub struct Extend {
    pub key: RecordKey,
    pub expires_at: Timestamp,
}

#[derive(Debug)]
pub struct Remove {
    pub key: RecordKey,
    pub expected: Option<Version>,
}

#[derive(Debug)]
pub struct List {
    pub owner: Owner,
    pub space: Space,
    pub after: Option<(Timestamp, RecordId)>,
    pub limit: usize,
}

#[derive(Debug)]
pub struct RemoveAll {
    pub owner: Owner,
    /// Each once.
    pub spaces: Vec<Space>,
}

/// Reclaims at most `budget` records in a part of the table that begins at `from`.
#[derive(Debug)]
pub struct Sweep {
    pub budget: usize,
    pub from: u64,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Swept {
    pub reclaimed: usize,
    /// Where the next part begins, unless this was the last.
    pub next: Option<u64>,
}

/// Whether this process is the one that sweeps until then.
#[derive(Debug)]
pub struct Claim {
    pub until: Timestamp,
}

/// How many steps the schema has taken.
#[derive(Debug)]
pub struct Check;

macro_rules! answers {
    ($($question:ty => $answer:ty,)*) => {
        $(impl Question for $question {
            type Answer = $answer;
        })*
    };
}

answers! {
    Load => Option<Record>,
    Create => CreateOutcome,
    Replace => ReplaceOutcome,
    Extend => ExtendOutcome,
    Remove => RemoveOutcome,
    List => Listing,
    RemoveAll => RemoveAllOutcome,
    Sweep => Swept,
    Claim => bool,
    Check => i64,
}

impl List {
    /// What the page begins behind, as its columns have it: behind nothing, at first.
    pub(crate) fn begins_after(&self) -> (i64, Vec<u8>) {
        match self.after {
            Some((created_at, id)) => {
                (millis(created_at), key_bytes(&RecordKey::owned(self.space, &self.owner, id)).to_vec())
            }
            None => (-1, Vec::new()),
        }
    }

    /// One more than is asked for tells whether there is another page.
    pub(crate) fn most(&self) -> i64 {
        i64::try_from(self.limit.saturating_add(1)).unwrap_or(i64::MAX)
    }
}

impl Sweep {
    pub(crate) fn most(&self) -> i64 {
        i64::try_from(self.budget).unwrap_or(i64::MAX)
    }

    #[cfg(any(feature = "mysql", feature = "sqlite"))]
    /// What an engine that finds what has expired by an index answers: there may be more if all that was allowed was found.
    pub(crate) fn swept(&self, reclaimed: u64) -> Swept {
        let reclaimed = usize::try_from(reclaimed).unwrap_or(usize::MAX);
        Swept { reclaimed, next: (reclaimed >= self.budget).then_some(self.from) }
    }
}
