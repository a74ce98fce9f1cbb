use std::{
    thread,
    time::{Duration, Instant},
};

use crate::laws::Missing;

/// Asks again and again until `is_so`, for half a minute at most.
#[expect(
    clippy::disallowed_methods,
    reason = "a server's own time is waited for, which no clock of ours can hold"
)]
pub(super) fn until(what: &str, mut is_so: impl FnMut() -> bool) -> Result<(), Missing> {
    let began = Instant::now();
    while !is_so() {
        if began.elapsed() > PATIENCE {
            return Err(Missing::new(format!("waited in vain for {what}")));
        }
        thread::sleep(BETWEEN);
    }
    Ok(())
}

const PATIENCE: Duration = Duration::from_secs(30);
const BETWEEN: Duration = Duration::from_millis(10);
