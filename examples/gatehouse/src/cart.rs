use std::{collections::BTreeMap, fmt};

use axum::{
    Json,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use portcullis::session::{Session, SessionError};
use serde::{Deserialize, Serialize};

/// What somebody wants to buy: how many of which.
///
/// It may have been stored by an older version of this program, so it can name things that are not sold any more.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct Cart(BTreeMap<String, u32>);

impl Cart {
    /// The session's cart; an empty one if it has none.
    pub(crate) async fn of(session: &Session) -> Result<Self, SessionError> {
        Ok(session.get(KEY).await?.unwrap_or_default())
    }

    /// What is in it and on sale, in the order of the catalogue.
    pub(crate) fn lines(&self) -> Vec<Line> {
        let lines = CATALOGUE.iter().filter_map(|item| {
            let quantity = *self.0.get(item.id)?;
            Some(Line { item, quantity })
        });
        lines.collect()
    }

    /// How many things are in it.
    pub(crate) fn size(&self) -> u32 {
        self.lines().iter().map(|line| line.quantity).sum()
    }

    /// What it costs.
    pub(crate) fn total(&self) -> Price {
        Price(self.lines().iter().map(|line| line.price().0).sum())
    }

    fn with_one_more(mut self, item: &Item) -> Self {
        let quantity = self.0.entry(item.id.to_owned()).or_default();
        *quantity = quantity.saturating_add(1).min(MOST_OF_ONE_ITEM);
        self
    }
}

impl FromIterator<(String, u32)> for Cart {
    fn from_iter<I: IntoIterator<Item = (String, u32)>>(items: I) -> Self {
        Self(items.into_iter().collect())
    }
}

/// `POST /cart/{item}`
///
/// The new cart depends on the old one, so `update`: of two tabs that add at once, neither loses anything.
pub(crate) async fn add(session: Session, Path(id): Path<String>) -> Result<Response, SessionError> {
    let Some(item) = CATALOGUE.iter().find(|item| item.id == id) else {
        return Ok((StatusCode::NOT_FOUND, "nothing of that name is sold here").into_response());
    };
    session.update(KEY, |cart: Option<Cart>| cart.unwrap_or_default().with_one_more(item)).await?;
    Ok(Redirect::to("/").into_response())
}

/// `GET /api/cart`
pub(crate) async fn json(session: Session) -> Result<Json<Cart>, SessionError> {
    Cart::of(&session).await.map(Json)
}

/// Something on sale.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) id: &'static str,
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) price: Price,
}

/// So many of one item.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) item: &'static Item,
    pub(crate) quantity: u32,
}

impl Line {
    pub(crate) fn price(&self) -> Price {
        Price(self.item.price.0.saturating_mul(self.quantity))
    }
}

/// Pence.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Price(u32);

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "£{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

pub(crate) const CATALOGUE: [Item; 6] = [
    Item { id: "lantern", name: "Lantern", about: "Brass, burns until morning", price: Price(24_00) },
    Item { id: "rope", name: "Rope", about: "Twenty paces of good hemp", price: Price(9_50) },
    Item { id: "map", name: "Map", about: "Of the roads beyond the wall", price: Price(12_00) },
    Item { id: "key", name: "Spare key", about: "Opens nothing you know of yet", price: Price(5_25) },
    Item { id: "bread", name: "Bread", about: "Keeps for three days", price: Price(2_75) },
    Item { id: "shield", name: "Shield", about: "Oak and iron, slightly used", price: Price(48_00) },
];

const KEY: &str = "cart";
/// Whoever keeps on clicking gets no larger session by it.
const MOST_OF_ONE_ITEM: u32 = 999;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cart_counts_what_is_added() {
        let [lantern, rope, ..] = &CATALOGUE;
        let cart = Cart::default().with_one_more(rope).with_one_more(lantern).with_one_more(rope);
        let quantities: Vec<_> = cart.lines().iter().map(|line| (line.item.id, line.quantity)).collect();
        assert_eq!(quantities, [("lantern", 1), ("rope", 2)]);
        assert_eq!((cart.size(), cart.total().to_string()), (3, "£43.00".to_owned()));
    }

    #[test]
    fn a_quantity_is_bounded() {
        let [lantern, ..] = &CATALOGUE;
        let cart = (0..2_000).fold(Cart::default(), |cart, _| cart.with_one_more(lantern));
        assert_eq!(cart.size(), MOST_OF_ONE_ITEM);
    }

    #[test]
    fn what_is_not_sold_any_more_is_not_shown() {
        let cart = Cart(BTreeMap::from([("unicorn".to_owned(), 1)]));
        assert_eq!((cart.lines().len(), cart.size()), (0, 0));
    }
}
