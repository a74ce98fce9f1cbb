//! No operation on a store takes for ever.

use std::{future::poll_fn, pin::pin, task::Poll, time::Duration};

use portcullis_core::StoreError;

/// Longer than a healthy store ever takes, shorter than proxies wait.
pub(crate) const DEFAULT: Duration = Duration::from_secs(3);

/// Runs `operation` for no longer than `deadline`. One that need not wait is done without a timer.
pub(crate) async fn within<T, E: From<StoreError>>(
    deadline: Duration,
    operation: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let mut operation = pin!(operation);
    if let Poll::Ready(done) = poll_fn(|context| Poll::Ready(operation.as_mut().poll(context))).await {
        return done;
    }
    match tokio::time::timeout(deadline, operation).await {
        Ok(done) => done,
        Err(_elapsed) => Err(StoreError::timeout().into()),
    }
}
