//! What somebody knows who sees every request and every call of the store. No program does.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    programs::{Done, Ended},
    store::{Answer, Body, Call, Id, Owner, Reason, Store, Why},
};

#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Told {
    /// Every id that a client was told of.
    pub ids: BTreeSet<Id>,
    /// Which session an id is, or was, of.
    sessions: BTreeMap<Id, (Id, Owner)>,
    /// A session whose data came from another one.
    took_over: BTreeMap<Id, Id>,
    /// Acknowledged writes.
    written: BTreeSet<(Id, u8)>,
    /// Sessions that somebody has begun to end.
    pub ending: BTreeSet<Id>,
    /// Sessions of which somebody was told that they are over.
    pub ended: BTreeSet<Id>,
    /// Those among them that ended with everything of their owner's.
    pub swept: BTreeSet<Id>,
    /// Ids that were dead when a client was told of them, and nobody had ended the session.
    pub told_dead: BTreeSet<Id>,
}

impl Told {
    pub fn there_is(&mut self, id: Id, handle: Id, owner: Owner) {
        self.sessions.insert(id, (handle, owner));
    }

    pub fn handles(&self, owner: Owner) -> BTreeSet<Id> {
        self.sessions.values().filter(|(_, of)| *of == owner).map(|(handle, _)| *handle).collect()
    }

    pub fn all_handles(&self) -> BTreeSet<Id> {
        self.sessions.values().map(|(handle, _)| *handle).collect()
    }

    /// The keys that requests were told are in that session.
    pub fn written(&self, handle: Id) -> impl Iterator<Item = u8> {
        let mut line = vec![handle];
        while let Some(before) = line.last().and_then(|handle| self.took_over.get(handle)) {
            line.push(*before);
        }
        self.written.iter().filter(move |(handle, _)| line.contains(handle)).map(|(_, key)| *key)
    }

    /// A call took effect.
    pub fn saw(&mut self, call: &Call, answer: &Answer) {
        match (call, answer) {
            (Call::Create { draft, .. }, Answer::Created) => {
                if let Body::Live(session) = draft.body {
                    self.there_is(draft.id, session.handle, draft.owner);
                }
            }
            (Call::Replace { id, body: Body::Moved(there), .. }, Answer::Replaced)
                if there.reason == Reason::LoggedIn =>
            {
                self.ending.extend(self.handle_of(*id));
            }
            (Call::Remove { id, why: Why::End, .. }, Answer::Removed(Some(_))) => {
                self.ending.extend(self.handle_of(*id));
            }
            // A login that is refused.
            (Call::Remove { id, why: Why::Undo, .. }, Answer::Removed(Some(_)))
                if self.handle_of(*id) == Some(*id) =>
            {
                self.ending.insert(*id);
            }
            (Call::RemoveAll { but }, _) => self.end_all_but(*but),
            (Call::RemoveOthers { id, .. }, Answer::Raised(_)) => self.end_all_but(self.handle_of(*id)),
            _ => {}
        }
    }

    /// A request is acknowledged, which began when `before` were Ada's sessions.
    pub fn heard(&mut self, done: &Done, before: BTreeSet<Id>, store: &Store) {
        self.written.extend(done.wrote);
        self.took_over.extend(done.took_over);
        match &done.ended {
            Ended::Nothing => {}
            Ended::Session(handle) => self.ended.extend([*handle]),
            Ended::Under(ids) => {
                let handles: Vec<Id> = ids.iter().filter_map(|id| self.handle_of(*id)).collect();
                self.ended.extend(handles);
            }
            Ended::All => {
                self.ended.extend(before.iter().copied());
                self.swept.extend(before);
            }
            Ended::AllBut(own) => self.ended.extend(before.into_iter().filter(|handle| handle != own)),
        }
        if let Some(id) = done.told {
            self.ids.insert(id);
            let being_ended = self.handle_of(id).is_some_and(|handle| self.ending.contains(&handle));
            if !store.is_live(id) && !being_ended {
                self.told_dead.insert(id);
            }
        }
    }

    fn end_all_but(&mut self, spared: Option<Id>) {
        let all = self.handles(Owner::Ada).into_iter();
        self.ending.extend(all.filter(|handle| Some(*handle) != spared));
    }

    fn handle_of(&self, id: Id) -> Option<Id> {
        self.sessions.get(&id).map(|(handle, _)| *handle)
    }
}
