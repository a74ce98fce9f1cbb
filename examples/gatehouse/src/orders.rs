use axum::Json;
use portcullis::identity::Principal;
use serde::Serialize;

use crate::cart::Cart;

/// `GET /api/orders`: the caller's. The layer around it demands the scope of a token, and nothing more of a session.
pub(crate) async fn mine(caller: Principal) -> Json<Vec<Order>> {
    Json(ORDERS.iter().filter(|placed| placed.by == caller.subject()).map(Order::of).collect())
}

/// `GET /api/orders/all`: everybody's, for a token that was made for it.
pub(crate) async fn all() -> Json<Vec<Order>> {
    Json(ORDERS.iter().map(Order::of).collect())
}

/// An order as programs are told of it.
#[derive(Debug, Serialize)]
pub(crate) struct Order {
    number: u32,
    by: &'static str,
    items: Cart,
    total: String,
}

impl Order {
    fn of(placed: &Placed) -> Self {
        let items: Cart = placed.items.iter().map(|(id, quantity)| ((*id).to_owned(), *quantity)).collect();
        Self { number: placed.number, by: placed.by, total: items.total().to_string(), items }
    }
}

/// An order that was never really placed, as nothing is really sold.
struct Placed {
    number: u32,
    by: &'static str,
    items: &'static [(&'static str, u32)],
}

const ORDERS: [Placed; 3] = [
    Placed { number: 1843, by: "ada", items: &[("lantern", 1), ("map", 2)] },
    Placed { number: 1852, by: "ada", items: &[("rope", 3)] },
    Placed { number: 1936, by: "alan", items: &[("key", 1), ("bread", 12)] },
];
