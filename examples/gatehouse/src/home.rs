use askama::Template;
use axum::response::Response;

use crate::{
    cart::{CATALOGUE, Item},
    frame::{Frame, html},
};

/// `GET /`
pub(crate) async fn page(frame: Frame) -> Response {
    html(&HomePage { frame, catalogue: &CATALOGUE })
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    frame: Frame,
    catalogue: &'static [Item],
}
