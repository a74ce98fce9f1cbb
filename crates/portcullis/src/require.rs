//! Layers that demand something of the caller.

mod future;
mod local_path;
mod login;
mod next;

pub use future::ResponseFuture;
pub use local_path::{LocalPath, LocalPathError};
pub use login::{RequireLogin, RequireLoginService};
pub use next::Next;
