use std::{
    future::poll_fn,
    hint::spin_loop,
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
    thread::yield_now,
};

use fastrand::Rng;
use tokio::{runtime::Handle, task::spawn_blocking};

/// Runs the contenders at once and answers what they answered, in their order.
///
/// In half of the cases each has a thread of its own, which finds what goes wrong between two instructions; in the other
/// half one thread polls them in turns that `rng` decides, which finds what goes wrong between two awaits, also on a
/// machine whose cores are busy.
pub(super) async fn at_once<F>(mut rng: Rng, contenders: impl IntoIterator<Item = F>) -> Vec<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let contenders: Vec<F> = contenders.into_iter().collect();
    if rng.bool() { on_threads(contenders).await } else { in_turns(rng, contenders).await }
}

async fn on_threads<F>(contenders: Vec<F>) -> Vec<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let missing = Arc::new(AtomicUsize::new(contenders.len()));
    let threads: Vec<_> = contenders
        .into_iter()
        .map(|contender| {
            let (missing, runtime) = (Arc::clone(&missing), Handle::current());
            spawn_blocking(move || {
                meet(&missing);
                runtime.block_on(contender)
            })
        })
        .collect();
    let mut answers = Vec::with_capacity(threads.len());
    for thread in threads {
        match thread.await {
            Ok(answer) => answers.push(answer),
            Err(error) => resume_unwind(error.into_panic()),
        }
    }
    answers
}

/// Threads wait for each other by spinning: waking one takes longer than most calls to a memory store, and contenders that
/// were woken one by one would never meet.
fn meet(missing: &AtomicUsize) {
    missing.fetch_sub(1, Ordering::SeqCst);
    let mut spins = 0_u32;
    while missing.load(Ordering::SeqCst) > 0 {
        spins += 1;
        // There may be more contenders than cores.
        if spins.is_multiple_of(64) { yield_now() } else { spin_loop() }
    }
}

async fn in_turns<F: Future>(mut rng: Rng, contenders: Vec<F>) -> Vec<F::Output> {
    let mut running: Vec<_> = contenders.into_iter().map(Box::pin).enumerate().collect();
    let mut answers = Vec::with_capacity(running.len());
    poll_fn(|context| {
        rng.shuffle(&mut running);
        running.retain_mut(|(at, contender)| {
            if rng.bool() {
                // It sits this turn out, and another is needed.
                context.waker().wake_by_ref();
                return true;
            }
            match contender.as_mut().poll(context) {
                Poll::Ready(answer) => answers.push((*at, answer)),
                Poll::Pending => return true,
            }
            false
        });
        if running.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    answers.sort_by_key(|(at, _)| *at);
    answers.into_iter().map(|(_, answer)| answer).collect()
}
