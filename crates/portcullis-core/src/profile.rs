/// What a store promises, as data: a layer states what it needs and refuses, when it is built, a store that cannot
/// give it.
///
/// # Example
///
/// ```
/// use portcullis_core::{Linearizability, MemoryStore, Store};
///
/// let profile = MemoryStore::new().profile();
/// assert_eq!(profile.linearizability, Linearizability::Always);
/// assert!(profile.owner_index && !profile.survives_restart && !profile.may_evict);
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct Profile {
    /// How far reads and writes of one record behave as if one came after the other.
    pub linearizability: Linearizability,
    /// The longest payload, in bytes; a longer one is refused as too large before it is sent.
    pub largest_payload_bytes: usize,
    /// Whether records of an owner can be listed.
    pub owner_index: bool,
    /// Whether acknowledged writes outlive the engine's process.
    pub survives_restart: bool,
    /// Whether the engine may drop a live record to make room.
    pub may_evict: bool,
}

impl Profile {
    /// The least a store can promise: no index, nothing after a restart, nothing evicted.
    #[must_use]
    pub const fn new(linearizability: Linearizability, largest_payload_bytes: usize) -> Self {
        Self {
            linearizability,
            largest_payload_bytes,
            owner_index: false,
            survives_restart: false,
            may_evict: false,
        }
    }

    /// Records of an owner can be listed.
    #[must_use]
    pub const fn with_owner_index(mut self) -> Self {
        self.owner_index = true;
        self
    }

    /// Acknowledged writes outlive the engine's process.
    #[must_use]
    pub const fn surviving_restart(mut self) -> Self {
        self.survives_restart = true;
        self
    }

    /// The engine may drop a live record to make room.
    #[must_use]
    pub const fn evicting(mut self) -> Self {
        self.may_evict = true;
        self
    }
}

/// How far reads and writes of one record behave as if one came after the other.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Linearizability {
    /// No promise.
    BestEffort,
    /// Until the engine fails over to a replica, which may have missed the last writes.
    UntilFailover,
    /// Always.
    Always,
}
