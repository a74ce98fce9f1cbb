use std::{hint::black_box, sync::Arc};

use axum::{Router, routing::get};
use portcullis::{bearer::BearerLayer, identity::Principal};

use super::DONE;
use crate::token::material::Material;

pub(super) fn router(material: &Material) -> Router {
    Router::new()
        .route("/", get(handler))
        .layer(BearerLayer::new(Arc::clone(&material.verifier)))
        .with_state(())
}

async fn handler(caller: Principal) -> &'static str {
    black_box(caller.subject());
    DONE
}
