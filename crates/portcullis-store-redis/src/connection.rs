//! Connections to one server: made, watched, replaced. What the `redis` crate is used for is in here and in
//! [`Command`](crate::command::Command); nothing of it is in the public interface.

mod entrance;
mod facts;
mod failure;
mod lane;
mod link;
mod node;
#[cfg(feature = "tls")]
mod tls;

pub(crate) use entrance::Shared;
pub(crate) use facts::Facts;
pub(crate) use failure::Failure;
pub(crate) use link::{Access, Link, unexpected};
pub(crate) use node::Node;
