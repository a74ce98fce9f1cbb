use std::{fmt, ops::Deref, sync::Arc};

use crate::Store;

/// A cheap clone of some store: what layers and handlers hold, so that neither names a back-end.
///
/// Made from any store or from an `Arc` of one, and used through [`Store`]'s methods. It is not itself a [`Store`];
/// decorators take `impl Into<SharedStore>`.
///
/// # Example
///
/// ```
/// use std::sync::Arc;
/// use portcullis_core::{MemoryStore, SharedStore};
///
/// let direct = SharedStore::from(MemoryStore::new());
/// let mine = Arc::new(MemoryStore::new());
/// let shared = SharedStore::from(Arc::clone(&mine));
/// # let _ = (direct, shared);
/// ```
#[derive(Clone)]
pub struct SharedStore(Arc<dyn Store>);

impl Deref for SharedStore {
    type Target = dyn Store;

    fn deref(&self) -> &Self::Target {
        &*self.0
    }
}

impl<S: Store> From<S> for SharedStore {
    fn from(store: S) -> Self {
        Self(Arc::new(store))
    }
}

impl<S: Store> From<Arc<S>> for SharedStore {
    fn from(store: Arc<S>) -> Self {
        Self(store)
    }
}

impl fmt::Debug for SharedStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
