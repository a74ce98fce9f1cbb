//! What the tests of this package share: a site whose store can be made to fail and whose clock stands still, visitors with
//! cookie jars, and sockets; and what is fuzzed.

mod cookies;
pub mod fuzz;
mod planted;
mod random;
mod site;
mod socket;

pub use cookies::Jar;
pub use planted::{NAME, Planted, credential};
pub use random::cases;
pub use site::{Site, Visit};
pub use socket::{Answer, Connection, serve};
