use tower_layer::Layer;

use super::{demand::Demand, local_path::LocalPathError, redirect::Redirect, service::RequireService};

/// Lets only requests of somebody through: nobody is answered 401, an outage 503; gRPC callers get `UNAUTHENTICATED` and
/// `UNAVAILABLE`.
///
/// Put it inside of the [`SessionLayer`](crate::session::SessionLayer), and inside of what answers CORS preflights.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "axum")] mod example {
/// use axum::{Router, routing::get};
/// use portcullis::{identity::Principal, require::RequireLogin, session::SessionLayer, store::MemoryStore};
///
/// fn app() -> Router {
///     Router::new()
///         .route("/account", get(|principal: Principal| async move { principal.subject().to_owned() }))
///         .layer(RequireLogin::new())
///         .layer(SessionLayer::new(MemoryStore::new()))
/// }
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct RequireLogin {
    redirect: Option<Redirect>,
}

impl RequireLogin {
    /// Demands a login.
    #[must_use]
    pub const fn new() -> Self {
        Self { redirect: None }
    }

    /// Leads people to the page at `login` where a program is told 401, as [`require`](super) describes.
    ///
    /// # Default
    ///
    /// 401 for all: whether a path is a page is yours to know.
    ///
    /// # Errors
    ///
    /// `login` is not a path of this site.
    ///
    /// # Example
    ///
    /// ```
    /// use portcullis::require::{LocalPathError, RequireLogin};
    ///
    /// # fn main() -> Result<(), LocalPathError> {
    /// let pages = RequireLogin::new().redirect_to("/login")?;
    /// assert!(RequireLogin::new().redirect_to("https://login.example").is_err());
    /// # let _ = pages;
    /// # Ok(()) }
    /// ```
    pub fn redirect_to(self, login: &str) -> Result<Self, LocalPathError> {
        Ok(Self { redirect: Some(Redirect::to(login.parse()?)) })
    }
}

impl<S> Layer<S> for RequireLogin {
    type Service = RequireService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RequireService::new(inner, Demand::Login, self.redirect.clone())
    }
}
