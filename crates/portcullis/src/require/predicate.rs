use std::{fmt, sync::Arc};

use tower_layer::Layer;

use super::{
    demand::{Demand, Predicate},
    local_path::LocalPathError,
    redirect::Redirect,
    service::RequireService,
};
use crate::identity::Principal;

/// Lets only requests of somebody through of whom something holds, say a role.
///
/// Nobody is answered 401, and somebody of whom it does not hold 403; gRPC callers get `UNAUTHENTICATED` and `PERMISSION_DENIED`.
///
/// Put it inside of the [`SessionLayer`](crate::session::SessionLayer), and inside of what answers CORS preflights.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "axum")] mod example {
/// use axum::{Router, routing::get};
/// use portcullis::{require::Require, session::SessionLayer, store::MemoryStore};
///
/// fn app() -> Router {
///     Router::new()
///         .route("/users", get(async || "all of them"))
///         .layer(Require::that(|who| who.has_role("admin")))
///         .layer(SessionLayer::new(MemoryStore::new()))
/// }
/// # }
/// ```
#[derive(Clone)]
pub struct Require {
    holds: Arc<Predicate>,
    redirect: Option<Redirect>,
}

impl Require {
    /// Demands that `holds` says yes of the caller.
    ///
    /// It is asked in every request and must not wait. What it sees was recorded by the login, so it is as old as that: see
    /// [`with_roles`](Principal::with_roles).
    pub fn that(holds: impl Fn(&Principal) -> bool + Send + Sync + 'static) -> Self {
        Self { holds: Arc::new(holds), redirect: None }
    }

    /// Leads nobodies to the page at `login` where a program is told 401, as [`require`](super) describes.
    ///
    /// Who is logged in is answered 403 all the same: another login would not help.
    ///
    /// # Default
    ///
    /// 401 for all nobodies.
    ///
    /// # Errors
    ///
    /// `login` is not a path of this site.
    ///
    /// # Example
    ///
    /// ```
    /// use portcullis::require::{LocalPathError, Require};
    ///
    /// # fn main() -> Result<(), LocalPathError> {
    /// let pages = Require::that(|who| who.has_role("admin")).redirect_to("/login")?;
    /// # let _ = pages;
    /// # Ok(()) }
    /// ```
    pub fn redirect_to(self, login: &str) -> Result<Self, LocalPathError> {
        Ok(Self { redirect: Some(Redirect::to(login.parse()?)), ..self })
    }
}

impl<S> Layer<S> for Require {
    type Service = RequireService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        RequireService::new(inner, Demand::That(Arc::clone(&self.holds)), self.redirect.clone())
    }
}

impl fmt::Debug for Require {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Require").field("redirect", &self.redirect).finish_non_exhaustive()
    }
}
