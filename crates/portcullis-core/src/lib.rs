//! For authors of Portcullis stores: the store contract and what it is spoken in.
//!
//! Applications add the `portcullis` crate; this one is for those who write a store of their own. It has no C
//! dependency and knows nothing of HTTP, cookies or sessions: a store moves versioned, expiring, owned records of
//! bytes.
//!
//! | to | start at |
//! | --- | --- |
//! | implement a store | [`Store`], with the law of each method in its docs |
//! | see one that keeps every law | [`MemoryStore`], the reference semantics |
//! | prove yours | the laws in `portcullis-testkit` |
//! | hold the clock in a test | [`Clock`] |
//!
//! # Example
//!
//! ```
//! use portcullis_core::{
//!     CreateOutcome, Draft, Freshness, MemoryStore, Realm, RecordKey, Secret, SharedStore, Space, SystemClock, Clock, Version,
//! };
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = SharedStore::from(MemoryStore::new());
//! let secret = Secret::generate()?;
//! let key = RecordKey::unowned(Space::Session, Realm::new("session", "shop").record_id(&secret));
//!
//! let draft = Draft::new("payload", Version::unique(), SystemClock.now() + std::time::Duration::from_secs(60));
//! assert_eq!(store.create(&key, draft.clone()).await?, CreateOutcome::Created);
//! assert_eq!(store.create(&key, draft).await?, CreateOutcome::Exists);
//!
//! let record = store.load(&key, Freshness::Strong).await?.ok_or("gone")?;
//! assert_eq!(record.payload, "payload");
//! # Ok(()) }
//! ```

mod clock;
mod error;
mod key;
mod memory;
mod outcome;
mod owner;
mod page;
mod profile;
mod record;
mod secret;
mod shared;
mod store;
mod timestamp;
mod version;

pub use clock::{Clock, SystemClock};
pub use error::{Effect, StoreError, StoreErrorKind};
pub use key::{Partition, Realm, RecordId, RecordKey, Space};
pub use memory::{MemoryLimits, MemoryStore};
pub use outcome::{CreateOutcome, ExtendOutcome, Peek, RemoveAllOutcome, RemoveOutcome, ReplaceOutcome};
pub use owner::{Epoch, Owner};
pub use page::{Cursor, Listing, Page};
pub use profile::{Linearizability, Profile};
pub use record::{Draft, Freshness, Record};
pub use secret::{RandomnessError, Secret};
pub use shared::SharedStore;
pub use store::Store;
pub use timestamp::Timestamp;
pub use version::Version;
