//! What no bytes may bring about, whoever chose them: one function for each place where bytes of strangers are read. libFuzzer
//! calls them in `fuzz/`, and a short run of mutated seeds is among the tests. A broken promise is a panic.

mod cookie_fields;
mod credentials;
mod json;
mod jwk;
mod jwt;
mod keys;
mod next;
mod origin;
mod paseto;
mod session_record;

pub use cookie_fields::cookie_fields;
pub use credentials::credentials;
pub use jwk::jwk;
pub use jwt::jwt;
pub use next::next;
pub use origin::origin;
pub use paseto::paseto;
pub use session_record::session_record;

use tokio::runtime::{Builder, Runtime};

/// Runs `future` with a clock that jumps where it would wait.
fn block_on<F: Future>(future: F) -> F::Output {
    thread_local! {
        static RUNTIME: Runtime =
            Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
    }
    RUNTIME.with(|runtime| runtime.block_on(future))
}

/// A session of nobody that holds `visits = 3`, as version 0.1 stores it.
pub const ANONYMOUS: &[u8] = include_bytes!("../../fuzz/seeds/session_record/session-anonymous");
/// A session of ada that holds `visits = 3`, as version 0.1 stores it.
const LOGGED_IN: &[u8] = include_bytes!("../../fuzz/seeds/session_record/session-logged-in");
