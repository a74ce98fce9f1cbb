//! Layers that demand something of the caller.

mod future;
mod login;

pub use future::ResponseFuture;
pub use login::{RequireLogin, RequireLoginService};
