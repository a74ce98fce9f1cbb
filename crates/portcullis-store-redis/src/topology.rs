//! Which master has a partition, followed while it changes.

mod cluster;
mod follow;
mod map;
mod router;
mod sentinel;
mod view;
mod whereabouts;

pub(crate) use map::Map;
pub(crate) use router::Router;
