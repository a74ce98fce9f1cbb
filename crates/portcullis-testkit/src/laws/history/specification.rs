use portcullis_core::{Timestamp, Version};
use stateright::semantics::SequentialSpec;

/// The place of one record: what the contract says it holds, call by call, when nothing is concurrent.
#[derive(Clone, Debug, Default)]
pub(super) struct Slot(Option<Held>);

/// What there is to see of a record; the payload repeats the version.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Held {
    pub(super) version: Version,
    pub(super) expires_at: Timestamp,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Call {
    Load,
    Create(Held),
    Replace(Version, Held),
    Extend(Timestamp),
    Remove(Option<Version>),
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Answer {
    Loaded(Option<Held>),
    Created,
    Exists,
    Replaced,
    Conflict(Held),
    Extended,
    NotNeeded,
    Gone,
    Removed(Held),
    Absent,
}

impl SequentialSpec for Slot {
    type Op = Call;
    type Ret = Answer;

    fn invoke(&mut self, call: &Call) -> Answer {
        match (*call, self.0) {
            (Call::Load, held) => Answer::Loaded(held),
            (Call::Create(_), Some(_)) => Answer::Exists,
            (Call::Create(draft), None) => {
                self.0 = Some(draft);
                Answer::Created
            }
            (Call::Replace(..) | Call::Extend(_), None) => Answer::Gone,
            (Call::Replace(expected, _), Some(held)) if expected != held.version => Answer::Conflict(held),
            (Call::Replace(_, draft), Some(_)) => {
                self.0 = Some(draft);
                Answer::Replaced
            }
            (Call::Extend(expires_at), Some(held)) if expires_at <= held.expires_at => Answer::NotNeeded,
            (Call::Extend(expires_at), Some(held)) => {
                self.0 = Some(Held { expires_at, ..held });
                Answer::Extended
            }
            (Call::Remove(_), None) => Answer::Absent,
            (Call::Remove(Some(expected)), Some(held)) if expected != held.version => Answer::Conflict(held),
            (Call::Remove(_), Some(held)) => {
                self.0 = None;
                Answer::Removed(held)
            }
        }
    }
}
