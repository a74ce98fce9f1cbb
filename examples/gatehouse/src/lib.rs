//! The demonstration server: a small shop behind a gate, to try [`portcullis`] on.
//!
//! ```text
//! cargo run -p gatehouse
//! ```
//!
//! A file is a page or a step on the way to one; `site` wires them together and is the place to start reading.
//!
//! | file | what it shows |
//! | --- | --- |
//! | `site` | the routes, and the one line that gives them sessions |
//! | `cart` | data of a session before and after the login: `update`, which loses nothing |
//! | `theme` | a value that the last writer decides: `insert`, `remove` |
//! | `login`, `password`, `users` | `log_in` and `log_out`, and `Next`, which leads nowhere but here; hashing off the runtime's threads, and not too much at once |
//! | `account` | who is calling, and `expires_in` |
//! | `token` | the same caller by a JWT or a PASETO: issuing, verifying, revoking, and a page that takes one apart |
//! | `orders` | what only a token with a scope may see |
//! | `grpc` | the same caller for programs that speak gRPC |
//! | `compare` | JWT against PASETO on the machine it runs on; how anybody may start what keeps all cores busy |
//! | `provenance` | whose clicks a button takes that no cookie protects |
//! | `devices` | where somebody is logged in, and `revoke`, `log_out_others`, `log_out_everywhere` |
//! | `admin` | the same for somebody else: `Sessions`, behind `Require` and `RequireRecent` |
//! | `slow` | a save that comes after the logout is refused |
//! | `frame`, `home`, `problem` | what every page shows; the first page; a refusal as a page |
//! | `headers`, `assets` | what every answer says to the browser; style, script and pictures |
//! | `cors` | which other origins a script may call from, with a token and never with the cookie |
//! | `balancer` | several nodes: what a login is worth when the next request comes to another one |
//! | `attacker` | a page of another origin that tries what can be tried |
//! | `health` | alive and ready, for who watches over the server |
//! | `options`, `origin`, `logs`, `greeting`, `words`, `tls`, `server` | the program around the site |
//!
//! # Example
//!
//! The site inside of another program, as its tests start it:
//!
//! ```
//! use std::time::Duration;
//!
//! use gatehouse::{Site, TokenKeys, Tokens, app};
//! use portcullis::{session::SessionLayer, store::{MemoryStore, SharedStore}};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let store = SharedStore::from(MemoryStore::new());
//! let tokens = Tokens::new("http://127.0.0.1:8080", &TokenKeys::generate()?, Duration::from_secs(600))?;
//! let site = Site::new(store.clone(), tokens)?;
//! let router: axum::Router = app(site, SessionLayer::insecure_for_localhost(store))?;
//! # drop(router);
//! # Ok(()) }
//! ```

mod account;
mod admin;
mod assets;
mod attacker;
mod balancer;
mod cart;
mod compare;
mod cors;
mod devices;
mod frame;
mod greeting;
mod grpc;
mod headers;
mod health;
mod home;
mod login;
pub mod logs;
mod options;
mod orders;
mod origin;
mod password;
mod problem;
mod provenance;
mod server;
mod site;
mod slow;
mod store_choice;
mod theme;
mod tls;
mod token;
mod users;
mod words;

pub use attacker::attacker;
pub use balancer::{Routing, StartError, balanced};
pub use greeting::greeting;
pub use grpc::grpc;
pub use options::{Options, OptionsError};
pub use origin::{Origin, OriginError};
pub use password::HashError;
pub use server::{serve, stop_signal};
pub use site::{Site, app, session_layer};
pub use store_choice::StoreChoice;
pub use tls::self_signed;
pub use token::{KeyFileError, TokenKeys, Tokens};
