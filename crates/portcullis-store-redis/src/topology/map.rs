use std::sync::Arc;

use portcullis_core::Partition;

use crate::{connection::Node, keys::slot, settings::Address};

/// Which master has which slot, as far as is known; never changed, but replaced by a newer one.
#[derive(Debug)]
pub(crate) enum Map {
    /// One has all.
    One(Arc<Node>),
    Slots {
        nodes: Vec<Arc<Node>>,
        /// For each slot the place of its master in `nodes`.
        by_slot: Box<[Option<u16>]>,
    },
}

impl Map {
    pub(crate) fn node(&self, partition: Partition) -> Option<&Arc<Node>> {
        match self {
            Self::One(node) => Some(node),
            Self::Slots { nodes, by_slot } => {
                let place = by_slot.get(usize::from(slot(partition)))?.as_ref()?;
                nodes.get(usize::from(*place))
            }
        }
    }

    pub(crate) fn node_at(&self, address: &Address) -> Option<&Arc<Node>> {
        self.nodes().iter().find(|node| node.address() == address)
    }

    pub(crate) fn nodes(&self) -> &[Arc<Node>] {
        match self {
            Self::One(node) => std::slice::from_ref(node),
            Self::Slots { nodes, .. } => nodes,
        }
    }

    /// Whether every slot has a master that is connected to.
    pub(crate) fn is_up(&self) -> bool {
        let is_covered = match self {
            Self::One(_) => true,
            Self::Slots { by_slot, .. } => by_slot.iter().all(Option::is_some),
        };
        is_covered && self.nodes().iter().all(|node| node.has_link())
    }
}
