use std::{collections::HashMap, sync::Arc};

use http::Uri;
use tower_layer::Layer;

use super::{
    demand::{Demand, Judge},
    service::RequireService,
};
use crate::{
    bearer::ConfigError,
    claims::is_scope,
    identity::{CredentialKind, Identity, Principal},
    reject::{Rejection, RejectionKind},
};

/// Lets only requests through whose bearer token grants a scope.
///
/// Nobody is answered 401, and a token that does not grant it 403 with `insufficient_scope` and the scope that would be enough
/// ([RFC 6750 §3.1]); gRPC callers get `UNAUTHENTICATED` and `PERMISSION_DENIED`.
///
/// A session grants no scope and is answered 403, unless [`or_session`](Self::or_session) lets it through.
///
/// Put it inside of the [`BearerLayer`](crate::bearer::BearerLayer), and inside of what answers CORS preflights.
///
/// # Example
///
/// ```
/// # #[cfg(feature = "axum")] mod example {
/// use axum::{Router, routing::get};
/// use portcullis::{bearer::{BearerLayer, ConfigError, VerifyToken}, require::RequireScope};
///
/// fn app(verifier: impl VerifyToken) -> Result<Router, ConfigError> {
///     Ok(Router::new()
///         .route("/orders", get(async || "all of them").layer(RequireScope::new("orders:read")?))
///         .layer(BearerLayer::new(verifier)))
/// }
/// # }
/// ```
///
/// [RFC 6750 §3.1]: https://www.rfc-editor.org/rfc/rfc6750#section-3.1
#[derive(Clone, Debug)]
pub struct RequireScope {
    demand: ScopeDemand,
    sessions: Sessions,
}

#[derive(Clone, Debug)]
enum ScopeDemand {
    /// One of these, or all of them.
    Of(Grant),
    /// By the path of a gRPC method; one that is not there is open to nobody.
    ByMethod(HashMap<Box<str>, Grant>),
}

#[derive(Clone, Debug)]
struct Grant {
    scopes: Vec<Box<str>>,
    quantity: Quantity,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Quantity {
    Any,
    All,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Sessions {
    Refused,
    LetThrough,
}

impl RequireScope {
    /// Demands `scope`.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Scope`] if it is no scope-token.
    pub fn new(scope: &str) -> Result<Self, ConfigError> {
        Self::all([scope])
    }

    /// Demands every one of `scopes`; of none, only a token.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Scope`] if one of them is no scope-token.
    pub fn all<'a>(scopes: impl IntoIterator<Item = &'a str>) -> Result<Self, ConfigError> {
        Ok(Self::of(ScopeDemand::Of(Grant::new(scopes, Quantity::All)?)))
    }

    /// Demands one of `scopes`; of none, what no token has.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Scope`] if one of them is no scope-token.
    pub fn any<'a>(scopes: impl IntoIterator<Item = &'a str>) -> Result<Self, ConfigError> {
        Ok(Self::of(ScopeDemand::Of(Grant::new(scopes, Quantity::Any)?)))
    }

    /// Demands of each gRPC method the scope that stands beside it, by the method's path, which is `/package.Service/Method`. A method that is
    /// not among them is open to nobody, whatever they have: one that is added to the service later must be added here too. One that is there
    /// twice demands both.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Scope`] if one of them is no scope-token, and [`ConfigError::Method`] if a path is not of that form.
    ///
    /// # Example
    ///
    /// ```
    /// use portcullis::{bearer::ConfigError, require::RequireScope};
    ///
    /// # fn main() -> Result<(), ConfigError> {
    /// let layer = RequireScope::for_method([
    ///     ("/shop.Orders/List", "orders:read"),
    ///     ("/shop.Orders/Place", "orders:write"),
    /// ])?;
    /// # let _ = layer;
    /// # Ok(()) }
    /// ```
    pub fn for_method<'a>(
        methods: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<Self, ConfigError> {
        let mut grants = HashMap::new();
        for (path, scope) in methods {
            if !is_method(path) {
                return Err(ConfigError::Method(path.to_owned()));
            }
            let grant = Grant::new([scope], Quantity::All)?;
            grants.entry(Box::from(path)).or_insert_with(Grant::nothing).scopes.extend(grant.scopes);
        }
        Ok(Self::of(ScopeDemand::ByMethod(grants)))
    }

    /// Lets through also whoever is logged in by a session, as the subject's own hands need no grant. Of gRPC methods it opens those that are
    /// listed.
    ///
    /// # Default
    ///
    /// A session is refused.
    #[must_use]
    pub const fn or_session(mut self) -> Self {
        self.sessions = Sessions::LetThrough;
        self
    }

    const fn of(demand: ScopeDemand) -> Self {
        Self { demand, sessions: Sessions::Refused }
    }

    fn judge(&self, caller: &Principal, identity: &Identity, uri: &Uri) -> Result<(), Rejection> {
        let grant = match &self.demand {
            ScopeDemand::Of(grant) => grant,
            // By the path that is here, which is what a method is chosen by: further out it may have been another.
            ScopeDemand::ByMethod(grants) => grants.get(uri.path()).ok_or_else(Rejection::forbidden)?,
        };
        let needs_no_grant =
            caller.credential() == CredentialKind::Session && self.sessions == Sessions::LetThrough;
        if needs_no_grant || grant.is_met_by(caller) { Ok(()) } else { Err(insufficient(grant, identity)) }
    }
}

impl Grant {
    fn new<'a>(scopes: impl IntoIterator<Item = &'a str>, quantity: Quantity) -> Result<Self, ConfigError> {
        let scopes = scopes.into_iter().map(|scope| {
            if is_scope(scope) { Ok(scope.into()) } else { Err(ConfigError::Scope(scope.to_owned())) }
        });
        Ok(Self { scopes: scopes.collect::<Result<_, _>>()?, quantity })
    }

    const fn nothing() -> Self {
        Self { scopes: Vec::new(), quantity: Quantity::All }
    }

    fn is_met_by(&self, caller: &Principal) -> bool {
        let Some(token) = caller.token() else { return false };
        match self.quantity {
            Quantity::Any => self.scopes.iter().any(|scope| token.has_scope(scope)),
            Quantity::All => self.scopes.iter().all(|scope| token.has_scope(scope)),
        }
    }
}

fn insufficient(grant: &Grant, identity: &Identity) -> Rejection {
    let scope = grant.scopes.join(" ");
    let challenge = identity.bearer().map(|bearer| bearer.insufficient_scope(&scope));
    Rejection::new(RejectionKind::InsufficientScope, format!("the scope is not granted: {scope}"))
        .with_challenges(challenge.into_iter().collect())
}

/// Whether `path` is `/package.Service/Method`, as requests have it ([gRPC over HTTP/2]).
///
/// [gRPC over HTTP/2]: https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md#requests
fn is_method(path: &str) -> bool {
    let names = path.strip_prefix('/').and_then(|names| names.split_once('/'));
    names.is_some_and(|(service, method)| !service.is_empty() && !method.is_empty() && !method.contains('/'))
}

impl<S> Layer<S> for RequireScope {
    type Service = RequireService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        let demand = self.clone();
        let judge: Arc<Judge> = Arc::new(move |caller: &Principal, identity: &Identity, uri: &Uri| {
            demand.judge(caller, identity, uri)
        });
        RequireService::new(inner, Demand::That { name: "`RequireScope`", judge }, None)
    }
}

#[cfg(test)]
mod tests;
