use axum::{
    Router,
    body::Body,
    http::{
        HeaderMap, HeaderValue, Request, Response,
        header::{ACCEPT, COOKIE, HOST, SET_COOKIE, USER_AGENT},
    },
};
use tower_service::Service;

use super::path::{BEGIN, LOG_OUT, Path};
use crate::outcome::Outcome;

/// A contender's router, and visitors each with a session in its store.
#[derive(Debug)]
pub(super) struct Stage {
    router: Router,
    /// Each one's `Cookie` field: the session after some others.
    visitors: Vec<HeaderValue>,
    /// What every request carries besides its session.
    headers: HeaderMap,
}

impl Stage {
    pub(super) async fn new(router: Router, visitors: usize) -> Outcome<Self> {
        let mut stage = Self {
            // As `axum::serve` does: else layers and handlers would be put together anew for every request.
            router: router.with_state(()),
            visitors: Vec::with_capacity(visitors),
            headers: HeaderMap::from_iter([
                (HOST, HeaderValue::from_static("shop.example")),
                (USER_AGENT, HeaderValue::from_static("Mozilla/5.0 (X11; Linux x86_64)")),
                (ACCEPT, HeaderValue::from_static("text/html,application/xhtml+xml")),
            ]),
        };
        stage.begin(visitors).await?;
        Ok(stage)
    }

    /// Ends the sessions that the visitors logged in to, and begins new ones, so that the next pass finds as many as this one.
    pub(super) async fn begin_anew(&mut self, path: Path, logged_in: &[HeaderValue]) -> Outcome<()> {
        for field in logged_in {
            self.serve(self.request(LOG_OUT, Some(&cookies(field)?))?).await?;
        }
        if path.sends_cookie() {
            let visitors = self.visitors();
            self.visitors.clear();
            self.begin(visitors).await?;
        }
        Ok(())
    }

    async fn begin(&mut self, visitors: usize) -> Outcome<()> {
        for _ in 0..visitors {
            let response = self.serve(self.request(BEGIN, None)?).await?;
            // Without a layer a cookie is only carried.
            let nobodys = HeaderValue::from_static("id=d2hhdCBpcyBzZW50IHdpdGhvdXQgYXNraW5n");
            let field = response.headers().get(SET_COOKIE).unwrap_or(&nobodys);
            self.visitors.push(cookies(field)?);
        }
        Ok(())
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

/// What a browser sends after a `Set-Cookie` field.
fn cookies(field: &HeaderValue) -> Outcome<HeaderValue> {
    let pair = field.to_str()?.split(';').next().unwrap_or_default();
    Ok(HeaderValue::try_from(format!("{OTHER_COOKIES}; {pair}"))?)
}

/// Few sites have one cookie only.
const OTHER_COOKIES: &str = "consent=all; _ga=GA1.1.1794243563.1758112038";
