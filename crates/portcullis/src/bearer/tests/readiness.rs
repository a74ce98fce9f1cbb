//! Which instance serves a request, and what is left of one that is dropped.

use std::{
    convert::Infallible,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Waker},
    time::Duration,
};

use http::{Request, Response, header::AUTHORIZATION};
use tower::{
    ServiceBuilder, ServiceExt, buffer::Buffer, limit::ConcurrencyLimit, load_shed::LoadShed, service_fn,
};
use tower_layer::Layer;
use tower_service::Service;

use super::stub::Stub;
use crate::bearer::BearerLayer;

fn good() -> Request<()> {
    Request::builder().header(AUTHORIZATION, "Bearer good").body(()).unwrap()
}

/// Serves one request for each time it was polled ready, as tower's services may; a clone was not polled.
#[derive(Default)]
struct Strict {
    is_ready: bool,
    served: Arc<AtomicUsize>,
}

impl Clone for Strict {
    fn clone(&self) -> Self {
        Self { is_ready: false, served: Arc::clone(&self.served) }
    }
}

impl Service<Request<()>> for Strict {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response<()>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.is_ready = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        assert!(std::mem::take(&mut self.is_ready), "called without having been polled");
        self.served.fetch_add(1, Ordering::Relaxed);
        std::future::ready(Ok(Response::new(())))
    }
}

#[tokio::test]
async fn t75_the_polled_instance_serves_the_request() {
    for stub in [Stub::new(), Stub::new().later()] {
        let strict = Strict::default();
        let mut service = BearerLayer::new(stub).layer(strict.clone());
        for _ in 0..3 {
            assert_eq!(service.ready().await.unwrap().call(good()).await.unwrap().status(), 200);
        }
        // Several at once of one service, each polled before it is called.
        let first = service.ready().await.unwrap().call(good());
        let second = service.ready().await.unwrap().call(good());
        let (first, second) = (first.await.unwrap(), second.await.unwrap());
        assert_eq!((first.status().as_u16(), second.status().as_u16()), (200, 200));
        assert_eq!(strict.served.load(Ordering::Relaxed), 5);
        // A refusal uses nothing up.
        let refused = service.ready().await.unwrap().call(Request::new(())).await.unwrap();
        assert_eq!((refused.status().as_u16(), strict.served.load(Ordering::Relaxed)), (401, 5));
    }
}

#[tokio::test]
async fn t75_it_works_around_towers_own_services() {
    for stub in [Stub::new(), Stub::new().later()] {
        let handler = service_fn(async |_: Request<()>| {
            tokio::time::sleep(Duration::from_millis(1)).await;
            Ok::<_, Infallible>(Response::new(()))
        });
        let layer = BearerLayer::new(stub);
        let limited = layer.layer(ConcurrencyLimit::new(handler, 1));
        let buffered = layer.layer(Buffer::new(ConcurrencyLimit::new(handler, 2), 4));
        let shedding = layer.layer(LoadShed::new(ConcurrencyLimit::new(handler, 8)));
        let all = ServiceBuilder::new().layer(layer.clone()).concurrency_limit(1).service(handler);
        let calls = (0..8).map(|_| {
            let (limited, buffered) = (limited.clone(), buffered.clone());
            let (shedding, all) = (shedding.clone(), all.clone());
            async move {
                assert_eq!(limited.oneshot(good()).await.unwrap().status(), 200);
                assert_eq!(buffered.oneshot(good()).await.unwrap().status(), 200);
                assert_eq!(shedding.oneshot(good()).await.unwrap().status(), 200);
                assert_eq!(all.oneshot(good()).await.unwrap().status(), 200);
            }
        });
        let done = futures_util::future::join_all(calls);
        tokio::time::timeout(Duration::from_secs(10), done).await.unwrap();
    }
}

#[tokio::test]
async fn an_error_of_the_inner_service_is_passed_on_as_it_is() {
    #[derive(Debug, PartialEq)]
    struct Broken;
    for stub in [Stub::new(), Stub::new().later()] {
        let broken = service_fn(async |_: Request<()>| Err::<Response<()>, _>(Broken));
        assert_eq!(BearerLayer::new(stub).layer(broken).oneshot(good()).await.unwrap_err(), Broken);
    }
}

#[test]
fn t79_a_verdict_that_is_ready_is_answered_in_the_first_poll_and_without_a_runtime() {
    let handler = service_fn(async |_: Request<()>| Ok::<_, Infallible>(Response::new(())));
    let mut service = BearerLayer::new(Stub::new()).layer(handler);
    let rows = [(good(), 200), (Request::new(()), 401)];
    for (request, expected) in rows {
        let context = &mut Context::from_waker(Waker::noop());
        assert!(service.poll_ready(context).is_ready());
        match pin!(service.call(request)).poll(context) {
            Poll::Ready(response) => assert_eq!(response.unwrap().status(), expected),
            Poll::Pending => panic!("waited"),
        }
    }
}

#[test]
fn t78_a_request_that_is_dropped_while_it_waits_leaves_nothing_behind() {
    let stub = Stub::new().never();
    let strict = Strict::default();
    let mut service = BearerLayer::new(stub.clone()).layer(strict.clone());
    let context = &mut Context::from_waker(Waker::noop());
    for _ in 0..100 {
        assert!(service.poll_ready(context).is_ready());
        let mut future = Box::pin(service.call(good()));
        assert!(future.as_mut().poll(context).is_pending());
        assert_eq!(stub.waited_for(), 1);
        drop(future);
        assert_eq!(stub.waited_for(), 0);
    }
    assert_eq!(strict.served.load(Ordering::Relaxed), 0);
    // Ours, the one in `service`, and none of those that were parked.
    assert_eq!(Arc::strong_count(&strict.served), 2);
}
