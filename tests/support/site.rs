use std::{cell::Cell, convert::Infallible, rc::Rc};

use axum::http::{
    Request, Response, StatusCode,
    header::{COOKIE, SET_COOKIE},
};
use portcullis::{
    identity::{Identity, Principal},
    session::{Session, SessionError, SessionErrorKind, SessionLayer},
    store::{MemoryStore, SharedStore},
};
use portcullis_testkit::{FaultyStore, TestClock};
use tower::{ServiceExt, service_fn};
use tower_layer::Layer;

use crate::Jar;

/// A session layer over a store that counts and fails on demand, with a clock that stands still.
#[derive(Clone, Debug)]
pub struct Site {
    /// The layer that every visit goes through.
    pub layer: SessionLayer,
    /// Its store.
    pub store: FaultyStore,
    /// The clock of both.
    pub clock: TestClock,
}

/// What came of a visit.
#[derive(Debug)]
pub struct Visit<T> {
    /// What the handler answered; `None` if it was not reached.
    pub answer: Option<T>,
    /// What the visitor was sent.
    pub response: Response<Vec<u8>>,
}

impl Default for Site {
    fn default() -> Self {
        Self::new()
    }
}

impl Site {
    /// A site with the default settings.
    #[must_use]
    pub fn new() -> Self {
        let clock = TestClock::new();
        Self::over(MemoryStore::new().with_clock(clock.clone()), clock)
    }

    /// A site with the default settings over another store, which goes by `clock`.
    #[must_use]
    pub fn over(store: impl Into<SharedStore>, clock: TestClock) -> Self {
        let store = FaultyStore::new(store);
        Self { layer: SessionLayer::new(store.clone()).with_clock(clock.clone()), store, clock }
    }

    /// The same site under other settings.
    #[must_use]
    pub fn with(mut self, settings: impl FnOnce(SessionLayer) -> SessionLayer) -> Self {
        self.layer = settings(self.layer);
        self
    }

    /// A visitor whose session holds `a = 1`.
    pub async fn begun(&self) -> Jar {
        let jar = Jar::new();
        self.visit(&jar, async |session| session.insert("a", 1)).await.said();
        jar
    }

    /// A visitor who is ada, and whose session holds `a = 1`.
    pub async fn logged_in(&self) -> Jar {
        let jar = Jar::new();
        let log_in = async |session: Session| {
            session.insert("a", 1)?;
            session.log_in(Principal::local("ada")).await
        };
        self.visit(&jar, log_in).await.said();
        jar
    }

    /// Whose session a copy of `jar` opens.
    pub async fn who(&self, jar: &Jar) -> Option<String> {
        let principal = self.visit(&jar.clone(), async |session| session.principal().await).await.said();
        principal.map(|principal| principal.subject().to_owned())
    }

    /// What the session that a copy of `jar` opens holds under `key`.
    pub async fn read(&self, jar: &Jar, key: &str) -> Option<u32> {
        self.visit(&jar.clone(), async |session| session.get(key).await).await.said()
    }

    /// A visit by whoever holds `jar`: what `handler` fails with is answered as the error says.
    pub async fn visit<T>(
        &self,
        jar: &Jar,
        handler: impl AsyncFnOnce(Session) -> Result<T, SessionError>,
    ) -> Visit<Result<T, SessionErrorKind>> {
        self.visit_answering(jar, StatusCode::OK, handler).await
    }

    /// The same, where the handler answers `status` if it succeeds.
    pub async fn visit_answering<T>(
        &self,
        jar: &Jar,
        status: StatusCode,
        handler: impl AsyncFnOnce(Session) -> Result<T, SessionError>,
    ) -> Visit<Result<T, SessionErrorKind>> {
        let mut request = Request::builder();
        if let Some(pair) = jar.pair() {
            request = request.header(COOKIE, pair);
        }
        let visit = self
            .serve(request.body(()).expect("a request"), async |session| {
                let mut response = Response::new(Vec::new());
                let answer = match handler(session).await {
                    Ok(answer) => {
                        *response.status_mut() = status;
                        Ok(answer)
                    }
                    Err(error) => {
                        let kind = error.kind();
                        *response.status_mut() = axum::response::IntoResponse::into_response(error).status();
                        Err(kind)
                    }
                };
                (answer, response)
            })
            .await;
        jar.take_from(visit.response.headers());
        visit
    }

    /// Any request, and a handler that makes the response itself.
    pub async fn serve<T>(
        &self,
        request: Request<()>,
        handler: impl AsyncFnOnce(Session) -> (T, Response<Vec<u8>>),
    ) -> Visit<T> {
        let answer = Rc::new(Cell::new(None));
        let handler = Rc::new(Cell::new(Some(handler)));
        let inner = service_fn(|request: Request<()>| {
            let (answer, handler) = (Rc::clone(&answer), Rc::clone(&handler));
            async move {
                let session =
                    request.extensions().get::<Identity>().and_then(Session::of).expect("a session");
                let (said, response) = handler.take().expect("one request")(session).await;
                answer.set(Some(said));
                Ok::<_, Infallible>(response)
            }
        });
        let response = match self.layer.layer(inner).oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        Visit { answer: answer.take(), response }
    }
}

impl<T> Visit<Result<T, SessionErrorKind>> {
    /// What the handler answered, where it must have.
    pub fn said(self) -> T {
        self.answer.expect("the handler was reached").expect("the handler succeeded")
    }

    /// The kind of error the handler met, where it must have.
    pub fn failed(self) -> SessionErrorKind {
        self.answer.expect("the handler was reached").err().expect("the handler failed")
    }
}

impl<T> Visit<T> {
    /// The response's status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// The response's `Set-Cookie` fields.
    #[must_use]
    pub fn cookies(&self) -> Vec<String> {
        let fields = self.response.headers().get_all(SET_COOKIE).iter();
        fields.map(|field| field.to_str().expect("text").to_owned()).collect()
    }

    /// A response field as text.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&str> {
        self.response.headers().get(name).map(|field| field.to_str().expect("text"))
    }
}
