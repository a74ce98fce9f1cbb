use portcullis_compare::{Comparison, Settings};
use portcullis_stores::StoreUrl;
use tokio::{runtime, signal};

use super::bar::Bar;
use crate::failure::Failure;

/// Opens the stores and compares, unless Ctrl-C comes first.
pub(super) fn compare(settings: Settings, stores: &[String]) -> Result<Comparison, Failure> {
    let runtime = runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::because("the program cannot begin", &error))?;
    let outcome = runtime.block_on(async {
        tokio::select! {
            // A comparison seldom waits, so the interruption is looked for first.
            biased;
            interrupted = signal::ctrl_c() => Err(match interrupted {
                Ok(()) => Failure::interrupted(),
                Err(error) => Failure::because("the program cannot be told to stop", &error),
            }),
            compared = open_and_compare(settings, stores) => compared,
        }
    });
    // What is amid a batch need not come to its end.
    runtime.shutdown_background();
    outcome
}

async fn open_and_compare(mut settings: Settings, stores: &[String]) -> Result<Comparison, Failure> {
    for url in stores {
        // The URL may hold a password, so its own errors and names are shown, which do not.
        let url: StoreUrl = url.parse().map_err(|error| Failure::because("--store", &error))?;
        let store = url.open().await.map_err(|error| Failure::because("--store", &error))?;
        settings = settings.with_store(url.to_string(), store);
    }
    let bar = Bar::new();
    portcullis_compare::compare(&settings, |progress| bar.show(progress))
        .await
        .map_err(|error| Failure::because("nothing was compared", &error))
}
