use axum::{
    Router,
    body::Body,
    http::{
        HeaderMap, HeaderValue, Request, Response,
        header::{ACCEPT, COOKIE, HOST, SET_COOKIE, USER_AGENT},
    },
};
use tower_service::Service;

use super::{
    contender::Contender,
    path::{BEGIN, Path},
};
use crate::outcome::Outcome;

/// A contender's router, and visitors each with a session in its store.
#[derive(Debug)]
pub(super) struct Stage {
    router: Router,
    visitors: Vec<HeaderValue>,
    /// What every request carries besides its cookie.
    headers: HeaderMap,
}

impl Stage {
    pub(super) async fn new(contender: Contender, visitors: usize) -> Outcome<Self> {
        let mut stage = Self {
            router: contender.router(),
            visitors: Vec::with_capacity(visitors),
            headers: HeaderMap::from_iter([
                (HOST, HeaderValue::from_static("shop.example")),
                (
                    USER_AGENT,
                    HeaderValue::from_static("Mozilla/5.0 (X11; Linux x86_64)"),
                ),
                (
                    ACCEPT,
                    HeaderValue::from_static("text/html,application/xhtml+xml"),
                ),
            ]),
        };
        for _ in 0..visitors {
            let response = stage.serve(stage.request(BEGIN, None)?).await?;
            stage.visitors.push(match response.headers().get(SET_COOKIE) {
                Some(field) => pair(field)?,
                // Without a layer a cookie is only carried.
                None => HeaderValue::from_static("id=d2hhdCBzb21lYm9keSBzZW50IHdpdGhvdXQgYXNraW5n"),
            });
        }
        Ok(stage)
    }

    pub(super) fn visitors(&self) -> usize {
        self.visitors.len()
    }

    /// What visitor number `visitor` sends on `path`.
    pub(super) fn visit(&self, path: Path, visitor: usize) -> Outcome<Request<Body>> {
        let cookie = self.visitors.get(visitor).filter(|_| path.sends_cookie());
        self.request(path.route(), cookie)
    }

    /// As a server does: one clone of the router for every request. Whatever is not a success ends the bench.
    pub(super) async fn serve(&self, request: Request<Body>) -> Outcome<Response<Body>> {
        let response = match self.router.clone().call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        if response.status().is_success() {
            Ok(response)
        } else {
            Err(format!("a handler answered {}", response.status()).into())
        }
    }

    fn request(&self, route: &'static str, cookie: Option<&HeaderValue>) -> Outcome<Request<Body>> {
        let mut request = Request::get(route).body(Body::empty())?;
        request.headers_mut().clone_from(&self.headers);
        if let Some(cookie) = cookie {
            request.headers_mut().insert(COOKIE, cookie.clone());
        }
        Ok(request)
    }
}

/// What a browser sends of a `Set-Cookie` field.
fn pair(field: &HeaderValue) -> Outcome<HeaderValue> {
    let pair = field
        .as_bytes()
        .split(|byte| *byte == b';')
        .next()
        .unwrap_or_default();
    Ok(HeaderValue::from_bytes(pair)?)
}
