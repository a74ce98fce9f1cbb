use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::{Notify, watch};

use super::Map;

/// Where the masters are, shared with the task that follows them.
pub(super) struct Whereabouts {
    pub(super) map: ArcSwap<Map>,
    /// How often the map was replaced.
    pub(super) generation: watch::Sender<u64>,
    /// Somebody met a server that did not have what the map says.
    pub(super) doubt: Notify,
}

impl Whereabouts {
    pub(super) fn new(map: Map) -> Arc<Self> {
        Arc::new(Self {
            map: ArcSwap::from_pointee(map),
            generation: watch::Sender::new(0),
            doubt: Notify::new(),
        })
    }

    pub(super) fn replace(&self, map: Map) {
        self.map.store(Arc::new(map));
        self.generation.send_modify(|generation| *generation += 1);
    }
}
