//! Layers that demand something of the caller.
//!
//! | layer | lets through | others are answered |
//! | --- | --- | --- |
//! | [`RequireLogin`] | whoever is logged in | 401 |
//! | [`RequireRecent`] | who logged in not long ago | 401, with `max_age` in the challenge |
//! | [`Require`] | of whom something holds, say a role | nobody 401, others 403 |
//! | `RequireScope` (feature `jwt` or `paseto`) | whose token grants a scope | nobody 401, others 403 with `insufficient_scope` |
//!
//! An outage of the store is a 503 in all of them, and a missing [`SessionLayer`](crate::session::SessionLayer) or `BearerLayer` around them a 500.
//! gRPC callers get the status that [`reject`](crate::reject) has for each.
//!
//! # Order
//!
//! Outermost first: what answers CORS preflights, the session layer, what demands. A preflight carries no cookie, so these
//! layers answer it 401, and a `CorsLayer` inside of them never sees one. They do not let it through, as a handler for any
//! method would be reached by it.
//!
//! # To the login page
//!
//! A 401 is right for programs; people want to be led to the login. `redirect_to("/login")` on a layer makes its 401 a
//! `303 See Other` to `/login?next=…`:
//!
//! 1. Never for programs, which would take the page for their answer: gRPC and gRPC-Web, whoever sends a bearer token, and a
//!    page's script (a `Sec-Fetch-Mode` other than `navigate`). Never in place of a 403 or a 503.
//! 2. `next` is the path and query that a GET or HEAD asked for. It is left out for other methods, and where it is no
//!    [`LocalPath`].
//! 3. It is the path that the session layer met. With that layer inside of a nested router, the prefix is gone from it; with a
//!    proxy that changes paths, it is what the proxy made of it.
//!
//! The login page takes it as [`Next`], which drops what leads elsewhere: anybody can make a link to your login page. A page that
//! [`RequireRecent`] leads to must ask for the password also who is logged in, or the browser goes in circles.
//!
//! # Example
//!
//! ```
//! # #[cfg(feature = "axum")] mod example {
//! use std::time::Duration;
//! use axum::{Form, Router, response::Redirect, routing::{get, post}};
//! use portcullis::identity::Principal;
//! use portcullis::require::{LocalPathError, Next, Require, RequireLogin, RequireRecent};
//! use portcullis::session::{Session, SessionError, SessionLayer};
//! use portcullis::store::MemoryStore;
//!
//! #[derive(serde::Deserialize)]
//! struct Login {
//!     username: String,
//!     next: Next,
//! }
//!
//! async fn log_in(session: Session, Form(login): Form<Login>) -> Result<Redirect, SessionError> {
//!     // After the password was verified:
//!     session.log_in(Principal::local(login.username)).await?;
//!     Ok(Redirect::to(login.next.or("/account")))
//! }
//!
//! fn app() -> Result<Router, LocalPathError> {
//!     let recently = RequireRecent::within(Duration::from_secs(300)).redirect_to("/login")?;
//!     Ok(Router::new()
//!         .route("/account/password", get(async || "the new one?").layer(recently))
//!         .route("/users", get(async || "all of them").layer(Require::that(|who| who.has_role("admin"))))
//!         .route("/account", get(async || "your account"))
//!         .layer(RequireLogin::new().redirect_to("/login")?)
//!         // Behind the layer, which demands a login of the routes before it alone.
//!         .route("/login", post(log_in))
//!         .layer(SessionLayer::new(MemoryStore::new())))
//! }
//! # }
//! ```

mod demand;
mod future;
mod local_path;
mod login;
mod next;
mod predicate;
mod recent;
mod redirect;
#[cfg(feature = "bearer")]
mod scope;
mod service;

pub use future::ResponseFuture;
pub use local_path::{LocalPath, LocalPathError};
pub use login::RequireLogin;
pub use next::Next;
pub use predicate::Require;
pub use recent::RequireRecent;
#[cfg(feature = "bearer")]
pub use scope::RequireScope;
pub use service::RequireService;
