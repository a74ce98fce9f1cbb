use std::{
    error::Error,
    fmt,
    ops::{Deref, DerefMut},
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::http::HeaderMap;
use tracing::{error, info};

use super::{
    affinity,
    choice::{Routing, choose},
    node::{Node, NodeNumber},
};

/// The nodes, up and down.
pub(super) struct Nodes {
    routing: Routing,
    running: RwLock<Vec<Option<Node>>>,
    start: Box<dyn Fn() -> Result<Node, StartError> + Send + Sync>,
    turn: AtomicUsize,
}

impl Nodes {
    /// So many nodes, all of them up; `start` makes one.
    pub(super) fn new(
        count: usize,
        routing: Routing,
        start: impl Fn() -> Result<Node, StartError> + Send + Sync + 'static,
    ) -> Result<Self, StartError> {
        let running = (0..count).map(|_| start().map(Some)).collect::<Result<_, _>>()?;
        Ok(Self { routing, running: RwLock::new(running), start: Box::new(start), turn: AtomicUsize::new(0) })
    }

    pub(super) const fn routing(&self) -> Routing {
        self.routing
    }

    /// Every node that there is; `None` for one that is down.
    pub(super) fn all(&self) -> Vec<Option<Node>> {
        self.read().clone()
    }

    /// The node for a request with `headers`, if one is up. That was its turn.
    pub(super) fn next(&self, headers: &HeaderMap) -> Option<(NodeNumber, Node)> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let affinity = affinity::of(headers).map(NodeNumber::place);
        let running = self.read();
        let up: Vec<bool> = running.iter().map(Option::is_some).collect();
        let place = choose(self.routing, &up, affinity, turn)?;
        let node = running.get(place)?.clone()?;
        Some((NodeNumber::at(place), node))
    }

    /// Takes a node away, and with it all that only it knew. It finishes what it is answering.
    pub(super) fn stop(&self, number: NodeNumber) -> Result<(), NoSuchNode> {
        *self.write().get_mut(number.place()).ok_or(NoSuchNode)? = None;
        info!(%number, "node stopped");
        Ok(())
    }

    /// Starts a node that is down, as new.
    pub(super) fn start(&self, number: NodeNumber) -> Result<(), NoSuchNode> {
        let mut running = self.write();
        let place = running.get_mut(number.place()).ok_or(NoSuchNode)?;
        if place.is_none() {
            match (self.start)() {
                Ok(node) => *place = Some(node),
                // All of them started with the same settings, so it stays down only if those cannot be met any more.
                Err(cause) => error!(%number, %cause, "node cannot start"),
            }
        }
        info!(%number, up = place.is_some(), "node started");
        Ok(())
    }

    fn read(&self) -> impl Deref<Target = Vec<Option<Node>>> {
        self.running.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> impl DerefMut<Target = Vec<Option<Node>>> {
        self.running.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Nodes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nodes")
            .field("routing", &self.routing)
            .field("running", &self.running)
            .finish_non_exhaustive()
    }
}

/// A node's settings contradict each other, or its store cannot meet them.
pub type StartError = Box<dyn Error + Send + Sync>;

/// There are not so many.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct NoSuchNode;
