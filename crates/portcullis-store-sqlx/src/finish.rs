use std::{
    pin::Pin,
    task::{Context, Poll},
};

use tokio::runtime::Handle;

/// A call that has begun is brought to its end, by a task of its own if the caller goes away: so nobody ever takes a connection over
/// amid somebody else's answer, and who hangs up a thousand times does not make a thousand connections.
pub(crate) struct Finish<T: Send + 'static> {
    call: Option<Call<T>>,
}

type Call<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Runs `call` to its end.
pub(crate) fn finish<T: Send + 'static>(call: impl Future<Output = T> + Send + 'static) -> Finish<T> {
    Finish { call: Some(Box::pin(call)) }
}

impl<T: Send + 'static> Future for Finish<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        #[expect(clippy::expect_used, reason = "polled after completion")]
        let call = self.call.as_mut().expect("polled after completion");
        let answer = call.as_mut().poll(context);
        if answer.is_ready() {
            self.call = None;
        }
        answer
    }
}

impl<T: Send + 'static> Drop for Finish<T> {
    fn drop(&mut self) {
        if let Some(call) = self.call.take()
            && let Ok(runtime) = Handle::try_current()
        {
            runtime.spawn(call);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::poll_fn,
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
    };

    use super::*;

    #[tokio::test]
    async fn what_its_caller_leaves_is_brought_to_its_end() {
        let done = Arc::new(AtomicBool::new(false));
        let is_done = Arc::clone(&done);
        let mut call = finish(async move {
            tokio::task::yield_now().await;
            is_done.store(true, Ordering::SeqCst);
        });
        assert!(poll_fn(|context| Poll::Ready(Pin::new(&mut call).poll(context))).await.is_pending());
        drop(call);
        while !done.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
    }
}
