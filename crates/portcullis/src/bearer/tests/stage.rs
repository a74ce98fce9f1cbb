use std::{
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::body::Body;
use http::{Request, Response, header::AUTHORIZATION};
use tower::{ServiceExt, service_fn};
use tower_layer::Layer;

use crate::{
    bearer::BearerLayer,
    event::{Event, EventKind},
    identity::Principal,
};

/// A route behind a bearer layer, which says who is calling and counts what reaches it.
pub(crate) struct Stage {
    layer: BearerLayer,
    told: Told,
    reached: Arc<AtomicUsize>,
}

impl Stage {
    pub(crate) fn new(layer: BearerLayer) -> Self {
        let told = Told::default();
        Self { layer: layer.with_event_hook(told.hook()), told, reached: Arc::default() }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Response<String> {
        let reached = Arc::clone(&self.reached);
        let route = service_fn(move |request: Request<Body>| {
            reached.fetch_add(1, Ordering::Relaxed);
            async move {
                let caller = Principal::maybe_of(request.extensions()).await.unwrap();
                let said = caller.map_or("nobody".to_owned(), |caller| caller.subject().to_owned());
                Ok::<_, Infallible>(Response::new(said))
            }
        });
        self.layer.layer(route).oneshot(request).await.unwrap_or_else(|never| match never {})
    }

    /// How many requests have reached the route since last asked.
    pub(crate) fn reached(&self) -> usize {
        self.reached.swap(0, Ordering::Relaxed)
    }

    /// What the layer has told since last asked.
    pub(crate) fn told(&self) -> Vec<(EventKind, Option<&'static str>)> {
        self.told.take()
    }
}

/// What layers tell of.
#[derive(Clone, Default)]
pub(crate) struct Told(Arc<Mutex<Vec<Event>>>);

impl Told {
    pub(crate) fn hook(&self) -> impl Fn(&Event) + Send + Sync + 'static {
        let told = Arc::clone(&self.0);
        move |event| told.lock().unwrap().push(*event)
    }

    pub(crate) fn take(&self) -> Vec<(EventKind, Option<&'static str>)> {
        self.0.lock().unwrap().drain(..).map(|event| (event.kind(), event.reason())).collect()
    }
}

/// A request with these `Authorization` fields, whose body nobody may read.
pub(crate) fn asks(authorization: &[&[u8]]) -> Request<Body> {
    let mut request = Request::new(unreadable());
    for field in authorization {
        request.headers_mut().append(AUTHORIZATION, http::HeaderValue::from_bytes(field).unwrap());
    }
    request
}

/// A request that bears `token`.
pub(crate) fn bears(token: &str) -> Request<Body> {
    asks(&[format!("Bearer {token}").as_bytes()])
}

/// Fails whoever reads it.
fn unreadable() -> Body {
    Body::from_stream(futures_util::stream::poll_fn(
        |_| -> std::task::Poll<Option<Result<String, Infallible>>> { panic!("the body was read") },
    ))
}

/// The field `name` of a response, where there is one alone.
pub(crate) fn field<'a, B>(response: &'a Response<B>, name: &str) -> Option<&'a str> {
    let mut fields = response.headers().get_all(name).iter();
    let first = fields.next()?.to_str().unwrap();
    assert_eq!(fields.next(), None, "one {name}");
    Some(first)
}

/// All that somebody outside gets to see of a response.
pub(crate) fn seen(response: &Response<String>) -> String {
    let fields = response.headers().iter();
    let fields: Vec<String> = fields.map(|(name, value)| format!("{name}: {value:?}")).collect();
    format!("{} {} {}", response.status(), fields.join("; "), response.body())
}
