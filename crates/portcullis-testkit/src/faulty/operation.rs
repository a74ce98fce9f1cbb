/// A method of a store that waits for its back-end.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Operation {
    /// [`Store::load`](portcullis_core::Store::load), and a [`peek`](portcullis_core::Store::peek) that knew the answer.
    Load,
    /// [`Store::create`](portcullis_core::Store::create).
    Create,
    /// [`Store::replace`](portcullis_core::Store::replace).
    Replace,
    /// [`Store::extend`](portcullis_core::Store::extend).
    Extend,
    /// [`Store::remove`](portcullis_core::Store::remove).
    Remove,
    /// [`Store::list`](portcullis_core::Store::list).
    List,
    /// [`Store::remove_all`](portcullis_core::Store::remove_all).
    RemoveAll,
    /// [`Store::sweep`](portcullis_core::Store::sweep).
    Sweep,
    /// [`Store::check`](portcullis_core::Store::check).
    Check,
}

impl Operation {
    /// Every one of them: an outage.
    pub const ALL: [Self; 9] = [
        Self::Load,
        Self::Create,
        Self::Replace,
        Self::Extend,
        Self::Remove,
        Self::List,
        Self::RemoveAll,
        Self::Sweep,
        Self::Check,
    ];

    /// Those that change records: what fails when an engine has become read-only.
    pub const WRITES: [Self; 5] = [Self::Create, Self::Replace, Self::Extend, Self::Remove, Self::RemoveAll];
}
