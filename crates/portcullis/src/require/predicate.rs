use std::{fmt, sync::Arc};

use http::Uri;
use tower_layer::Layer;

use super::{
    demand::{Demand, Judge},
    local_path::LocalPathError,
    redirect::Redirect,
    service::RequireService,
};
use crate::{
    identity::{Identity, Principal},
    reject::Rejection,
};

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
    judge: Arc<Judge>,
    redirect: Option<Redirect>,
}

impl Require {
    /// Demands that `holds` says yes of the caller.
    ///
    /// It is asked in every request and must not wait. What it sees was recorded by the login, so it is as old as that: see
    /// [`with_roles`](Principal::with_roles).
    pub fn that(holds: impl Fn(&Principal) -> bool + Send + Sync + 'static) -> Self {
        let judge = move |caller: &Principal, _: &Identity, _: &Uri| {
            if holds(caller) { Ok(()) } else { Err(Rejection::forbidden()) }
        };
        Self { judge: Arc::new(judge), redirect: None }
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
        RequireService::new(
            inner,
            Demand::That { name: "`Require`", judge: Arc::clone(&self.judge) },
            self.redirect.clone(),
        )
    }
}

impl fmt::Debug for Require {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Require").field("redirect", &self.redirect).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::{reject::RejectionKind, session::SessionLayer};

    #[tokio::test]
    async fn s90_who_may_not_is_told_otherwise_than_nobody() {
        use portcullis_core::MemoryStore;
        use tower::{ServiceExt, service_fn};

        let rows = [
            ("nobody", None, Err(RejectionKind::Unauthenticated)),
            ("somebody", Some(vec![]), Err(RejectionKind::Forbidden)),
            ("in another role", Some(vec!["administrator"]), Err(RejectionKind::Forbidden)),
            ("in the role", Some(vec!["editor", "admin"]), Ok(())),
        ];
        let Demand::That { judge, .. } = demand() else { panic!("a predicate") };
        let take = service_fn(async |request: Request<()>| {
            Ok::<_, std::convert::Infallible>(http::Response::new(
                request.extensions().get::<Identity>().cloned(),
            ))
        });
        let response = SessionLayer::new(MemoryStore::new()).layer(take).oneshot(Request::new(())).await;
        let identity = response.unwrap_or_else(|never| match never {}).into_body().unwrap();
        for (name, roles, expected) in rows {
            let verdict = match roles {
                None => demand().judge_now(&identity, &Uri::default()).unwrap(),
                Some(roles) => judge(&Principal::local("ada").with_roles(roles), &identity, &Uri::default()),
            };
            assert_eq!(verdict.map_err(|rejection| rejection.kind()), expected, "{name}");
        }
    }

    fn demand() -> Demand {
        let judge = Require::that(|who| who.has_role("admin")).judge;
        Demand::That { name: "`Require`", judge }
    }
}
