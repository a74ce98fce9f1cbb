//! Several nodes behind one address: what a login is worth when the next request comes to another machine.
//!
//! The nodes are complete sites in this one process, and the balancer hands them requests by calling them; no socket lies between.
//! What it shows is the same as with machines: a node whose store is its own knows no session of the others, and what it knows
//! is gone when it stops.
//!
//! `choice` decides, `affinity` is the cookie that keeps a browser at one node, `node` and `nodes` are what runs, `service` hands
//! a request on, and `page` shows all of it.

mod affinity;
mod choice;
mod node;
mod nodes;
mod page;
mod service;

pub use choice::Routing;
pub(crate) use node::NodeNumber;
pub use nodes::StartError;
pub(crate) use page::alone;
pub use service::balanced;
