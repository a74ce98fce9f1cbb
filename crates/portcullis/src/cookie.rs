//! The cookie a credential travels in: settings that cannot contradict each other, reading on bytes, writing by type.

mod field;
mod settings;

pub(crate) use field::values;
pub(crate) use settings::clamped;
pub use settings::{CookieSettings, SameSite};
