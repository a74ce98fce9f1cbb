use crate::{Epoch, Record, Space, Timestamp};

/// What [`Store::peek`](crate::Store::peek) answers.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a caller must say what it does with each outcome")]
pub enum Peek {
    /// The record, and the instant it was found alive at: one clock reading serves the request.
    Hit(Record, Timestamp),
    /// There is none.
    Absent,
    /// Only [`Store::load`](crate::Store::load) can tell.
    Unknown,
}

/// What [`Store::create`](crate::Store::create) answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a caller must say what it does with each outcome")]
pub enum CreateOutcome {
    /// The record is there.
    Created,
    /// A live record has that key already; it is untouched.
    Exists,
    /// The owner's epoch moved past the draft's fence; nothing was written.
    Fenced,
}

/// What [`Store::replace`](crate::Store::replace) answers.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a caller must say what it does with each outcome")]
pub enum ReplaceOutcome {
    /// The draft is there.
    Replaced,
    /// Another write came first; this is its record, so no second trip is needed.
    Conflict(Record),
    /// There is no record; none was created.
    Gone,
}

/// What [`Store::extend`](crate::Store::extend) answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a caller must say what it does with each outcome")]
pub enum ExtendOutcome {
    /// The record lives longer.
    Extended,
    /// It lived at least that long already.
    NotNeeded,
    /// There is no record; none was created.
    Gone,
}

/// What [`Store::remove`](crate::Store::remove) answers.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(clippy::exhaustive_enums, reason = "a caller must say what it does with each outcome")]
pub enum RemoveOutcome {
    /// This call removed it; this is what went.
    Removed(Record),
    /// There was none.
    Absent,
    /// It has another version than the one named; this is it, untouched.
    Conflict(Record),
}

/// What [`Store::remove_all`](crate::Store::remove_all) answers.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RemoveAllOutcome {
    /// The owner's epoch in each named space, as raised.
    pub epochs: Vec<(Space, Epoch)>,
    /// How many records went.
    pub removed: u64,
}

impl RemoveAllOutcome {
    /// The outcome of a step that raised `epochs` and removed so many records.
    #[must_use]
    pub const fn new(epochs: Vec<(Space, Epoch)>, removed: u64) -> Self {
        Self { epochs, removed }
    }

    /// The epoch that `space` is in now, if it was named. Named twice it was raised twice, and is in the later one.
    #[must_use]
    pub fn epoch(&self, space: Space) -> Option<Epoch> {
        self.epochs.iter().rfind(|(named, _)| *named == space).map(|(_, epoch)| *epoch)
    }
}
