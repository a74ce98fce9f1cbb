//! Which requests this site's own pages made, told by what browsers say of them: the defence against cross-site request
//! forgery (CSRF).
//!
//! A browser attaches a cookie whoever caused the request. So a request that may change something, and whose caller is known
//! by a cookie alone, is refused before the handler unless its origin may ask. No token, no state, nothing to put into forms:
//! every current browser sends [`Sec-Fetch-Site`], older ones send [`Origin`].
//!
//! A request that bears the session's cookie is refused with 403 before the handler. One that does not is let through, and may
//! begin no session: [`log_in`], `insert` and `update` fail with 403. A login would be the attacker's own, and the cookie of any new
//! session would replace the one that the browser, by `SameSite`, did not send along. A request with `Authorization: Bearer`, which no
//! browser attaches by itself, always passes; where it would be refused, the cookie beside it is as good as not there.
//!
//! The first line that applies decides:
//!
//! | the request | default | [`strict`](CrossOrigin::strict) |
//! | --- | --- | --- |
//! | is a `GET`, `HEAD` or `OPTIONS` without `Upgrade` | passes, nothing is looked at | the same |
//! | has two `Origin` fields, or different `Sec-Fetch-Site` ones | `ambiguous` | the same |
//! | says `same-origin` | passes | `contradiction` if its `Origin` is not this site's |
//! | says `none`: the user's own doing, no page's | passes | `no_initiator` |
//! | says `same-site` or anything else, from a [trusted origin](CrossOrigin::with_trusted_origin) | passes | the same |
//! | says `same-site` | `same_site` | the same |
//! | says `cross-site` or anything else | `cross_site` | the same |
//! | has no `Sec-Fetch-Site`, and no `Origin` either: no browser of our time | passes | `absent` |
//! | has no `Sec-Fetch-Site`, and `Origin: null` | `opaque_origin` | the same |
//! | has no `Sec-Fetch-Site`, and a trusted `Origin` or this site's | passes | the same |
//! | has no `Sec-Fetch-Site`, and another `Origin` | `foreign_origin` | the same |
//!
//! The names are those of the [`Reason`]s. *This site's* are the [public origins](CrossOrigin::with_public_origin); without any,
//! one whose host and port are those of the request (`:authority`, else `Host`). An upgrade is checked like a `POST`, because
//! the page that opened a WebSocket reads and writes on it; over HTTP/2 it is a `CONNECT`.
//!
//! What this does not protect against: a `GET` that changes something; a script in a page of this site's own; a browser so old
//! that it sends neither field. Without a public origin and where a browser sends no `Sec-Fetch-Site`, a page of this host over
//! plain http passes for one over https; HSTS or a public origin ends that.
//!
//! Behind a proxy that rewrites `Host` or drops `Sec-Fetch-Site`, name the public origin; no forwarded field is ever believed. Over
//! plain http browsers send no `Sec-Fetch-Site` except to the machine they run on, so `Origin` decides. Under
//! `Referrer-Policy: no-referrer` they send `Origin: null` with a form even to its own site, which strict mode refuses; use
//! `same-origin` instead.
//!
//! # Example
//!
//! A route whose requests prove themselves is exempt by an [`Exempt`] layer around it, outside of the session layer, and no other
//! route is. Exemptions are never paths: `/hook` and `/hook/`, or `/a/../hook`, are the same to one matcher and not to the
//! next ([CVE-2025-47910]).
//!
//! ```
//! # #[cfg(feature = "axum")] mod example {
//! use axum::{Router, routing::post};
//! use portcullis::{cross_origin::Exempt, session::{Session, SessionLayer}, store::MemoryStore};
//!
//! async fn paid() {}
//! async fn order(_session: Session) {}
//!
//! fn app() -> Router {
//!     let sessions = SessionLayer::new(MemoryStore::new());
//!     let hook = Router::new()
//!         .route("/hook", post(paid))
//!         .layer(sessions.clone())
//!         .layer(Exempt::insecure_because("signed by the payment provider"));
//!     Router::new().route("/order", post(order)).layer(sessions).merge(hook)
//! }
//! # }
//! ```
//!
//! [`log_in`]: crate::session::Session::log_in
//! [`Sec-Fetch-Site`]: https://www.w3.org/TR/fetch-metadata/#sec-fetch-site-header
//! [`Origin`]: https://fetch.spec.whatwg.org/#origin-header
//! [CVE-2025-47910]: https://nvd.nist.gov/vuln/detail/CVE-2025-47910

mod decision;
mod exempt;
mod future;
mod origin;
mod policy;

pub use decision::Reason;
pub(crate) use decision::{Facts, Verdict, is_checked};
pub(crate) use exempt::exemption;
pub use exempt::{Exempt, ExemptService};
pub use future::ResponseFuture;
pub use origin::{Origin, OriginError};
pub use policy::CrossOrigin;
