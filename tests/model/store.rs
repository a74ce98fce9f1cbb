//! The store as its contract says it. Each call is one atomic step.

use std::{collections::BTreeMap, fmt};

/// An id, or a version: who made it and the how manyeth of its maker it is. The same whichever way a state is reached.
#[derive(Clone, Copy, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Unique {
    pub by: u8,
    pub at: u8,
}

pub type Id = Unique;
pub type Version = Unique;
pub type Epoch = u8;

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Owner {
    Nobody,
    Ada,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Record {
    pub id: Id,
    pub version: Version,
    pub owner: Owner,
    pub epoch: Epoch,
    pub body: Body,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Body {
    Live(Session),
    Moved(Tombstone),
}

/// What a session's record holds.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Session {
    /// The public handle: the id under which the session was begun. A renewal keeps it, a login makes a new one.
    pub handle: Id,
    /// One key for each request that writes.
    pub data: Data,
}

/// A set of keys.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub struct Data(u8);

impl Data {
    #[must_use]
    pub fn with(self, key: u8) -> Self {
        Self(self.0 | 1 << key)
    }

    #[must_use]
    pub fn has(self, key: u8) -> bool {
        self.0 & 1 << key != 0
    }
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Tombstone {
    pub reason: Reason,
    pub successors: Vec<Id>,
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Reason {
    Renewed,
    LoggedIn,
}

/// What a request asks of the store.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Call {
    Load(Id),
    Create {
        draft: Record,
        fence: Option<Epoch>,
    },
    Replace {
        id: Id,
        expected: Expected,
        version: Version,
        body: Body,
    },
    Remove {
        id: Id,
        expected: Option<Version>,
        why: Why,
    },
    /// A page of what is Ada's.
    List {
        after: Option<Created>,
        order: Order,
    },
    /// Raises Ada's epoch for all but that record, which goes on under it. No law has this: for a program that is refuted.
    RemoveOthers {
        id: Id,
        expected: Version,
        version: Version,
    },
    /// Raises Ada's epoch. Whose session is to go on, the store does not know: it is said for those who watch.
    RemoveAll {
        but: Option<Id>,
    },
}

#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Expected {
    Version(Version),
    /// No law has this: for the defects.
    AnyVersion,
    /// Nor this: it creates.
    VersionOrNone(Version),
}

/// When a record was created, among all.
pub type Created = u8;

/// In which order a listing goes by creation.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Order {
    OldestFirst,
    /// No law has this: for the defects.
    NewestFirst,
}

/// How much of a listing is one step.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Pages {
    #[default]
    Whole,
    OfOne,
}

/// Why a record is removed. The store does not know either.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Why {
    /// The session is to end.
    End,
    /// A record that no client was told of is taken back.
    Undo,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Answer {
    Found(Option<Record>),
    Created,
    Fenced,
    Replaced,
    Conflict(Record),
    Gone,
    Removed(Option<Record>),
    /// And after which place the next page begins.
    Listed(Vec<Record>, Option<Created>),
    Raised(Epoch),
    /// It may have happened, happen later, or never.
    Lost,
}

#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Store {
    records: BTreeMap<Id, Record>,
    epoch: Epoch,
    pages: Pages,
    /// In the order of creation; kept only where a listing is not one step.
    created: Vec<Id>,
}

impl Store {
    pub fn new(pages: Pages) -> Self {
        Self { pages, ..Self::default() }
    }

    pub fn live(&self) -> impl Iterator<Item = (&Record, Session)> {
        self.records.values().filter_map(|record| match record.body {
            Body::Live(session) => Some((record, session)),
            Body::Moved(_) => None,
        })
    }

    pub fn is_live(&self, id: Id) -> bool {
        self.live().any(|(record, _)| record.id == id)
    }

    pub fn apply(&mut self, call: &Call) -> Answer {
        match call {
            Call::Load(id) => Answer::Found(self.records.get(id).cloned()),
            Call::Create { draft, fence } => self.create(draft, *fence),
            Call::Replace { id, expected, version, body } => self.replace(*id, *expected, *version, body),
            Call::Remove { id, expected, .. } => self.remove(*id, *expected),
            Call::List { after, order } => self.list(*after, *order),
            Call::RemoveOthers { id, expected, version } => self.remove_others(*id, *expected, *version),
            Call::RemoveAll { .. } => {
                self.epoch += 1;
                self.records.retain(|_, record| record.owner == Owner::Nobody);
                Answer::Raised(self.epoch)
            }
        }
    }

    fn create(&mut self, draft: &Record, fence: Option<Epoch>) -> Answer {
        let epoch = if draft.owner == Owner::Nobody { 0 } else { self.epoch };
        if fence.is_some_and(|fence| fence != epoch) {
            return Answer::Fenced;
        }
        assert!(!self.records.contains_key(&draft.id), "ids are never reused");
        self.records.insert(draft.id, Record { epoch, ..draft.clone() });
        if self.pages == Pages::OfOne {
            self.created.push(draft.id);
        }
        Answer::Created
    }

    fn list(&self, after: Option<Created>, order: Order) -> Answer {
        if self.pages == Pages::Whole {
            let all = self.records.values().filter(|record| record.owner == Owner::Ada);
            return Answer::Listed(all.cloned().collect(), None);
        }
        let places = (0..).zip(&self.created);
        let mut places: Vec<(Created, &Record)> = places
            .filter_map(|(place, id)| Some((place, self.records.get(id)?)))
            .filter(|(_, record)| record.owner == Owner::Ada)
            .filter(|(place, _)| {
                after.is_none_or(|after| match order {
                    Order::OldestFirst => *place > after,
                    Order::NewestFirst => *place < after,
                })
            })
            .collect();
        if order == Order::NewestFirst {
            places.reverse();
        }
        let next = places.first().filter(|_| places.len() > 1).map(|(place, _)| *place);
        Answer::Listed(places.into_iter().take(1).map(|(_, record)| record.clone()).collect(), next)
    }

    fn replace(&mut self, id: Id, expected: Expected, version: Version, body: &Body) -> Answer {
        let body = body.clone();
        match (self.records.get_mut(&id), expected) {
            (Some(record), Expected::Version(expected) | Expected::VersionOrNone(expected))
                if record.version != expected =>
            {
                Answer::Conflict(record.clone())
            }
            (Some(record), _) => {
                record.version = version;
                record.body = body;
                Answer::Replaced
            }
            (None, Expected::VersionOrNone(_)) => {
                let (owner, epoch) = (Owner::Ada, self.epoch);
                self.records.insert(id, Record { id, version, owner, epoch, body });
                Answer::Replaced
            }
            (None, _) => Answer::Gone,
        }
    }

    /// The tombstones that lead to the spared record go with the rest.
    fn remove_others(&mut self, id: Id, expected: Version, version: Version) -> Answer {
        match self.records.get_mut(&id) {
            None => return Answer::Gone,
            Some(record) if record.version != expected => return Answer::Conflict(record.clone()),
            Some(record) => {
                self.epoch += 1;
                (record.version, record.epoch) = (version, self.epoch);
            }
        }
        self.records.retain(|of, record| record.owner == Owner::Nobody || *of == id);
        Answer::Raised(self.epoch)
    }

    fn remove(&mut self, id: Id, expected: Option<Version>) -> Answer {
        match self.records.get(&id) {
            Some(record) if expected.is_some_and(|expected| record.version != expected) => {
                Answer::Conflict(record.clone())
            }
            _ => Answer::Removed(self.records.remove(&id)),
        }
    }
}

impl fmt::Debug for Unique {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.by, self.at)
    }
}
