use portcullis_core::{MemoryStore, SharedStore};

use crate::{ConfigError, StoreUrl};

/// Opens the store that `url` names.
///
/// # Errors
///
/// The URL has no scheme, or one that no store of this build has, or says more than its store understands.
///
/// # Example
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use portcullis_stores::{ConfigError, open};
///
/// assert!(open("memory:").await.is_ok());
/// assert!(matches!(open("gopher://db").await, Err(ConfigError::UnknownScheme(scheme)) if scheme == "gopher"));
/// # }
/// ```
pub async fn open(url: &str) -> Result<SharedStore, ConfigError> {
    url.parse::<StoreUrl>()?.open().await
}

impl StoreUrl {
    /// Opens the store.
    ///
    /// # Errors
    ///
    /// As [`open`].
    #[expect(clippy::unused_async, reason = "a store behind a network is connected to here")]
    pub async fn open(&self) -> Result<SharedStore, ConfigError> {
        match (self.scheme(), self.rest()) {
            ("memory", "") => Ok(SharedStore::from(MemoryStore::new())),
            ("memory", _) => Err(ConfigError::UnexpectedRest { scheme: "memory" }),
            (unknown, _) => Err(ConfigError::UnknownScheme(unknown.to_owned())),
        }
    }
}
