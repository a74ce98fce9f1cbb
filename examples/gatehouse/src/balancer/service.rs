use std::sync::Arc;

use axum::{
    Router,
    extract::{Request, State},
    http::HeaderName,
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use portcullis::{
    session::{ConfigError, SessionLayer},
    store::{MemoryStore, SharedStore},
};
use tower::ServiceExt;

use super::{
    affinity,
    choice::Routing,
    node::{Node, NodeNumber},
    nodes::{Nodes, StartError},
    page,
};
use crate::{assets, headers, logs, options::Options, origin::Origin, site::Site};

/// What the balancer's handlers share: a cheap clone.
#[derive(Clone, Debug)]
pub(super) struct Balancer {
    pub(super) nodes: Arc<Nodes>,
    pub(super) origin: Arc<Origin>,
    pub(super) store_is_shared: bool,
}

impl Balancer {
    /// Signs an answer with the node it came from, and keeps the browser there if it is to stay.
    pub(super) fn sign(&self, response: &mut Response, number: NodeNumber, came_from: Option<NodeNumber>) {
        response.headers_mut().insert(ANSWERED_BY, number.value());
        if self.nodes.routing() == Routing::Sticky
            && came_from != Some(number)
            && let Some((name, value)) = affinity::set(number, self.origin.is_https())
        {
            response.headers_mut().append(name, value);
        }
    }
}

/// As many nodes as `options` say, and `/nodes`, which shows them. Browsers reach all of them at `origin`.
///
/// `site` makes the site and the sessions of a node on the store it is given: `store` for all of them if that is a shared one,
/// else a new one for each node, whenever it starts.
///
/// # Errors
///
/// A node cannot start: its settings contradict each other, or its store cannot meet them.
pub fn balanced(
    options: &Options,
    origin: &Origin,
    store: SharedStore,
    site: impl Fn(SharedStore) -> Result<(Site, SessionLayer), ConfigError> + Send + Sync + 'static,
) -> Result<Router, StartError> {
    let store_is_shared = options.store.is_shared();
    let start = move || {
        let store = if store_is_shared { store.clone() } else { MemoryStore::new().into() };
        let (site, sessions) = site(store)?;
        Node::new(site, sessions)
    };
    let nodes = Nodes::new(options.nodes.into(), options.routing, start)?;
    let balancer = Balancer { nodes: Arc::new(nodes), origin: Arc::new(origin.clone()), store_is_shared };

    // These work while every node is down. A picture that comes from here takes nobody's turn, so pages alternate strictly.
    let own = Router::new()
        .route("/assets/{name}", get(assets::serve))
        .route("/favicon.ico", get(assets::icon))
        .route("/nodes", get(page::show))
        .route("/nodes/{number}/start", post(page::start))
        .route("/nodes/{number}/stop", post(page::stop));
    // A node's answers have been through such layers already.
    Ok(dressed(own).fallback(hand_on).with_state(balancer))
}

fn dressed(router: Router<Balancer>) -> Router<Balancer> {
    router.layer(middleware::from_fn(headers::add)).layer(middleware::from_fn(logs::request))
}

/// Everything else is for a node.
async fn hand_on(State(balancer): State<Balancer>, request: Request) -> Response {
    let came_from = affinity::of(request.headers());
    let Some((number, node)) = balancer.nodes.next(request.headers()) else {
        let nowhere = dressed(Router::new().fallback(page::none_up)).with_state(balancer);
        return nowhere.oneshot(request).await.into_response();
    };
    let mut response = node.answer(number, request).await;
    balancer.sign(&mut response, number, came_from);
    response
}

/// Balancers of several makers can be told to send such a field.
const ANSWERED_BY: HeaderName = HeaderName::from_static("x-gatehouse-node");
