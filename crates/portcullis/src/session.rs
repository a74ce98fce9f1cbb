//! A server-side session behind a cookie.
//!
//! [`SessionLayer::new(store)`](SessionLayer::new) and nothing else: no key to manage, a safe cookie, idle and absolute
//! timeouts. Handlers take a [`Session`].
//!
//! 1. **Nothing is done before it is asked for.** An anonymous request and one that does not touch its session cost no
//!    store trip; reading costs one, writing two.
//! 2. **Logout stays logged out.** `log_out` takes effect at once; a slower request that saves later is told that the
//!    session is gone, and nothing is created anew.
//! 3. **No lost update.** Changes are merged by key onto whatever is stored by then; [`update`](Session::update) of one
//!    key is atomic.
//! 4. **A login changes the id**, always, and the old one dies at once.
//! 5. **An outage is a 503**, never "nobody", and touches no cookie.
//! 6. **Another site's page changes nothing**: what it asks with the cookie is refused, and without one it begins no session
//!    ([`cross_origin`](crate::cross_origin)).
//!
//! | call | takes effect | on a 5xx, panic or disconnect |
//! | --- | --- | --- |
//! | `get`, `principal`, `expires_in`, `public_handle` | loads on first use | – |
//! | `devices` | asks the store each time | – |
//! | `insert`, `remove` | when the response is committed, or at `commit` | dropped |
//! | `log_in`, `renew` | when the response is committed, or at `commit` | the old id still works |
//! | `update` | at once | stays, and so does a cookie it needed |
//! | `log_out`, `revoke` | at once | stays |
//! | `log_out_others`, `log_out_everywhere` | at once | stays |
//!
//! The answer to a gRPC call with a `grpc-status` other than 0 in its headers counts as a failure too; one in the trailers comes
//! too late. [`with_commit_policy`](SessionLayer::with_commit_policy) draws the line elsewhere. If the commit fails, the response is
//! replaced by a 503 (409 when the session was ended meanwhile, 403 when a [limit](SessionLimit) refuses the login); what the handler
//! did besides has happened. Once the headers have left, nothing can be changed any more, but everything can be ended.
//!
//! What this does not protect against: a stolen cookie is a stolen session until it ends; a `GET` that changes something; a script in
//! the site's own pages; what a cache keeps of a page without `no-store`. The manual has [all of it](crate::manual::threats), and a
//! [guide](crate::manual::sessions).
//!
//! # Example
//!
//! ```
//! # #[cfg(feature = "axum")] mod example {
//! use std::time::Duration;
//! use axum::{Router, routing::get};
//! use portcullis::session::{ConfigError, Session, SessionError, SessionLayer, Timeouts};
//! use portcullis::store::MemoryStore;
//!
//! async fn theme(session: Session) -> Result<String, SessionError> {
//!     Ok(session.get("theme").await?.unwrap_or_else(|| "light".to_owned()))
//! }
//!
//! fn app() -> Result<Router, ConfigError> {
//!     let timeouts = Timeouts::new(Duration::from_secs(900), Duration::from_secs(12 * 3_600))?;
//!     Ok(Router::new().route("/theme", get(theme)).layer(SessionLayer::new(MemoryStore::new()).with_timeouts(timeouts)))
//! }
//! # }
//! ```

mod activity;
mod changes;
mod client;
mod commit;
mod commit_policy;
mod config;
mod config_error;
mod device;
mod devices;
mod error;
#[cfg(feature = "axum")]
mod extract;
mod future;
mod handle;
mod id;
mod layer;
mod limit;
mod log_out;
mod log_out_others;
mod login;
mod public_handle;
mod record;
mod renew;
mod room;
mod service;
mod sessions;
pub(crate) mod slot;
mod snapshot;
mod state;
#[cfg(feature = "tonic")]
mod status;
mod supersede;
mod timeouts;
mod tombstone;
mod typed;
pub(crate) mod watch;
mod writes;

pub use activity::RequestHead;
pub use commit_policy::CommitPolicy;
pub use config_error::ConfigError;
pub use device::Device;
pub use error::{SessionError, SessionErrorKind};
pub use future::ResponseFuture;
pub use handle::Session;
pub use layer::SessionLayer;
pub use limit::SessionLimit;
pub(crate) use log_out::end_everything;
pub use login::Login;
pub use public_handle::{NotAHandle, PublicHandle};
pub use service::SessionService;
pub use sessions::Sessions;
pub use state::Remaining;
pub use timeouts::Timeouts;
pub use typed::{SessionValue, Typed};

#[cfg(test)]
mod tests;
