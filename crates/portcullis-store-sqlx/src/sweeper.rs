use std::{sync::Arc, time::Duration};

use portcullis_core::{Clock, StoreError};
use tokio::{
    task::AbortHandle,
    time::{Instant, sleep},
};

use crate::{
    engine::Engine,
    lanes::Lanes,
    question::{Claim, Sweep},
};

/// Sweeps the table again and again, unless another process does.
pub(crate) fn start<DB: Engine>(
    lanes: Arc<Lanes<DB>>,
    clock: Arc<dyn Clock>,
    interval: Duration,
) -> AbortHandle {
    let sweeping = async move {
        loop {
            // Processes that were started together do not ask together.
            sleep(interval.mul_f64(fastrand::f64().mul_add(0.25, 1.0))).await;
            let began = Instant::now();
            if let Err(error) = round(&lanes, &*clock, interval).await {
                tracing::warn!(%error, "the store was not swept; it will be, later");
            }
            // A table that takes long is not swept all the time.
            sleep(began.elapsed() * SHARE).await;
        }
    };
    tokio::spawn(sweeping).abort_handle()
}

/// Goes over the table once, part by part, so that no part holds anybody up.
async fn round<DB: Engine>(
    lanes: &Arc<Lanes<DB>>,
    clock: &dyn Clock,
    interval: Duration,
) -> Result<(), StoreError> {
    let until = clock.now() + interval.mul_f64(0.9);
    if !lanes.write(Claim { until }, clock.now()).await? {
        return Ok(());
    }
    let mut from = Some(0);
    while let Some(part) = from {
        from = lanes.write(Sweep { budget: BATCH, from: part }, clock.now()).await?.next;
        sleep(BETWEEN).await;
    }
    Ok(())
}

/// As many records as one statement reclaims.
pub(crate) const BATCH: usize = 500;
const BETWEEN: Duration = Duration::from_millis(10);
/// Of ten parts of time, one is spent on sweeping at most.
const SHARE: u32 = 9;
