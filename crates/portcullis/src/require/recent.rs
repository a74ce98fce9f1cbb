use std::time::Duration;

use tower_layer::Layer;

use super::{demand::Demand, local_path::LocalPathError, redirect::Redirect, service::RequireService};

/// Lets only requests of somebody through who was authenticated not long ago: for a change of the password or the address, and
/// whatever else a borrowed browser should not do.
///
/// The login counts, not the last request: [`log_in`](crate::session::Session::log_in) begins the time anew, and nothing else does.
/// Nobody is answered 401. So is whose login is too long ago, with `error="insufficient_user_authentication"` and `max_age` in
/// the challenge, as [RFC 9470] has it for bearer tokens. Of a token its `auth_time` counts. gRPC callers get `UNAUTHENTICATED`.
///
/// Put it inside of the [`SessionLayer`](crate::session::SessionLayer), and inside of what answers CORS preflights.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "axum")] mod example {
/// use std::time::Duration;
/// use axum::{Router, routing::post};
/// use portcullis::{require::RequireRecent, session::SessionLayer, store::MemoryStore};
///
/// fn app() -> Router {
///     let recently = RequireRecent::within(Duration::from_secs(300));
///     Router::new()
///         .route("/account/password", post(async || "changed").layer(recently))
///         .layer(SessionLayer::new(MemoryStore::new()))
/// }
/// # }
/// ```
///
/// [RFC 9470]: https://www.rfc-editor.org/rfc/rfc9470
#[doc(alias = "step_up")]
#[doc(alias = "sudo_mode")]
#[derive(Clone, Debug)]
pub struct RequireRecent {
    age: Duration,
    redirect: Option<Redirect>,
}

impl RequireRecent {
    /// Demands a login at most `age` ago; exactly so long ago is recent.
    ///
    /// The clock is the session layer's, or where there is none the bearer layer's.
    #[must_use]
    pub const fn within(age: Duration) -> Self {
        Self { age, redirect: None }
    }

    /// Leads people to the page at `login` where a program is told 401, as [`require`](super) describes.
    ///
    /// That page must ask also who is logged in for the password: one that sends them back at once sends them in circles.
    ///
    /// # Default
    ///
    /// 401 for all.
    ///
    /// # Errors
    ///
    /// `login` is not a path of this site.
    ///
    /// # Example
    ///
    /// ```
    /// use std::time::Duration;
    /// use portcullis::require::{LocalPathError, RequireRecent};
    ///
    /// # fn main() -> Result<(), LocalPathError> {
    /// let pages = RequireRecent::within(Duration::from_secs(300)).redirect_to("/login?again=yes")?;
    /// # let _ = pages;
    /// # Ok(()) }
    /// ```
    pub fn redirect_to(self, login: &str) -> Result<Self, LocalPathError> {
        Ok(Self { redirect: Some(Redirect::to(login.parse()?)), ..self })
    }
}

impl<S> Layer<S> for RequireRecent {
    type Service = RequireService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RequireService::new(inner, Demand::Recent(self.age), self.redirect.clone())
    }
}
