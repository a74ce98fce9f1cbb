use std::{fmt, str::FromStr};

use portcullis::store::{MemoryStore, SharedStore};
use portcullis_stores::{ConfigError, OpenError, StoreUrl};

/// Which store to open.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum StoreChoice {
    /// `memory:`, in this process; each node has its own.
    Memory,
    /// `memory:shared`, in this process; one for all of its nodes.
    SharedMemory,
    /// Servers that other processes share, too.
    At(StoreUrl),
}

impl StoreChoice {
    /// Opens the store.
    ///
    /// # Errors
    ///
    /// Its servers cannot be reached or used.
    pub async fn open(&self) -> Result<SharedStore, OpenError> {
        match self {
            Self::Memory | Self::SharedMemory => Ok(MemoryStore::new().into()),
            Self::At(url) => url.open().await,
        }
    }

    /// Whether several nodes mean the same store by it, so that what one knows all know, and one that stops takes nothing along.
    #[must_use]
    pub const fn is_shared(&self) -> bool {
        !matches!(self, Self::Memory)
    }
}

impl FromStr for StoreChoice {
    type Err = ConfigError;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        match url {
            "memory:" => Ok(Self::Memory),
            "memory:shared" => Ok(Self::SharedMemory),
            url => url.parse().map(Self::At),
        }
    }
}

/// Without user, password and path.
impl fmt::Display for StoreChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory => f.write_str("memory:"),
            Self::SharedMemory => f.write_str("memory:shared"),
            Self::At(url) => url.fmt(f),
        }
    }
}
