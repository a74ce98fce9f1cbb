use axum::{
    extract::Path,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};

/// `GET /assets/{name}`: style, script and pictures, which are part of the program.
pub(crate) async fn serve(Path(name): Path<String>) -> Response {
    find(&ASSETS, &name)
}

/// `GET /favicon.ico`: what a browser asks for where no page names a picture, as with JSON.
pub(crate) async fn icon() -> Response {
    find(&ASSETS, "gate.svg")
}

/// The one of `assets` that is called `name`.
pub(crate) fn find(assets: &[Asset], name: &str) -> Response {
    let Some((_, content_type, content)) = assets.iter().find(|(known, ..)| *known == name) else {
        return (StatusCode::NOT_FOUND, "no such asset").into_response();
    };
    let headers = [(CONTENT_TYPE, *content_type), (CACHE_CONTROL, "public, max-age=300")];
    (headers, *content).into_response()
}

/// Name, content type and content.
pub(crate) type Asset = (&'static str, &'static str, &'static str);

const ASSETS: [Asset; 7] = [
    ("back.js", "text/javascript; charset=utf-8", include_str!("../assets/back.js")),
    ("comparison.css", "text/css; charset=utf-8", portcullis_compare::STYLE),
    ("countdown.js", "text/javascript; charset=utf-8", include_str!("../assets/countdown.js")),
    ("gate.svg", "image/svg+xml", include_str!("../assets/gate.svg")),
    ("goods.svg", "image/svg+xml", include_str!("../assets/goods.svg")),
    ("style.css", "text/css; charset=utf-8", include_str!("../assets/style.css")),
    ("token.js", "text/javascript; charset=utf-8", include_str!("../assets/token.js")),
];
