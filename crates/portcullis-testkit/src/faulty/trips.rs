use std::collections::BTreeMap;

use super::Operation;

/// How often a store was asked, by operation.
///
/// A call counts when it is made, whatever becomes of it. A [`peek`](portcullis_core::Store::peek) that answered counts
/// as one [`Load`](Operation::Load); one that could not tell as none, since the load that follows it counts.
///
/// # Example
///
/// ```
/// use portcullis_core::{MemoryStore, Store};
/// use portcullis_testkit::{FaultyStore, Operation};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), portcullis_core::StoreError> {
/// let store = FaultyStore::new(MemoryStore::new());
/// store.check().await?;
/// assert_eq!(store.trips().of(Operation::Check), 1);
/// assert_eq!(store.trips().total(), 1);
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Trips(BTreeMap<Operation, usize>);

impl Trips {
    /// How often `operation` was called.
    #[must_use]
    pub fn of(&self, operation: Operation) -> usize {
        self.0.get(&operation).copied().unwrap_or(0)
    }

    /// How many calls there were in all.
    #[must_use]
    pub fn total(&self) -> usize {
        self.0.values().sum()
    }

    pub(super) fn count(&mut self, operation: Operation) {
        *self.0.entry(operation).or_default() += 1;
    }
}
