use std::{collections::HashSet, sync::Arc, time::Duration};

use portcullis_core::StoreError;
use tokio::time::{sleep, timeout};

use super::{Map, cluster, sentinel, whereabouts::Whereabouts};
use crate::{
    connection::{Node, Shared},
    settings::{Address, Topology},
};

/// Asks where the masters are, and goes on with the nodes of `known` where they are the same.
pub(super) async fn discover(
    topology: &Topology,
    shared: &Shared,
    known: Option<&Map>,
) -> Result<Map, StoreError> {
    match topology {
        Topology::Node(address) => Ok(Map::One(node(known, address, shared))),
        Topology::Sentinel { name, sentinels } => {
            let address = sentinel::master(name, sentinels, &shared.access).await?;
            Ok(Map::One(node(known, &address, shared)))
        }
        Topology::Cluster(seeds) => {
            let known_addresses = known.into_iter().flat_map(Map::nodes).map(|node| node.address().clone());
            let mut addresses: Vec<Address> = known_addresses.chain(seeds.iter().cloned()).collect();
            let mut once = HashSet::new();
            addresses.retain(|address| once.insert(address.clone()));
            let view = cluster::view(&addresses, &shared.access).await?;
            let nodes = view.masters.iter().map(|address| node(known, address, shared)).collect();
            Ok(Map::Slots { nodes, by_slot: view.by_slot })
        }
    }
}

fn node(known: Option<&Map>, address: &Address, shared: &Shared) -> Arc<Node> {
    known.and_then(|map| map.node_at(address)).cloned().unwrap_or_else(|| Node::new(address.clone(), shared))
}

/// Keeps the map true: looks now and then, at once when somebody doubts it, and often while a master is missing.
pub(super) async fn follow(whereabouts: Arc<Whereabouts>, topology: Topology, shared: Shared) {
    loop {
        let between = if whereabouts.map.load().is_up() { IN_PEACE } else { IN_AN_OUTAGE };
        tokio::select! {
            () = sleep(between) => {}
            () = whereabouts.doubt.notified() => {}
        }
        let known = whereabouts.map.load_full();
        match discover(&topology, &shared, Some(&known)).await {
            Ok(map) => {
                if is_same(&known, &map) {
                    // Whoever doubts it may be right a moment later; not to be asked in between.
                    sleep(BETWEEN_DOUBTS).await;
                    continue;
                }
                await_new_nodes(&known, &map).await;
                tracing::info!(masters = ?map.nodes(), "the store's masters have changed");
                whereabouts.replace(map);
            }
            Err(error) => {
                tracing::debug!(%error, "nobody says where the store's masters are");
                sleep(BETWEEN_DOUBTS).await;
            }
        }
    }
}

/// A master is not asked before it was told of the removals that it may have missed; one that cannot be reached is in the
/// map all the same, lest the others wait for it.
async fn await_new_nodes(known: &Map, map: &Map) {
    let new = map.nodes().iter().filter(|node| known.node_at(node.address()).is_none());
    let up = futures_util::future::join_all(new.map(|node| node.is_up()));
    let _too_long = timeout(TO_CONNECT, up).await.is_err();
}

fn is_same(known: &Map, map: &Map) -> bool {
    match (known, map) {
        (Map::One(known), Map::One(node)) => Arc::ptr_eq(known, node),
        (Map::Slots { nodes: known, by_slot: known_slots }, Map::Slots { nodes, by_slot }) => {
            let same_nodes =
                known.len() == nodes.len() && known.iter().zip(nodes).all(|(a, b)| Arc::ptr_eq(a, b));
            same_nodes && known_slots == by_slot
        }
        _ => false,
    }
}

const IN_PEACE: Duration = Duration::from_secs(2);
const IN_AN_OUTAGE: Duration = Duration::from_millis(100);
const BETWEEN_DOUBTS: Duration = Duration::from_millis(20);
const TO_CONNECT: Duration = Duration::from_secs(1);
