//! Opens a store by its URL, so that an application's configuration names it and its code does not.
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), portcullis_stores::ConfigError> {
//! let store = portcullis_stores::open("memory:").await?;
//! # let _ = store;
//! # Ok(()) }
//! ```
//!
//! | URL | store |
//! | --- | --- |
//! | `memory:` | the memory of this process, a new one at each call: gone when the process ends |
//!
//! Whatever else a URL names is refused by its scheme. Neither an error nor a [`StoreUrl`]'s `Debug` or `Display` repeats a password.

mod error;
mod open;
mod url;

pub use error::ConfigError;
pub use open::open;
pub use url::StoreUrl;
