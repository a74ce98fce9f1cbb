//! Measures a session, JWT and PASETO beside each other: the same claims, the same clock, the machine it runs on.
//!
//! ```
//! # #[tokio::main]
//! # async fn main() -> Result<(), portcullis_compare::CompareError> {
//! use portcullis_compare::{Answers, Settings, compare};
//!
//! let comparison = compare(&Settings::default().with_rounds(3), |_progress| {}).await?;
//! for row in &comparison.rows {
//!     println!("{:10} {:4} bytes, verified in {} ns", row.name, row.bytes, row.verify_ns);
//! }
//! # Ok(()) }
//! ```
//!
//! Each credential goes through the layer that a service would have: a request with it in its header comes in, and a handler asks who is calling.
//! Before anything is timed, each credential must be accepted, and refused after any one letter of it was changed. Then the contenders take turns, round
//! by round, so that whatever slows the machine for a while slows them alike; a figure is the median of its rounds.
//!
//! | step | file |
//! | --- | --- |
//! | what is compared | `settings`, `claims` |
//! | who is compared | `contender`: a token of one algorithm, or a session in one store |
//! | prove, then measure in turns | `prove`, `measure` |
//! | what no stopwatch shows | `facts` (pure) |
//! | why the figures differ | `difference` (pure) |
//! | which to choose | `recommendation` (pure) |
//! | how it is shown | `shown` (pure), `html`, `chart` |

mod chart;
mod claims;
mod comparison;
mod contender;
mod counting;
mod difference;
mod error;
mod facts;
mod html;
mod json;
mod measure;
mod progress;
mod prove;
mod question;
mod recommendation;
mod row;
mod sample;
mod settings;
pub mod shown;
mod stopwatch;
mod whole;

pub use claims::{Claims, ClaimsError};
pub use comparison::Comparison;
pub use error::CompareError;
pub use facts::Facts;
pub use html::STYLE;
pub use measure::compare;
pub use progress::Progress;
pub use question::{AnswerOption, Question};
pub use recommendation::{Answers, Callers, Choice, Logout, Questions, Recommendation, Verifiers};
pub use row::{Kind, Row};
pub use settings::Settings;
