//! Issues tokens of either format from the same claims.

mod error;
mod sign;

pub use error::{IssueError, IssueErrorKind};
pub(crate) use sign::{SignToken, TokenType};
