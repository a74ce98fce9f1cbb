//! What a bearer layer adds to an identity and to a principal.

use http::Request;

pub(crate) use crate::bearer::slot::BearerSlot;

use super::{Identity, Principal};
use crate::bearer::VerifiedToken;

impl Identity {
    /// Notes in the identity of `request`, made if there is none yet, what a bearer layer made of it. What is noted stays: a second verdict is
    /// given back.
    pub(crate) fn with_bearer<B>(request: &mut Request<B>, slot: BearerSlot) -> Result<(), BearerSlot> {
        match request.extensions().get::<Self>() {
            Some(identity) => identity.bearer_place().set(slot),
            None => Self::new(request, None).bearer_place().set(slot),
        }
    }

    /// The verified token of the request, if it bears one.
    #[must_use]
    pub fn token(&self) -> Option<&VerifiedToken> {
        self.bearer()?.token()
    }
}

impl Principal {
    /// The token that proved it, if one did.
    #[must_use]
    pub fn token(&self) -> Option<&VerifiedToken> {
        self.proof()?.token()
    }

    /// Whether the token that proved it grants `scope`. A session grants none: it is the subject's own, and nothing was delegated.
    ///
    /// # Example
    ///
    /// ```
    /// use portcullis::identity::Principal;
    ///
    /// assert!(!Principal::local("ada").has_scope("orders:read"));
    /// ```
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        self.token().is_some_and(|token| token.has_scope(scope))
    }
}
