use askama::Template;
use axum::{
    Json,
    extract::{Path, State},
    http::{HeaderMap, StatusCode, header::RETRY_AFTER},
    response::{IntoResponse, Redirect, Response},
};
use serde::Serialize;
use tracing::warn;

use super::{
    affinity,
    choice::Routing,
    node::{Known, Node, NodeNumber, cookies},
    nodes::NoSuchNode,
    service::Balancer,
};
use crate::{
    frame::{Frame, html, wants_json},
    problem::wants_page,
    provenance::is_ours,
};

/// `GET /nodes`
///
/// Takes a turn as any request does, so that it shows which node the browser's next one would have come to; but every node is
/// asked whether it knows the session.
pub(super) async fn show(State(balancer): State<Balancer>, headers: HeaderMap) -> Response {
    let answered_by = balancer.nodes.next(&headers).map(|(number, _)| number);
    let overview = Overview::of(&balancer, answered_by, &headers).await;
    let mut response = if wants_json(&headers) {
        Json(overview.json()).into_response()
    } else {
        html(&NodesPage { overview })
    };
    if let Some(number) = answered_by {
        balancer.sign(&mut response, number, affinity::of(&headers));
    }
    response
}

/// `POST /nodes/{number}/stop`
pub(super) async fn stop(
    balancer: State<Balancer>,
    number: Path<NodeNumber>,
    headers: HeaderMap,
) -> Response {
    switch(&balancer, &headers, |balancer| balancer.nodes.stop(*number))
}

/// `POST /nodes/{number}/start`
pub(super) async fn start(
    balancer: State<Balancer>,
    number: Path<NodeNumber>,
    headers: HeaderMap,
) -> Response {
    switch(&balancer, &headers, |balancer| balancer.nodes.start(*number))
}

/// What is answered to every request while no node is up: to a browser the page on which one can be started.
pub(super) async fn none_up(State(balancer): State<Balancer>, headers: HeaderMap) -> Response {
    let fields = [(RETRY_AFTER, "1")];
    if !wants_page(&headers) {
        return (StatusCode::SERVICE_UNAVAILABLE, fields, "no node is up").into_response();
    }
    let overview = Overview::of(&balancer, None, &headers).await;
    (StatusCode::SERVICE_UNAVAILABLE, fields, html(&NodesPage { overview })).into_response()
}

/// `GET /nodes` of a site without a balancer.
pub(crate) async fn alone(frame: Frame) -> Response {
    html(&AlonePage { frame })
}

fn switch(
    balancer: &Balancer,
    headers: &HeaderMap,
    switch: impl FnOnce(&Balancer) -> Result<(), NoSuchNode>,
) -> Response {
    if !is_ours(headers, balancer.origin.as_str()) {
        return (StatusCode::FORBIDDEN, "another site may not stop or start nodes").into_response();
    }
    match switch(balancer) {
        Ok(()) => Redirect::to("/nodes").into_response(),
        Err(NoSuchNode) => (StatusCode::NOT_FOUND, "there is no such node").into_response(),
    }
}

/// The nodes as one browser sees them.
struct Overview {
    answered_by: Option<NodeNumber>,
    routing: Routing,
    is_shared: bool,
    nodes: Vec<Row>,
}

impl Overview {
    async fn of(balancer: &Balancer, answered_by: Option<NodeNumber>, headers: &HeaderMap) -> Self {
        // All at once: a store that hangs is waited for once.
        let asked: Vec<_> = balancer
            .nodes
            .all()
            .into_iter()
            .map(|node| node.map(|node| tokio::spawn(ask(node, cookies(headers)))))
            .collect();
        let mut nodes = Vec::with_capacity(asked.len());
        for (place, asked) in asked.into_iter().enumerate() {
            let view = match asked {
                None => View::Down,
                Some(asked) => asked.await.unwrap_or(View::Silent),
            };
            nodes.push(Row { number: NodeNumber::at(place), view });
        }
        Self { answered_by, routing: balancer.nodes.routing(), is_shared: balancer.store_is_shared, nodes }
    }

    fn answered(&self, number: &NodeNumber) -> bool {
        self.answered_by == Some(*number)
    }

    fn is_sticky(&self) -> bool {
        self.routing == Routing::Sticky
    }

    fn json(&self) -> NodesJson {
        let nodes = self.nodes.iter().map(|row| NodeJson {
            number: row.number,
            up: row.view.is_up(),
            knows_session: row.view.knows_session(),
        });
        NodesJson {
            answered_by: self.answered_by,
            routing: self.routing.to_string(),
            store: if self.is_shared { "shared" } else { "per-node" },
            nodes: nodes.collect(),
        }
    }
}

async fn ask(node: Node, cookies: HeaderMap) -> View {
    match node.known_session(cookies).await {
        Ok(None) => View::Ignorant,
        Ok(Some(Known { subject: None })) => View::Anonymous,
        Ok(Some(Known { subject: Some(subject) })) => View::LoggedIn(subject),
        Err(error) => {
            warn!(%error, "a node cannot say whether it knows a session");
            View::Silent
        }
    }
}

struct Row {
    number: NodeNumber,
    view: View,
}

/// What a node takes the browser for.
enum View {
    /// Nothing: it is down.
    Down,
    /// It cannot say, as its store does not answer.
    Silent,
    /// Somebody it has never seen.
    Ignorant,
    /// Somebody with a session, who is not logged in.
    Anonymous,
    LoggedIn(String),
}

impl View {
    const fn is_up(&self) -> bool {
        !matches!(self, Self::Down)
    }

    /// `None` if it cannot say.
    const fn knows_session(&self) -> Option<bool> {
        match self {
            Self::Down | Self::Silent => None,
            Self::Ignorant => Some(false),
            Self::Anonymous | Self::LoggedIn(_) => Some(true),
        }
    }
}

/// `/nodes` for programs.
#[derive(Debug, Serialize)]
struct NodesJson {
    answered_by: Option<NodeNumber>,
    routing: String,
    store: &'static str,
    nodes: Vec<NodeJson>,
}

#[derive(Debug, Serialize)]
struct NodeJson {
    number: NodeNumber,
    up: bool,
    /// `null` if it is down, or its store does not answer.
    knows_session: Option<bool>,
}

/// Stands for itself: the balancer has no session, and may have no node.
#[derive(Template)]
#[template(path = "nodes.html")]
struct NodesPage {
    overview: Overview,
}

#[derive(Template)]
#[template(path = "nodes_alone.html")]
struct AlonePage {
    frame: Frame,
}
